import { describe, expect, test } from 'vitest';
import { admit, type Capacity, type Head, placeFor } from './admission.ts';
import { type Busy, busyOf, withTaken } from './busy.ts';
import { RESUME_AT_ONCE } from './holds.ts';
import { busyBesides, type Holding, holdingsOf, ofAncestors } from './holdings.ts';
import type { Lane, LaneSeat } from './lane.ts';
import { NOT_PAUSED } from './pauses.ts';

const NOW = 1_000_000;
const ACCOUNT = 'claude/default/default';
const seat: LaneSeat = { agent: 'claude', account: ACCOUNT, costUsd: 1 };
const lane = (given: Partial<Lane> = {}): Lane => ({
  owner: 'ann',
  group: null,
  groupSlots: null,
  labels: {},
  exclusive: null,
  priority: 0,
  foreground: false,
  seats: [],
  pick: 'in_order',
  ...given,
});

const nothing: Busy = busyOf([]);
const running = (...holdings: Holding[]): Busy =>
  holdings.reduce(
    (busy, one) =>
      withTaken(
        busy,
        one.lane,
        one.seat === null ? null : { ...one.seat, costUsd: 1 },
        one.claimedAt,
      ),
    nothing,
  );

const capacity = (
  slots: number,
  tasks: Record<string, Holding>,
  more: Partial<Capacity> = {},
): Capacity => ({
  limits: { slots, agents: {}, groups: {}, labels: {}, checks: 2 },
  busy: running(...Object.values(tasks)),
  holdings: new Map(Object.entries(tasks)),
  diskLow: false,
  memoryLow: false,
  pauses: NOT_PAUSED,
  holds: [],
  resume: RESUME_AT_ONCE,
  spendings: [],
  ...more,
});

const holding = (given: Partial<Lane> = {}, on: LaneSeat | null = null): Holding => ({
  lane: lane(given),
  seat: on,
  claimedAt: NOW - 5,
});

const head = (id: string, of: Lane): Head => ({ id, lane: of, queuedAt: NOW });
const started = (heads: readonly Head[], given: Capacity): string[] =>
  admit(heads, given, NOW).map((one) => one.head.id);

describe('a child that its parent may wait for', () => {
  const child = (given: Partial<Lane> = {}): Lane => lane({ ancestors: ['t-parent'], ...given });

  test('starts though its parent has the last slot, and one at a time', () => {
    const given = capacity(1, { 't-parent': holding() });
    const children = [head('t-1', child()), head('t-2', child()), head('t-other', lane())];
    expect(started(children, given)).toEqual(['t-1']);
  });

  test('of a parent that has ended takes its turn like all others', () => {
    const given = capacity(1, { 't-other': holding() });
    expect(started([head('t-1', child())], given)).toEqual([]);
  });

  test('of two parents that have all slots: one after the other, and none for ever', () => {
    const given = capacity(2, { 't-a': holding(), 't-b': holding() });
    const heads = ['t-a', 't-b'].map((id) => head(`${id}-child`, lane({ ancestors: [id] })));
    expect(started(heads, given)).toEqual(['t-a-child']);
  });

  test('is not kept from anything by what an ancestor further up has', () => {
    const given = capacity(1, { 't-top': holding() });
    expect(started([head('t-1', lane({ ancestors: ['t-gone', 't-top'] }))], given)).toEqual([
      't-1',
    ]);
  });

  const limited = {
    agents: { claude: 1 },
    groups: { g: 1 },
    labels: { gpu: 1, 'kind=build': 1 },
    checks: 2,
  };
  test.each<[string, Partial<Lane>]>([
    ['the group', { group: 'g' }],
    ['the label', { labels: { gpu: '0' } }],
    ['the value of the label', { labels: { kind: 'build' } }],
    ['the agent', { seats: [seat] }],
  ])('may use %s that its parent uses, and nobody else may', (_, given) => {
    const parent = holding(given, given.seats === undefined ? null : seat);
    const full = capacity(9, { 't-parent': parent }, { limits: { slots: 9, ...limited } });
    expect(placeFor(lane(given), full, NOW)).toHaveProperty('reason');
    expect(placeFor(child(given), full, NOW)).toHaveProperty('seat');
    const second = { ...full, busy: withTaken(full.busy, child(given), null, NOW) };
    const isAgent = given.seats !== undefined;
    if (!isAgent) expect(placeFor(child(given), second, NOW)).toHaveProperty('reason');
  });

  test('waits for the key that its parent has', () => {
    const given = capacity(9, { 't-parent': holding({ exclusive: 'db' }) });
    expect(placeFor(child({ exclusive: 'db' }), given, NOW)).toMatchObject({ reason: 'exclusive' });
  });

  test('may use the account that its parent tries first', () => {
    const hold = {
      account: ACCOUNT,
      agent: 'claude',
      class: 'until',
      until: NOW - 9,
      retryAt: NOW - 9,
      since: NOW - 99,
      count: 1,
      reason: 'weekly limit',
      failure: 'quota_exhausted',
      taskId: 't-0',
    } as const;
    const given = capacity(9, { 't-parent': holding({}, seat) }, { holds: [hold] });
    expect(placeFor(lane({ seats: [seat] }), given, NOW)).toMatchObject({ reason: 'held' });
    expect(placeFor(child({ seats: [seat] }), given, NOW)).toEqual({ seat });
  });
});

test('only what the ancestors have is left out', () => {
  const own = holding({ group: 'g', labels: { gpu: '0' }, exclusive: 'db' }, seat);
  const other = { ...holding({ group: 'g', exclusive: 'disk' }, seat), claimedAt: NOW - 7 };
  const left = busyBesides(running(own, other), [own]);
  expect(left).toEqual({
    ...running(other),
    owners: new Map([['ann', 2]]),
    exclusive: new Set(['db', 'disk']),
    labels: new Map([
      ['gpu', 0],
      ['gpu=0', 0],
    ]),
  });
  expect(busyBesides(nothing, [own]).agents.get('claude')).toBe(-1);
});

test('of several claims in one moment only the own ones are left out', () => {
  const own = holding({}, seat);
  const left = busyBesides(running(own, holding({}, seat), holding()), [own, holding()]);
  expect(left.accounts).toEqual(new Map([[ACCOUNT, [NOW - 5]]]));
  expect(left.total).toBe(1);
});

test('what a task has is known while it holds a slot', () => {
  expect(holdingsOf([])).toEqual(new Map());
  expect(ofAncestors(lane(), new Map([['t-1', holding()]]))).toEqual([]);
  expect(ofAncestors(lane({ ancestors: ['t-1', 't-2'] }), new Map([['t-1', holding()]]))).toEqual([
    holding(),
  ]);
});
