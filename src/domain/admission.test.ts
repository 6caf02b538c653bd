import { describe, expect, test } from 'vitest';
import { admit, type Capacity, type Head } from './admission.ts';
import type { Spending } from './budget.ts';
import { type Busy, busyOf, withTaken } from './busy.ts';
import { type Hold, manualHold, RESUME_AT_ONCE } from './holds.ts';
import type { Lane, LaneSeat } from './lane.ts';
import { NOT_PAUSED } from './pauses.ts';
import { AGING } from './turns.ts';

const NOW = 100 * AGING;

const plain: Lane = {
  owner: 'ann',
  group: null,
  groupSlots: null,
  labels: {},
  exclusive: null,
  priority: 0,
  foreground: false,
  seats: [],
  pick: 'in_order',
};
const seat = (agent: string, costUsd = 2): LaneSeat => ({
  agent,
  account: `${agent}/default/default`,
  costUsd,
});
const CLAUDE = seat('claude');
const CODEX = seat('codex');
const lane = (given: Partial<Lane> = {}): Lane => ({ ...plain, ...given });
const leastBusy = lane({ seats: [CLAUDE, CODEX], pick: 'least_busy' });

/** What is busy once tasks of these lanes run, each on its first seat. */
const busy = (...lanes: Lane[]): Busy =>
  lanes.reduce((counts, one) => withTaken(counts, one, one.seats[0] ?? null, NOW - 1), busyOf([]));

const LIMITS = { slots: 4, agents: {}, groups: {}, labels: {}, checks: 2 };
const capacity = (given: Partial<Capacity> = {}): Capacity => ({
  limits: LIMITS,
  busy: busyOf([]),
  diskLow: false,
  memoryLow: false,
  pauses: NOT_PAUSED,
  holds: [],
  resume: RESUME_AT_ONCE,
  spendings: [],
  ...given,
});
const held = (account: string, retryAt: number | null, failed = true): Hold => ({
  ...manualHold('claude', null, 'so it is', 0),
  account,
  retryAt,
  since: NOW - 10,
  failure: failed ? 'rate_limited' : null,
});
const spending = (spentUsd: number, given: Partial<Spending['budget']> = {}): Spending => ({
  budget: {
    name: 'month',
    limitUsd: 10,
    window: 'month',
    agent: null,
    group: null,
    owner: null,
    warn: 0.8,
    ...given,
  },
  spentUsd,
  until: NOW + 77,
});

const full = busy(lane(), lane(), lane(), lane());
const pauses = (given: Partial<Capacity['pauses']>) => ({ pauses: { ...NOT_PAUSED, ...given } });
const limits = (given: Partial<Capacity['limits']>) => ({ limits: { ...LIMITS, ...given } });

let count = 0;
const head = (given: Partial<Lane>, age = 0, id = `t-${++count}`): Head => ({
  id,
  lane: lane(given),
  queuedAt: NOW - age,
});
const order = (heads: Head[], of: Partial<Capacity> = {}, now = NOW): string =>
  admit(heads, capacity(of), now)
    .map(({ head: { id }, seat: taken }) => (taken === null ? id : `${id}:${taken.agent}`))
    .join(' ');

