import { describe, expect, test } from 'vitest';
import { admit, type Capacity, type Head, keptIn, placeFor } from './admission.ts';
import { type Busy, busyOf, withTaken } from './busy.ts';
import { manualHold, RESUME_AT_ONCE } from './holds.ts';
import { keptFor, limitsOn, PATIENCE } from './kept.ts';
import { type Lane, laneFrom, laneKey } from './lane.ts';
import { NOT_PAUSED } from './pauses.ts';

const NOW = 10 * PATIENCE;
const CLAUDE = { agent: 'claude', account: 'claude/default/default', costUsd: 2 };
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
const lane = (given: Partial<Lane>): Lane => ({ ...plain, ...given });
const gpu = lane({ labels: { gpu: 'a' } });
const net = lane({ labels: { net: 'x' }, owner: 'bob' });
const both = lane({ labels: { gpu: 'a', net: 'x' }, owner: 'cyd' });
const LIMITS = {
  slots: 4,
  agents: { claude: 1 },
  groups: { g: 1 },
  labels: { gpu: 1, net: 1 },
  checks: 1,
};

const busy = (...lanes: Lane[]): Busy =>
  lanes.reduce((counts, one) => withTaken(counts, one, one.seats[0] ?? null, NOW), busyOf([]));
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
const head = (of: Lane, age: number, id = 'waits'): Head => ({ id, lane: of, queuedAt: NOW - age });

test.each<[string, Lane, number]>([
  ['nothing', plain, 0],
  ['a key', lane({ exclusive: 'db' }), 1],
  ['a group', lane({ group: 'g' }), 1],
  ['a group without a limit', lane({ group: 'constructor' }), 0],
  ['a group that limits itself', lane({ group: 'h', groupSlots: 1 }), 1],
  ['an agent', lane({ seats: [CLAUDE] }), 1],
  ['an agent without a limit', lane({ seats: [{ ...CLAUDE, agent: 'codex' }] }), 0],
  ['two labels', both, 2],
  ['labels without a limit', lane({ labels: { gpus: 'a', host: 'b' } }), 0],
  ['all of them', { ...both, group: 'g', exclusive: 'db', seats: [CLAUDE] }, 5],
])('%s: so many limits at once', (_, of, expected) => {
  expect(limitsOn(of, LIMITS)).toBe(expected);
});

describe('limits are kept for', () => {
  const oldest = head(both, 2 * PATIENCE, 'oldest');
  const held = manualHold('claude', null, 'no', 0);
  test.each<[string, Head[], Partial<Capacity>, Lane | null]>([
    ['nobody where nobody waits', [], {}, null],
    ['nobody who has waited for less', [head(both, PATIENCE - 1)], {}, null],
    ['who has waited so long', [head(both, PATIENCE)], {}, both],
    ['who waits for one of them', [head(both, PATIENCE)], { busy: busy(gpu) }, both],
    ['nobody who needs only one', [head(gpu, PATIENCE)], {}, null],
    ['nobody who is watched', [head({ ...both, foreground: true }, PATIENCE)], {}, null],
    ['nobody while all is paused', [oldest], { pauses: { ...NOT_PAUSED, all: true } }, null],
    [
      'nobody whose account is held',
      [head({ ...both, seats: [CLAUDE] }, PATIENCE)],
      { holds: [held] },
      null,
    ],
    [
      'the one that has waited longest',
      [
        head({ ...both, owner: 'dan' }, PATIENCE),
        oldest,
        head({ ...both, owner: 'eve' }, PATIENCE),
      ],
      {},
      both,
    ],
  ])('%s', (_, heads, of, expected) => {
    expect(keptIn(heads, capacity(of), NOW)?.lane ?? null).toBe(expected);
  });
});

describe('what is kept for one lane', () => {
  const agent = { ...both, seats: [CLAUDE], group: 'g', exclusive: 'db' };
  const kept = capacity({ kept: keptFor(agent, busyOf([])) });
  const told = (of: Lane): string => {
    const place = placeFor(of, kept, NOW);
    return 'reason' in place ? place.reason : 'starts';
  };

  test.each<[string, Lane, string]>([
    ['is free for it', agent, 'starts'],
    ['and for one that is the same', laneFrom(laneKey(agent)), 'starts'],
    ['is taken for another: a label', gpu, 'label_limit'],
    ['a group', lane({ group: 'g' }), 'group_limit'],
    ['a key', lane({ exclusive: 'db' }), 'exclusive'],
    ['an agent', lane({ seats: [CLAUDE] }), 'agent_limit'],
    ['whatever else is alike', { ...agent, labels: {}, seats: [] }, 'exclusive'],
    ['a slot is not', lane({ owner: 'cyd' }), 'starts'],
  ])('%s', (_, of, expected) => {
    expect(told(of)).toBe(expected);
  });

  test('is no attempt on its account, which others may try', () => {
    const hold = { ...manualHold('claude', null, 'no', 0), failure: 'overloaded' as const };
    const over = { ...hold, account: CLAUDE.account, retryAt: 1 };
    const other = { ...lane({ seats: [CLAUDE] }), owner: 'bob' };
    const of = { ...kept, limits: { ...LIMITS, agents: {} }, holds: [over] };
    expect(placeFor(other, of, NOW)).toEqual({ seat: CLAUDE });
  });
});

describe('who needs two limits, which others take in turn,', () => {
  /** Who starts as the one or the other of them ends, one after the other. */
  const starts = (age: number): string => {
    const heads = [head(both, age, 'both'), head(gpu, 1, 'gpu'), head(net, 1, 'net')];
    const ends = (others: Busy): string =>
      admit(heads, capacity({ busy: others }), NOW)
        .map((one) => one.head.id)
        .join(' ');
    return `${ends(busy(net))}, ${ends(busy(gpu))}, ${ends(busyOf([]))}`;
  };

  test('is passed by at first', () => {
    expect(starts(PATIENCE - 1)).toBe('gpu, net, both');
  });

  test('but not for ever', () => {
    expect(starts(PATIENCE)).toBe(', , both');
  });

  test('and once it has started, nothing more is kept for those that come after it', () => {
    const after = { ...both, owner: 'dan' };
    const open = { ...LIMITS, labels: { gpu: 2, net: 2 } };
    const heads = [head(both, 2 * PATIENCE, 'a'), head(after, PATIENCE, 'b'), head(gpu, 1, 'c')];
    const admitted = admit(heads, capacity({ limits: open }), NOW);
    expect(admitted.map((one) => one.head.id)).toEqual(['a', 'b']);
  });

  test('what others take beside is not kept twice', () => {
    const open = { ...LIMITS, labels: { gpu: 2, net: 2 } };
    const heads = [head(both, 2 * PATIENCE, 'both'), head(gpu, 2, 'one'), head(gpu, 1, 'other')];
    const busyNow = busy(net, net);
    const admitted = admit(heads, capacity({ limits: open, busy: busyNow }), NOW);
    expect(admitted.map((one) => one.head.id)).toEqual(['one']);
  });
});
