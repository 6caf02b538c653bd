import { describe, expect, test } from 'vitest';
import { type Capacity, placeFor } from './admission.ts';
import type { Spending } from './budget.ts';
import { type Busy, busyOf, withTaken } from './busy.ts';
import { type Hold, manualHold, RESUME_AT_ONCE } from './holds.ts';
import type { Lane, LaneSeat } from './lane.ts';
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
const seat = (agent: string, costUsd = 2): LaneSeat => ({
  agent,
  account: `${agent}/default/default`,
  costUsd,
});
const CLAUDE = seat('claude');
const CODEX = seat('codex');
const lane = (given: Partial<Lane> = {}): Lane => ({ ...plain, ...given });
const onClaude = lane({ seats: [CLAUDE] });
const either = lane({ seats: [CLAUDE, CODEX] });
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

type Row = [string, Lane, Partial<Capacity>, string];

/** `reason what until "detail"`, as far as the words of who refused go; or where it would run. */
function told(given: Lane, of: Partial<Capacity>): string {
  const place = placeFor(given, capacity(of), NOW);
  if ('seat' in place) return `on ${place.seat?.agent ?? 'a slot'}`;
  const { reason, what, until, detail } = place;
  const rest = until === null ? '' : ` +${until - NOW}`;
  return `${reason} ${what ?? '-'}${rest}${detail === null ? '' : ` "${detail.split(';')[0]}"`}`;
}

describe('an agent', () => {
  const account = CLAUDE.account;
  const crowded = { busy: busy(onClaude), ...limits({ agents: { claude: 1 } }) };
  test.each<Row>([
    ['has its agent', onClaude, {}, 'on claude'],
    [
      'has it beyond other accounts that are held',
      onClaude,
      { holds: [held('codex/*', null)] },
      'on claude',
    ],
    ['is paused', onClaude, pauses({ agents: ['claude'] }), 'paused agent claude'],
    ['is held', onClaude, { holds: [held(account, NOW + 5)] }, `held ${account} +5 "so it is"`],
    [
      'is held by a person',
      onClaude,
      { holds: [held('claude/*', null, false)] },
      'held claude/* "so it is"',
    ],
    ['is free after its hold', onClaude, { holds: [held(account, NOW)] }, 'on claude'],
    [
      'waits for the one that tries first',
      onClaude,
      { holds: [held(account, NOW)], busy: busy(onClaude) },
      `held ${account} "so it is"`,
    ],
    [
      'waits for quiet hours',
      onClaude,
      { holds: [held(account, NOW)], resume: { automatic: true, quietUntil: NOW + 9 } },
      `held ${account} +9 "so it is"`,
    ],
    ['has money left', onClaude, { spendings: [spending(8)] }, 'on claude'],
    ['has none left', onClaude, { spendings: [spending(8.1)] }, 'budget month +77'],
    [
      'could never pay',
      onClaude,
      { spendings: [spending(0, { limitUsd: 1 })] },
      'budget month "it may cost $2, and the whole budget is $1"',
    ],
    [
      'has some of another agent',
      onClaude,
      { spendings: [spending(9, { agent: 'codex' })] },
      'on claude',
    ],
    [
      'has none for its owner',
      onClaude,
      { spendings: [spending(9, { owner: 'ann' })] },
      'budget month +77',
    ],
    [
      'has none for its group',
      { ...onClaude, group: 'g' },
      { spendings: [spending(9, { group: 'g' })] },
      'budget month +77',
    ],
    ['is as busy as it may be', onClaude, crowded, 'agent_limit claude'],
    ['is watched', { ...onClaude, foreground: true }, crowded, 'on claude'],
    [
      'is watched, but held',
      { ...onClaude, foreground: true },
      { holds: [held(account, null)] },
      `held ${account} "so it is"`,
    ],
    ['has an agent, but no slot', onClaude, { busy: full }, 'slots -'],
    [
      'is held before it is crowded',
      onClaude,
      { ...crowded, holds: [held(account, NOW + 5)] },
      `held ${account} +5 "so it is"`,
    ],
  ])('%s', (_, given, of, expected) => {
    expect(told(given, of)).toBe(expected);
  });

  const busyClaude = { busy: busy(onClaude) };
  const bothFull = {
    busy: busy(onClaude, lane({ seats: [CODEX] })),
    ...limits({ agents: { claude: 1, codex: 1 } }),
  };
  test.each<Row>([
    ['takes the first', either, busyClaude, 'on claude'],
    ['waits for the first rather than fall back', either, crowded, 'agent_limit claude'],
    ['falls back when the first is held', either, { holds: [held(account, NOW + 5)] }, 'on codex'],
    [
      'falls back when the first has no money',
      either,
      { spendings: [spending(9, { agent: 'claude' })] },
      'on codex',
    ],
    ['falls back when the first is paused', either, pauses({ agents: ['claude'] }), 'on codex'],
    [
      'waits for what is over first',
      either,
      { holds: [held(account, NOW + 5), held('codex/*', NOW + 3)] },
      'held codex/* +3 "so it is"',
    ],
    [
      'waits for what is over at all',
      either,
      { holds: [held(account, null), held('codex/*', NOW + 3)] },
      'held codex/* +3 "so it is"',
    ],
    [
      'names the first when nobody can say',
      either,
      { holds: [held(account, null), held('codex/*', null)] },
      `held ${account} "so it is"`,
    ],
    ['takes the least busy', leastBusy, busyClaude, 'on codex'],
    [
      'takes the first by name of equals',
      lane({ ...leastBusy, seats: [CODEX, CLAUDE] }),
      {},
      'on claude',
    ],
    [
      'takes the one that has room',
      leastBusy,
      { busy: busy(lane({ seats: [CODEX] })), ...limits({ agents: { claude: 0 } }) },
      'on codex',
    ],
    [
      'takes the busier one while the other is held',
      leastBusy,
      { ...busyClaude, holds: [held('codex/*', null)] },
      'on claude',
    ],
    ['waits when both are full', leastBusy, bothFull, 'agent_limit claude'],
    ['is watched while both are full', { ...leastBusy, foreground: true }, bothFull, 'on claude'],
  ])('of several %s', (_, given, of, expected) => {
    expect(told(given, of)).toBe(expected);
  });
});
