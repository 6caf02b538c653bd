import { describe, expect, test } from 'vitest';
import { utcOf } from './civil.ts';
import { type Digest, digestText, fateOf, sumsOf } from './digest.ts';
import type { EndedTask, Task } from './task.ts';

const FROM = utcOf({ year: 2026, month: 11, day: 26, hour: 9, minute: 0, second: 0 });
const NOTHING = {
  knownUsd: 0,
  unknown: 0,
  unknownUsd: 0,
  running: 0,
  reservedUsd: 0,
  attempts: 0,
  tokens: 0,
};
const ended = (
  id: string,
  state: EndedTask['state'],
  reason: string | null = null,
  checks: unknown = null,
): EndedTask =>
  ({
    id,
    state,
    ...(reason !== null && { reason }),
    attempt: null,
    endedAt: 5,
    spec: { title: `work of ${id}`, checks },
  }) as unknown as EndedTask;
const waiting = { ...ended('t-w', 'completed'), state: 'awaiting_review' } as unknown as Task;
const digest = (given: Partial<Digest> = {}): Digest => ({
  from: FROM,
  to: FROM + 1,
  owner: null,
  ended: [],
  more: false,
  waiting: [],
  cost: NOTHING,
  ...given,
});

describe('the fate of a task', () => {
  test.each([
    [ended('t', 'completed'), 'succeeded'],
    [ended('t', 'completed', null, { verify: {} }), 'failed'],
    [ended('t', 'failed', 'exit_code'), 'failed'],
    [ended('t', 'cancelled', 'user'), 'other'],
    [ended('t', 'skipped', 'dependency_failed'), 'other'],
  ])('%#', (task, fate) => {
    expect(fateOf(task)).toBe(fate);
    expect(sumsOf([task])).toEqual({ succeeded: 0, failed: 0, other: 0, [fate]: 1 });
  });
});

describe('a digest in words', () => {
  test('of nothing', () => {
    expect(digestText(digest())).toBe('Since 2026-11-26 09:00 UTC: 0 done, 0 failed');
  });

  test('tells what failed, what waits, what is done, and the cost', () => {
    const text = digestText(
      digest({
        ended: [
          ended('t-1', 'completed'),
          ended('t-2', 'failed', 'exit_code'),
          ended('t-3', 'cancelled', 'user'),
          ended('t-4', 'completed', null, { verify: {} }),
        ],
        more: true,
        waiting: [waiting],
        cost: { ...NOTHING, knownUsd: 1.2, attempts: 3 },
      }),
    );
    expect(text.split('\n')).toEqual([
      'Since 2026-11-26 09:00 UTC: 1 done, 2 failed, 1 cancelled or skipped, 1 waiting for you (of the newest)',
      'cost $1.20',
      'failed (exit_code): t-2 work of t-2',
      'failed (unverified): t-4 work of t-4',
      'waits: t-w work of t-w',
      'done: t-1 work of t-1',
    ]);
  });

  test('says where a cost is a guess, and leaves out what nobody reads', () => {
    const many = Array.from({ length: 12 }, (_, nth) => ended(`t-${nth}`, 'completed'));
    const cost = { ...NOTHING, knownUsd: 1, unknown: 1, unknownUsd: 2, attempts: 2 };
    const lines = digestText(digest({ ended: many, cost })).split('\n');
    expect(lines[1]).toBe('cost $3.00 at most');
    expect(lines).toHaveLength(13);
    expect(lines.at(-1)).toBe('… and 2 more');
  });
});
