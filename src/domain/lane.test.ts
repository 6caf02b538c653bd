import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentWork, Seat } from './agent-work.ts';
import { ENVELOPES } from './envelope.ts';
import { type Lane, laneFrom, laneKey, laneOf, seatAt } from './lane.ts';
import { NO_RETRY } from './retry.ts';
import type { TaskSpec } from './task.ts';

const spec: TaskSpec = {
  work: { kind: 'command', argv: ['true'] },
  title: 'true',
  cwd: '/',
  environment: null,
  owner: 'cli:1',
  group: null,
  parent: null,
  depth: 0,
  labels: {},
  priority: 0,
  streams: 'merged',
  timeout: 1,
  idleTimeout: null,
  queueTimeout: null,
  grace: 0,
  retry: NO_RETRY,
  after: [],
  notify: 'always',
  remind: 0,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};

const seat = (agent: string, tier: 'lite' | 'standard'): Seat => ({
  agent,
  model: null,
  tier,
  envelope: ENVELOPES[tier],
  permissions: 'workspace',
  isolated: false,
  account: `${agent}/default/default`,
});
const work: AgentWork = {
  ...seat('claude', 'standard'),
  kind: 'agent',
  brief: 'mend it',
  prompt: 'mend it',
  onQuota: 'wait',
  others: [seat('codex', 'lite')],
  resume: null,
};
const CLAUDE = { agent: 'claude', account: 'claude/default/default', costUsd: 2 };
const CODEX = { agent: 'codex', account: 'codex/default/default', costUsd: 0.5 };

const plain: Lane = {
  owner: 'cli:1',
  group: null,
  groupSlots: null,
  labels: {},
  exclusive: null,
  priority: 0,
  foreground: false,
  seats: [],
  pick: 'in_order',
};

describe('the lane of', () => {
  const { others: _, ...alone } = work;
  test.each<[string, Partial<TaskSpec>, Partial<Lane>]>([
    ['a command', {}, {}],
    ['one with a priority', { priority: -3 }, { priority: -3 }],
    ['a child', { ancestors: ['t-2', 't-1'] }, { ancestors: ['t-2', 't-1'] }],
    ['nobody’s child', { ancestors: [] }, {}],
    ['a group', { group: 'g' }, { group: 'g' }],
    ['a group with slots of its own', { group: 'g', groupSlots: 2 }, { group: 'g', groupSlots: 2 }],
    ['no group: its slots mean nothing', { groupSlots: 2 }, {}],
    ['an exclusive task', { exclusive: 'db' }, { exclusive: 'db' }],
    ['a watched task', { foreground: true }, { foreground: true }],
    ['labels', { labels: { b: '2', a: '1' } }, { labels: { a: '1', b: '2' } }],
    ['an agent that waits', { work }, { seats: [CLAUDE] }],
    ['an agent that asks', { work: { ...work, onQuota: 'ask' } }, { seats: [CLAUDE] }],
    ['one that falls back', { work: { ...work, onQuota: 'fallback' } }, { seats: [CLAUDE, CODEX] }],
    [
      'one that takes the least busy',
      { work: { ...work, pick: 'least_busy' } },
      { seats: [CLAUDE, CODEX], pick: 'least_busy' },
    ],
    [
      'one that falls back to nobody',
      { work: { ...alone, onQuota: 'fallback' } },
      { seats: [CLAUDE] },
    ],
  ])('%s', (_name, given, expected) => {
    expect(laneOf({ ...spec, ...given })).toEqual({ ...plain, ...expected });
  });
});

test('what does not decide about the start does not tell lanes apart', () => {
  const other: Partial<TaskSpec> = {
    work: { kind: 'command', command: 'sleep 1', shell: '/bin/sh' },
    title: 'other',
    cwd: '/tmp',
    parent: 't-1',
    timeout: 7,
    key: 'k',
    name: 'n',
    exclusive: null,
    foreground: false,
    groupSlots: null,
  };
  expect(laneKey(laneOf({ ...spec, ...other }))).toBe(laneKey(laneOf(spec)));
});

test('the seat of a lane is the one of the work that it was made from, also where an agent is named twice', () => {
  const cheap = seat('claude', 'lite');
  const twice: AgentWork = { ...work, onQuota: 'fallback', others: [cheap, seat('codex', 'lite')] };
  const { seats } = laneOf({ ...spec, work: twice });
  expect(seats.map((one) => seatAt(twice, one))).toEqual([twice, ...(twice.others ?? [])]);
  expect(seatAt(work, CODEX)).toBeUndefined();
  expect(seatAt(work, { ...CLAUDE, costUsd: 7 })).toBeUndefined();
});

const label = fc.constantFrom('a', 'b', '1', '2', 'Z', '__proto__', 'ä');

test('equal lanes have equal keys, whatever the order of their labels', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(label, fc.string()), { selector: ([key]) => key }),
      (all) => {
        const [one, other] = [all, all.toReversed()].map((labels) =>
          laneOf({ ...spec, labels: Object.fromEntries(labels) }),
        );
        expect(one && laneKey(one)).toBe(other && laneKey(other));
      },
    ),
  );
});

test('a lane is read from its key as it was', () => {
  const given = fc.record({
    owner: fc.string(),
    group: fc.option(fc.string(), { nil: null }),
    groupSlots: fc.option(fc.nat(), { nil: null }),
    labels: fc.dictionary(label, fc.string()),
    exclusive: fc.option(fc.string(), { nil: null }),
    priority: fc.integer(),
    foreground: fc.boolean(),
    work: fc.constantFrom(spec.work, work, { ...work, pick: 'least_busy' as const }),
  });
  fc.assert(
    fc.property(given, (one) => {
      const lane = laneOf({ ...spec, ...one });
      const read = laneFrom(laneKey(lane));
      expect(read).toEqual(lane);
      expect(laneKey(read)).toBe(laneKey(lane));
    }),
  );
});
