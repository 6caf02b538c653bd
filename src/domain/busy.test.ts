import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentWork, Seat } from './agent-work.ts';
import type { OpenAttempt } from './attempt.ts';
import { type Busy, busyOf, isExclusiveFree, withTaken } from './busy.ts';
import { ENVELOPES } from './envelope.ts';
import { holdingsOf } from './holdings.ts';
import { type Lane, laneOf } from './lane.ts';
import { NO_RETRY } from './retry.ts';
import type { Task, TaskSpec } from './task.ts';

const spec: TaskSpec = {
  work: { kind: 'command', argv: ['true'] },
  title: 'true',
  cwd: '/',
  environment: null,
  owner: 'ann',
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
const seat = (agent: string): Seat => ({
  agent,
  model: null,
  tier: 'lite',
  envelope: ENVELOPES.lite,
  permissions: 'workspace',
  isolated: false,
  account: `${agent}/default/default`,
});
const work: AgentWork = {
  ...seat('claude'),
  kind: 'agent',
  brief: 'mend it',
  prompt: 'mend it',
  onQuota: 'fallback',
  others: [seat('codex')],
  resume: null,
};
const open = (claimedAt: number): OpenAttempt => ({
  number: 1,
  node: 'n',
  claimedAt,
  process: null,
  startedAt: null,
  deadlineAt: null,
  endedAt: null,
  outcome: null,
});
const facts = { sessionId: null, resumed: null, before: null, report: null, settledAt: null };

type Given = Partial<TaskSpec> & { id?: string };
const core = ({ id = 't-1', ...given }: Given = {}) => ({
  id,
  version: 2,
  node: 'n',
  createdAt: 0,
  spec: { ...spec, ...given },
});
const claimed = (given: Given = {}, claimedAt = 10): Task => ({
  ...core(given),
  state: 'claimed',
  attempt: open(claimedAt),
});
const over = {
  ...open(10),
  endedAt: 20,
  outcome: { kind: 'exited', code: 0 },
  exit: { code: 0 },
  output: { bytes: 0, truncated: false, preview: '', errorTail: '' },
  survivors: [],
} as const;
const finishing = (given: Given = {}): Task => ({
  ...core(given),
  state: 'finishing',
  attempt: { ...over, survivors: [] },
});

const NOTHING: Busy = {
  total: 0,
  checks: 0,
  agents: new Map(),
  accounts: new Map(),
  owners: new Map(),
  groups: new Map(),
  labels: new Map(),
  exclusive: new Set(),
  workspaces: new Set(),
};
const one: Partial<Busy> = {
  total: 1,
  owners: new Map([['ann', 1]]),
  groups: new Map([['', 1]]),
};
const onClaude: Partial<Busy> = {
  ...one,
  agents: new Map([['claude', 1]]),
  accounts: new Map([['claude/default/default', [10]]]),
};

describe('what is busy with', () => {
  const stop = { reason: 'user', requestedAt: 12, killAt: 15 } as const;
  const running = {
    ...open(10),
    process: { pid: 7, startTime: '1', bootId: 'b' },
    startedAt: 11,
    deadlineAt: 99,
    idleFrom: 11,
  };
  test.each<[string, Task[], Partial<Busy>]>([
    ['nothing', [], {}],
    ['a task that is claimed', [claimed()], one],
    ['one that runs', [{ ...core(), state: 'running', attempt: running }], one],
    ['one that stops', [{ ...core(), state: 'stopping', attempt: running, stop }], one],
    ['one that is through with its process', [finishing()], {}],
    [
      'one that is through with its process, but not with its work',
      [finishing({ exclusive: 'db' })],
      { exclusive: new Set(['db']) },
    ],
    ['an exclusive one', [claimed({ exclusive: 'db' })], { ...one, exclusive: new Set(['db']) }],
    [
      'tasks that are not live',
      [
        { ...core(), state: 'waiting', runAt: null, attempt: null },
        { ...core({ exclusive: 'db' }), state: 'queued', queuedAt: 0, attempt: null },
        { ...core(), state: 'completed', endedAt: 20, attempt: { ...over, survivors: [] } },
      ],
      {},
    ],
    ['one of a group', [claimed({ group: 'g' })], { ...one, groups: new Map([['g', 1]]) }],
    [
      'labels, by name and by value',
      [claimed({ labels: { gpu: 'a' } }), claimed({ labels: { gpu: 'b' } })],
      {
        total: 2,
        owners: new Map([['ann', 2]]),
        groups: new Map([['', 2]]),
        labels: new Map([
          ['gpu', 2],
          ['gpu=a', 1],
          ['gpu=b', 1],
        ]),
      },
    ],
    ['an agent whose facts are not known', [claimed({ work })], onClaude],
    [
      'an agent',
      [{ ...core({ work }), state: 'claimed', attempt: { ...open(10), agent: facts } }],
      onClaude,
    ],
    [
      'another agent than the one that was asked for',
      [
        {
          ...core({ work }),
          state: 'claimed',
          attempt: { ...open(10), agent: { ...facts, seat: seat('codex') } },
        },
      ],
      {
        ...one,
        agents: new Map([['codex', 1]]),
        accounts: new Map([['codex/default/default', [10]]]),
      },
    ],
    [
      'two on one account',
      [claimed({ work }, 10), claimed({ work, owner: 'bob' }, 12)],
      {
        total: 2,
        owners: new Map([
          ['ann', 1],
          ['bob', 1],
        ]),
        groups: new Map([['', 2]]),
        agents: new Map([['claude', 2]]),
        accounts: new Map([['claude/default/default', [10, 12]]]),
      },
    ],
  ])('%s', (_, tasks, expected) => {
    expect(busyOf(tasks)).toEqual({ ...NOTHING, ...expected });
  });
});

test.each<[string | null, string[], boolean]>([
  [null, [], true],
  [null, ['db'], true],
  ['db', [], true],
  ['db', ['other'], true],
  ['db', ['db'], false],
])('the key %s is free while %j are taken: %s', (exclusive, taken, free) => {
  const lane: Lane = { ...laneOf(spec), exclusive };
  expect(isExclusiveFree({ ...NOTHING, exclusive: new Set(taken) }, lane)).toBe(free);
});

const name = fc.constantFrom('a', 'b', 'c');
const asked = fc.record({
  owner: name,
  group: fc.option(name, { nil: null }),
  labels: fc.dictionary(name, name),
  exclusive: fc.option(name, { nil: null }),
  work: fc.constantFrom(spec.work, work),
});

test('taking one after the other counts as looking at all of them, and changes no earlier count', () => {
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 6 }), (all) => {
      const tasks = all.map((given, nth) => claimed({ ...given, id: `t-${nth}` }, nth));
      let busy = busyOf([]);
      for (const [nth, task] of tasks.entries()) {
        const before = structuredClone(busy);
        const lane = laneOf(task.spec);
        const next = withTaken(busy, lane, lane.seats[0] ?? null, nth);
        expect(busy).toEqual(before);
        busy = next;
      }
      expect(busy).toEqual(busyOf(tasks));
    }),
  );
});

test('what a task has is known while it holds a slot', () => {
  const agent = claimed({ id: 't-2', work }, 7);
  const waits: Task = { ...core({ id: 't-3' }), state: 'queued', queuedAt: 1, attempt: null };
  const tasks = [claimed(), agent, finishing({ id: 't-4' }), waits];
  expect(holdingsOf(tasks)).toEqual(
    new Map([
      ['t-1', { lane: laneOf(spec), seat: null, claimedAt: 10 }],
      ['t-2', { lane: laneOf(agent.spec), seat: work, claimedAt: 7 }],
    ]),
  );
});
