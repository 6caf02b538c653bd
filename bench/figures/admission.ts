import { admit, type Capacity, type Head } from '../../src/domain/admission.ts';
import type { Spending } from '../../src/domain/budget.ts';
import { busyOf, withTaken } from '../../src/domain/busy.ts';
import { type Hold, manualHold, RESUME_AT_ONCE } from '../../src/domain/holds.ts';
import type { Lane, LaneSeat } from '../../src/domain/lane.ts';
import { atMost, type Figure, type Row, row } from '../figure.ts';

const QUEUED = 10_000;
const LANES = [50, 500, 10_000];
const SLOTS = 16;
const NOW = 1_800_000_000_000;
const TIMES = 40;

export const admission: Figure = {
  name: 'admission',
  title: `which of ${QUEUED} queued tasks start now, with limits, holds and budgets of all kinds`,
  run: async ({ rounds }) => LANES.flatMap((lanes) => rowsOf(lanes, rounds)),
};

function rowsOf(lanes: number, rounds: number): Row[] {
  const heads = headsIn(lanes);
  return [
    measured(`${lanes} lanes, a slot free`, heads, capacity(SLOTS - 1), rounds),
    measured(`${lanes} lanes, all slots free`, heads, capacity(0), rounds),
    measured(`${lanes} lanes, no slot free`, heads, capacity(SLOTS), rounds),
  ];
}

/** In CPU time: nothing here waits. */
function measured(name: string, heads: readonly Head[], given: Capacity, rounds: number): Row {
  const times: number[] = [];
  let admitted = 0;
  // The first ones are compiled only then; in a daemon that was a while ago.
  for (let nth = -10; nth < TIMES * rounds; nth++) {
    const before = process.cpuUsage();
    admitted = admit(heads, given, NOW).length;
    const { user, system } = process.cpuUsage(before);
    if (nth >= 0) times.push((user + system) / 1e3);
  }
  return row(name, 'ms of CPU', times, { goal: atMost(5), note: `${admitted} start` });
}

const AGENTS = ['claude', 'codex', 'gemini', 'qwen'];
const seat = (nth: number): LaneSeat => {
  const agent = AGENTS[nth % AGENTS.length] ?? 'claude';
  const family = nth % 3 === 0 ? 'large' : 'small';
  return { agent, account: `${agent}/default/${family}`, costUsd: 0.5 + (nth % 4) };
};

/** Every property differs in a rhythm of its own. */
const laneAt = (nth: number): Lane => ({
  owner: `owner ${nth % 7}`,
  group: nth % 3 === 0 ? null : `group ${nth % 40}`,
  groupSlots: nth % 5 === 0 ? 2 : null,
  labels: nth % 2 === 0 ? {} : { kind: `${nth % 9}`, host: `h${nth % 4}` },
  exclusive: nth % 4 === 0 ? `key ${nth % 100}` : null,
  priority: nth % 4,
  foreground: nth % 97 === 96,
  seats: Array.from({ length: nth % 3 }, (_, other) => seat(nth + other)),
  pick: nth % 6 === 5 ? 'least_busy' : 'in_order',
  ...(nth % 5 === 1 && { workspace: `/repo/${nth % 100}` }),
  ...(nth % 53 === 52 && { check: true as const }),
});

function headsIn(count: number): Head[] {
  const lanes = Array.from({ length: count }, (_, nth) => laneAt(nth));
  return Array.from({ length: QUEUED }, (_, nth) => ({
    id: `t-${nth}`,
    lane: lanes[nth % count] ?? laneAt(nth),
    queuedAt: NOW - (QUEUED - nth) * 500,
  }));
}

const hold = (account: string, nth: number): Hold => ({
  ...manualHold('claude', null, 'usage limit reached', NOW - 60_000),
  account,
  retryAt: NOW + (nth % 3) * 60_000 - 60_000,
  failure: 'rate_limited',
});

const spending = (nth: number): Spending => ({
  budget: {
    name: `budget ${nth}`,
    limitUsd: 20,
    window: 'day',
    agent: nth % 2 === 0 ? null : (AGENTS[nth % AGENTS.length] ?? null),
    group: nth % 3 === 0 ? `group ${nth}` : null,
    owner: nth % 5 === 0 ? `owner ${nth % 7}` : null,
    warn: 0.8,
  },
  spentUsd: nth % 4 === 0 ? 19.5 : 3,
  until: NOW + 3_600_000,
});

function capacity(running: number): Capacity {
  let busy = busyOf([]);
  for (let nth = 0; nth < running; nth++) {
    const lane = { ...laneAt(nth * 13 + 1), exclusive: null };
    busy = withTaken(busy, lane, lane.seats[0] ?? null, NOW - 10_000);
  }
  return {
    limits: {
      slots: SLOTS,
      agents: { claude: 3, codex: 2 },
      groups: Object.fromEntries(Array.from({ length: 20 }, (_, nth) => [`group ${nth}`, 2])),
      labels: { 'kind=3': 1, 'host=h1': 3, kind: 8 },
      checks: 2,
    },
    busy,
    diskLow: false,
    memoryLow: false,
    pauses: { all: false, groups: ['group 11'], agents: ['qwen'] },
    holds: AGENTS.map((agent, nth) => hold(`${agent}/default/large`, nth)),
    resume: RESUME_AT_ONCE,
    spendings: Array.from({ length: 10 }, (_, nth) => spending(nth)),
  };
}