describe('first goes', () => {
  const one = { limits: { ...LIMITS, slots: 1 } };
  const [low, high, old] = [
    head({}, 1, 'low'),
    head({ priority: 2 }, 0, 'high'),
    head({}, 9, 'old'),
  ];
  test.each<[string, Head[], Partial<Capacity>, string]>([
    ['nobody where nobody waits', [], {}, ''],
    ['who is older', [low, old], {}, 'old low'],
    ['who has the higher priority', [low, old, high], {}, 'high old low'],
    ['only one where there is one slot', [low, old, high], one, 'high'],
    ['nobody where there is none', [low], { busy: full }, ''],
    ['nobody while all is paused', [low], pauses({ all: true }), ''],
    [
      'whoever the others leave a place',
      [head({ group: 'g' }, 9, 'g'), low],
      limits({ groups: { g: 0 } }),
      'low',
    ],
    [
      'who has less running',
      [head({ owner: 'ann' }, 9, 'ann'), head({ owner: 'bob' }, 1, 'bob')],
      { busy: busy(lane({ owner: 'ann' })) },
      'bob ann',
    ],
    [
      'owner by owner',
      [
        head({}, 9, 'a1'),
        head({}, 8, 'a2'),
        head({}, 7, 'a3'),
        head({ owner: 'bob' }, 1, 'b1'),
        head({ owner: 'bob' }, 0, 'b2'),
      ],
      {},
      'a1 b1 a2 b2',
    ],
    [
      'then group by group',
      [
        head({ group: 'g' }, 9, 'g1'),
        head({ group: 'g' }, 8, 'g2'),
        head({ group: 'h' }, 1, 'h1'),
        head({}, 0, 'none'),
      ],
      {},
      'g1 h1 none g2',
    ],
    [
      'who is watched, beside all the others',
      [low, head({ foreground: true }, 0, 'seen'), old],
      { busy: full },
      'seen',
    ],
    [
      'one of two with the same key',
      [head({ exclusive: 'db' }, 9, 'x1'), head({ exclusive: 'db' }, 8, 'x2'), low],
      {},
      'x1 low',
    ],
    [
      'one that tries an account again',
      [head({ seats: [CLAUDE] }, 9, 'c1'), head({ seats: [CLAUDE], owner: 'bob' }, 8, 'c2')],
      { holds: [held(CLAUDE.account, NOW)] },
      'c1:claude',
    ],
    [
      'as many as there is money for',
      [
        head({ seats: [CLAUDE] }, 9, 'c1'),
        head({ seats: [CLAUDE] }, 8, 'c2'),
        head({ seats: [seat('codex', 1)] }, 7, 'x'),
      ],
      { spendings: [spending(7)] },
      'c1:claude x:codex',
    ],
    [
      'one on each agent',
      [head(leastBusy, 9, 'l1'), head(leastBusy, 8, 'l2'), head(leastBusy, 7, 'l3')],
      {},
      'l1:claude l2:codex l3:claude',
    ],
  ])('%s', (_, heads, of, expected) => {
    expect(order(heads, of)).toBe(expected);
  });
});

describe('waiting', () => {
  const slot = limits({ slots: 1 });
  const fresh = (priority: number, id = 'fresh') => head({ priority }, 0, id);
  test.each<[string, number, number, string]>([
    ['less than a point is worth', 1, AGING - 1, 'fresh'],
    ['as long as a point is worth, and it is older', 1, AGING, 'waited'],
    ['for less than all points', 3, 3 * AGING - 1, 'fresh'],
    ['for all points', 3, 3 * AGING, 'waited'],
    ['beyond all points', 3, 9 * AGING, 'waited'],
    ['since a moment that has not come', 0, -1, 'fresh'],
  ])('%s', (_, priority, age, expected) => {
    expect(order([head({}, age, 'waited'), fresh(priority)], slot)).toBe(expected);
  });

  test('raises nobody above the highest that may start: owners still take turns', () => {
    const heads = [head({}, 50 * AGING, 'old'), head({ owner: 'bob' }, 0, 'new')];
    expect(order(heads, { busy: busy(lane()), ...limits({ slots: 2 }) })).toBe('new');
  });

  test('those that cannot start raise nobody', () => {
    const blocked = head({ priority: 9, group: 'g' }, 0, 'blocked');
    const heads = [head({}, 50 * AGING, 'old'), head({ owner: 'bob' }, 0, 'new'), blocked];
    const of = { busy: busy(lane()), ...limits({ slots: 2, groups: { g: 0 } }) };
    expect(order(heads, of)).toBe('new');
  });
});
