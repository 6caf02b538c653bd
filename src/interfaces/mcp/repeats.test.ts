import { expect, it } from 'vitest';
import { openRepeats } from './repeats.ts';

it('notices the same answer to the same question within ten seconds, and no other', () => {
  let now = 0;
  const repeats = openRepeats(() => now);
  expect(repeats.of('a', { id: 1 }, 'x')).toBeNull();
  now = 9_000;
  expect(repeats.of('a', { id: 1 }, 'x')).toContain('Do not poll');
  expect(repeats.of('a', { id: 2 }, 'x')).toBeNull();
  expect(repeats.of('b', { id: 1 }, 'x')).toBeNull();
  expect(repeats.of('a', { id: 1 }, 'y')).toBeNull();
  now = 30_000;
  expect(repeats.of('a', { id: 1 }, 'y')).toBeNull();
});

it('forgets what was asked long before', () => {
  const repeats = openRepeats(() => 0);
  repeats.of('a', 0, 'x');
  for (let n = 1; n <= 50; n++) repeats.of('a', n, 'x');
  expect(repeats.of('a', 0, 'x')).toBeNull();
  expect(repeats.of('a', 50, 'x')).not.toBeNull();
});
