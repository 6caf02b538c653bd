import { afterAll, expect, test } from 'vitest';
import { Home } from './home.ts';

const home = new Home();
afterAll(() => home.close());

test('an ended task: states with times, attempts, outcome, verdict, output', async () => {
  const id = await home.run('--label', 'a=1', '--', 'echo one; echo two; exit 3');
  await home.tend(['wait', id]);
  const text = await home.out('show', id.slice(0, 8));
  expect(text).toMatch(new RegExp(`^${id}  echo one; echo two; exit 3\n`));
  expect(text).toMatch(/state +failed {2}failed with exit code 3 after /);
  expect(text).toMatch(/verdict +failed\n/);
  expect(text).toMatch(/labels +a=1\n/);
  for (const state of ['queued', 'claimed', 'finishing', 'failed (exit code)'])
    expect(text).toContain(state);
  expect(text).toMatch(/1\. started \S+, pid \d+, ran \S+, exit code 3\n/);
  expect(text).toContain('  8 B\n  │ one\n  │ two\n');
});

test('an open task: why it waits, in one sentence', async () => {
  const busy = await home.run('--id', 'busy', '--timeout', '10m', '--', 'sleep 60');
  const next = await home.run('--after', busy, '--', 'true');
  expect(await home.out('show', next)).toContain('waits for busy to complete');
  expect(await home.out('show', busy)).toMatch(/times out +\S+ \(in (9|10)m\)\n/);
  await home.tend(['config', 'set', 'limits.slots', '1']);
  const full = await home.run('--', 'true');
  expect(await home.out('show', full)).toContain('waits for a free slot');
  await home.tend(['kill', '--wait', busy, next, full]);
});

test('what a task wrote never reaches the terminal as commands', async () => {
  const id = await home.run('--title', 'T', '--', 'printf "\\033]0;evil\\007x"');
  await home.tend(['wait', id]);
  const { stdout } = await home.startOnTerminal(['show', id]).result;
  expect(stdout).not.toContain('\u001b]');
  expect(stdout).not.toContain('\u0007');
});

test('-q is the full id', async () => {
  const id = await home.run('--', 'true');
  expect(await home.out('show', '-q', id.slice(0, 9))).toBe(`${id}\n`);
});
