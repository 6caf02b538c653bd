import fc from 'fast-check';
import { expect, test } from 'vitest';
import { admit, type Capacity, type Head, placeFor } from './admission.ts';
import { reserved, type Spending } from './budget.ts';
import { busyOf, withTaken } from './busy.ts';
import { type Hold, manualHold } from './holds.ts';
import type { Lane, LaneSeat } from './lane.ts';
import { AGING } from './turns.ts';

const NOW = 1_000 * AGING;
const some = <T>(...values: [T, ...T[]]) => fc.constantFrom(...values);

const seat = fc.record<LaneSeat>({
  agent: some('claude', 'codex'),
  account: some('claude/default/opus', 'claude/default/haiku', 'codex/default/default'),
  costUsd: some(1, 2),
});
const lane = fc.record<Lane>({
  owner: some('ann', 'bob', 'cyd'),
  group: some(null, 'g', 'h'),
  groupSlots: some(null, 1, 2),
  labels: some<Readonly<Record<string, string>>>({}, { gpu: 'a' }, { gpu: 'b', net: 'x' }),
  exclusive: some(null, null, 'db'),
  priority: fc.integer({ min: -2, max: 2 }),
  foreground: some(false, false, false, true),
  seats: fc.array(seat, { maxLength: 2 }),
  pick: some('in_order', 'least_busy'),
});
const limit = fc.integer({ min: 0, max: 3 });
const hold = fc
  .record({
    account: some('claude/*', 'claude/default/opus', 'codex/default/default'),
    retryAt: some(null, NOW, NOW + 1),
    failure: some(null, 'rate_limited' as const),
  })
  .map((given): Hold => ({ ...manualHold('claude', null, 'busy', NOW - 50), ...given }));
const spending = fc.record<Spending>({
  budget: fc.record({
    name: some('all'),
    limitUsd: some(4),
    window: some('day' as const),
    agent: some(null, 'claude'),
    group: some(null, 'g'),
    owner: some(null, 'ann'),
    warn: some(0.8),
  }),
  spentUsd: some(0, 1, 3, 5),
  until: some(NOW + 5),
});
const capacity = fc
  .record({
    limits: fc.record({
      slots: fc.integer({ min: 1, max: 5 }),
      agents: fc.dictionary(some('claude', 'codex'), limit),
      groups: fc.dictionary(some('g', 'h'), limit),
      labels: fc.dictionary(some('gpu', 'gpu=a', 'net'), limit),
      checks: limit,
    }),
    running: fc.array(lane, { maxLength: 3 }),
    pauses: some(
      { all: false, groups: [], agents: [] },
      { all: false, groups: ['h'], agents: ['codex'] },
    ),
    holds: fc.array(hold, { maxLength: 2 }),
    resume: some(
      { automatic: true, quietUntil: null },
      { automatic: false, quietUntil: null },
      { automatic: true, quietUntil: NOW + 7 },
    ),
    spendings: fc.array(spending, { maxLength: 2 }),
  })
  .map(({ running, ...given }): Capacity => ({
    ...given,
    diskLow: false,
    memoryLow: false,
    busy: running.reduce(
      (counts, one) => withTaken(counts, one, one.seats[0] ?? null, NOW - 10),
      busyOf([]),
    ),
  }));
/** All of different ages, so that their order is never a matter of chance. */
const heads = fc
  .array(fc.tuple(lane, fc.integer({ min: 0, max: 40 })), { maxLength: 8 })
  .map((all) =>
    all.map(([one, age], nth): Head => ({
      id: `t-${nth}`,
      lane: one,
      queuedAt: NOW - (age * AGING) / 10 - nth,
    })),
  );

function taken(given: Capacity, { owner, group, ...rest }: Lane, on: LaneSeat | null): Capacity {
  const busy = withTaken(given.busy, { owner, group, ...rest }, on, NOW);
  return on === null
    ? { ...given, busy }
    : { ...given, busy, spendings: reserved(given.spendings, { ...on, owner, group }) };
}

test('each one that is admitted has its place, on the seat it was given, beside those before it', () => {
  fc.assert(
    fc.property(heads, capacity, (all, given) => {
      let now = given;
      const seen = new Set<string>();
      for (const { head, seat: on } of admit(all, given, NOW)) {
        expect(placeFor(head.lane, now, NOW)).toEqual({ seat: on });
        expect(all).toContain(head);
        expect(seen.has(head.id)).toBe(false);
        seen.add(head.id);
        now = taken(now, head.lane, on);
      }
    }),
    { numRuns: 300 },
  );
});

test('asked until nobody starts any more, nobody who could is left out', () => {
  fc.assert(
    fc.property(heads, capacity, (all, given) => {
      let now = given;
      let left = all;
      // Once may be too few: what one starts may turn another to an agent that it would not have used before.
      for (let admitted = admit(left, now, NOW); admitted.length > 0;) {
        now = admitted.reduce((before, one) => taken(before, one.head.lane, one.seat), now);
        left = left.filter((head) => !admitted.some((one) => one.head === head));
        admitted = admit(left, now, NOW);
      }
      for (const { lane: one } of left) expect(placeFor(one, now, NOW)).toHaveProperty('reason');
    }),
    { numRuns: 300 },
  );
});

test('in whatever order they are asked, the same ones start', () => {
  fc.assert(
    fc.property(heads, capacity, (all, given) => {
      expect(admit(all.toReversed(), given, NOW)).toEqual(admit(all, given, NOW));
    }),
    { numRuns: 200 },
  );
});

test('whoever starts has no more running than any of its priority who could start instead', () => {
  const level = 0;
  fc.assert(
    fc.property(heads, capacity, (all, given) => {
      const equals = all.map((head) => ({ ...head, lane: { ...head.lane, priority: level } }));
      let now = given;
      let left = equals;
      for (const { head, seat: on } of admit(equals, given, NOW)) {
        const runs = (owner: string): number => now.busy.owners.get(owner) ?? 0;
        for (const other of left)
          if ('seat' in placeFor(other.lane, now, NOW))
            expect(runs(head.lane.owner)).toBeLessThanOrEqual(runs(other.lane.owner));
        left = left.filter((one) => one !== head);
        now = taken(now, head.lane, on);
      }
    }),
    { numRuns: 300 },
  );
});
