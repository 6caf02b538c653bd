import { describe, expect, test } from 'vitest';
import { type Capacity, closedBecause, placeFor } from './admission.ts';
import type { Spending } from './budget.ts';
import { type Busy, busyOf, withTaken } from './busy.ts';
import { type Hold, manualHold, RESUME_AT_ONCE } from './holds.ts';
import type { Lane } from './lane.ts';
import { NOT_PAUSED } from './pauses.ts';

const NOW = 1_000_000;

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
const lane = (given: Partial<Lane> = {}): Lane => ({ ...plain, ...given });

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

describe('nothing at all starts', () => {
  test.each<[string, Partial<Capacity>, string | null]>([
    ['never mind', {}, null],
    ['although all slots are taken: a watched task may', { busy: full }, null],
    ['while everything is paused', pauses({ all: true }), 'paused'],
    ['while only a group is: the others may', pauses({ groups: ['g'] }), null],
    ['without space', { diskLow: true }, 'disk'],
    ['without memory', { memoryLow: true }, 'memory'],
    ['without both', { diskLow: true, memoryLow: true }, 'disk'],
    [
      'paused, without both',
      { ...pauses({ all: true }), diskLow: true, memoryLow: true },
      'paused',
    ],
  ])('%s', (_, given, reason) => {
    expect(closedBecause(capacity(given))?.reason ?? null).toBe(reason);
    const place = placeFor(lane(), capacity({ ...given, busy: busyOf([]) }), NOW);
    expect('reason' in place ? place.reason : null).toBe(reason);
  });
});

type Row = [string, Lane, Partial<Capacity>, string];
const grouped = lane({ group: 'g' });
const labelled = lane({ labels: { gpu: 'a', net: 'x' } });

/** `reason what until "detail"`, as far as the words of who refused go; or where it would run. */
function told(given: Lane, of: Partial<Capacity>): string {
  const place = placeFor(given, capacity(of), NOW);
  if ('seat' in place) return `on ${place.seat?.agent ?? 'a slot'}`;
  const { reason, what, until, detail } = place;
  const rest = until === null ? '' : ` +${until - NOW}`;
  return `${reason} ${what ?? '-'}${rest}${detail === null ? '' : ` "${detail.split(';')[0]}"`}`;
}

describe('a command', () => {
  test.each<Row>([
    ['has a slot', lane(), {}, 'on a slot'],
    ['has the last slot', lane(), { busy: busy(lane(), lane(), lane()) }, 'on a slot'],
    ['waits for a slot', lane(), { busy: full }, 'slots -'],
    [
      'waits where slots were taken away',
      lane(),
      { busy: full, ...limits({ slots: 1 }) },
      'slots -',
    ],
    ['is watched', lane({ foreground: true }), { busy: full }, 'on a slot'],
    ['is watched, but paused', lane({ foreground: true }), pauses({ all: true }), 'paused -'],
    ['of a paused group', grouped, pauses({ groups: ['g'] }), 'paused group g'],
    ['of another group', grouped, pauses({ groups: ['h'] }), 'on a slot'],
    ['of no group', lane(), pauses({ groups: ['g', ''] }), 'on a slot'],
    [
      'has a group with room',
      grouped,
      { busy: busy(grouped), ...limits({ groups: { g: 2 } }) },
      'on a slot',
    ],
    [
      'has a full group',
      grouped,
      { busy: busy(grouped), ...limits({ groups: { g: 1 } }) },
      'group_limit g',
    ],
    [
      'has a group with the name of what every object has',
      lane({ group: 'constructor', groupSlots: 1, labels: { toString: 'valueOf' } }),
      { busy: busy(lane({ group: 'constructor' })) },
      'group_limit constructor',
    ],
    ['has a closed group', grouped, limits({ groups: { g: 0 } }), 'group_limit g'],
    [
      'has a group that limits itself',
      { ...grouped, groupSlots: 1 },
      { busy: busy(grouped) },
      'group_limit g',
    ],
    [
      'has a group whose lower limit counts',
      { ...grouped, groupSlots: 3 },
      { busy: busy(grouped, grouped), ...limits({ groups: { g: 2 } }) },
      'group_limit g',
    ],
    [
      'is watched in a full group',
      { ...grouped, foreground: true },
      { busy: busy(grouped), ...limits({ groups: { g: 1 } }) },
      'on a slot',
    ],
    [
      'has labels with room',
      labelled,
      { busy: busy(labelled), ...limits({ labels: { gpu: 2 } }) },
      'on a slot',
    ],
    [
      'has a label in use',
      labelled,
      { busy: busy(labelled), ...limits({ labels: { net: 1 } }) },
      'label_limit net',
    ],
    [
      'has a value of a label in use',
      labelled,
      { busy: busy(labelled), ...limits({ labels: { 'gpu=a': 1 } }) },
      'label_limit gpu=a',
    ],
    [
      'has another value of a label in use',
      lane({ labels: { gpu: 'b' } }),
      { busy: busy(labelled), ...limits({ labels: { 'gpu=a': 1 } }) },
      'on a slot',
    ],
    [
      'has a free key',
      lane({ exclusive: 'db' }),
      { busy: busy(lane({ exclusive: 'x' })) },
      'on a slot',
    ],
    [
      'has a taken key',
      lane({ exclusive: 'db' }),
      { busy: busy(lane({ exclusive: 'db' })) },
      'exclusive db',
    ],
    [
      'is watched, but its key is taken',
      lane({ exclusive: 'db', foreground: true }),
      { busy: busy(lane({ exclusive: 'db' })) },
      'exclusive db',
    ],
    [
      'has no account',
      lane(),
      { holds: [held('claude/*', null)], spendings: [spending(11)] },
      'on a slot',
    ],
  ])('%s', (_, given, of, expected) => {
    expect(told(given, of)).toBe(expected);
  });
});
