import { statSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { workerTokens } from '../../src/adapters/tokens/worker-tokens.ts';
import { tokenAt } from '../../src/interfaces/http/guard.ts';

const PLACE = { taskId: 't-a_b-1', createdAt: 1_700_000_000_000.5, attempt: 12 };
const tokens = workerTokens('the secret');

test('a token names its attempt, the same whenever it is made', () => {
  const token = tokens.of(PLACE);
  expect(workerTokens('the secret').of(PLACE)).toBe(token);
  expect(tokens.read(token)).toEqual({ ...PLACE, createdAt: 1_700_000_000_000 });
  expect(token).toMatch(/^[A-Za-z0-9_.-]+$/);
});

test('what was not made here is none', () => {
  const token = tokens.of(PLACE);
  const parts = token.split('.');
  const forged = (at: number, part: string) => parts.with(at, part).join('.');
  for (const wrong of [
    '',
    'tw1',
    forged(0, 'tw2'),
    forged(1, 't-other'),
    forged(2, '1'),
    forged(3, '13'),
    forged(4, 'A'.repeat(43)),
    forged(4, (parts[4] ?? '').slice(1)),
    `${token}.`,
    ` ${token}`,
    `${token}\n`,
    workerTokens('another secret').of(PLACE),
  ])
    expect(tokens.read(wrong)).toBeNull();
});

test('attempts, tasks and times have tokens of their own', () => {
  const all = [
    PLACE,
    { ...PLACE, attempt: 13 },
    { ...PLACE, taskId: 't-1' },
    { ...PLACE, createdAt: PLACE.createdAt + 1 },
  ];
  expect(new Set(all.map((place) => tokens.of(place))).size).toBe(4);
});

test('the secret is kept private, and stays', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tend-tokens-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'worker-secret');
  const secret = tokenAt(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(tokenAt(path)).toBe(secret);
  expect(workerTokens(tokenAt(path)).read(workerTokens(secret).of(PLACE))).not.toBeNull();
});
