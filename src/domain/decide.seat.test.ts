import { expect, test } from 'vitest';
import { EMPTY_REPORT } from './agent-report.ts';
import type { AgentFacts, AgentWork, Seat } from './agent-work.ts';
import { decide } from './decide.ts';
import { ENVELOPES } from './envelope.ts';
import { type Evidence, NO_CHILDREN } from './evidence.ts';
import { NO_RETRY } from './retry.ts';
import type { TaskIn, TaskSpec } from './task.ts';

const PROCESS = { pid: 7, startTime: '42', bootId: 'boot' };
const STARTED = 91_000;
const CODEX: Seat = {
  agent: 'codex',
  model: null,
  tier: 'lite',
  envelope: { ...ENVELOPES.lite, turns: 3 },
  permissions: 'workspace',
  isolated: false,
  account: 'codex/default/default',
};
const work: AgentWork = {
  ...CODEX,
  kind: 'agent',
  agent: 'claude',
  account: 'claude/default/default',
  tier: 'high',
  envelope: ENVELOPES.high,
  brief: 'mend it',
  prompt: 'mend it',
  onQuota: 'fallback',
  others: [CODEX],
  resume: null,
};
const spec: TaskSpec = {
  work,
  title: 'mend it',
  cwd: '/',
  environment: null,
  owner: 'cli:1',
  group: null,
  parent: null,
  depth: 0,
  labels: {},
  priority: 0,
  streams: 'split',
  timeout: 60 * 60_000,
  idleTimeout: null,
  queueTimeout: null,
  grace: 5_000,
  retry: NO_RETRY,
  after: [],
  notify: 'always',
  remind: 0,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};
const core = { id: 't-1', version: 3, node: 'n', createdAt: 80_000, spec };
const facts = (seat?: Seat): AgentFacts => ({
  ...(seat !== undefined && { seat }),
  sessionId: null,
  resumed: null,
  before: null,
  report: null,
  settledAt: null,
});
const claimed = (seat?: Seat): TaskIn<'claimed'> => ({
  ...core,
  state: 'claimed',
  attempt: {
    number: 1,
    node: 'n',
    claimedAt: 90_000,
    process: null,
    startedAt: null,
    deadlineAt: null,
    endedAt: null,
    outcome: null,
    agent: facts(seat),
  },
});
const running = (seat?: Seat): TaskIn<'running'> => ({
  ...core,
  state: 'running',
  attempt: {
    ...claimed(seat).attempt,
    process: PROCESS,
    startedAt: STARTED,
    deadlineAt: STARTED + 9e6,
    idleFrom: STARTED,
  },
});
const evidence = (turns: number): Evidence => ({
  attempt: { kind: 'alive', process: PROCESS, startedAt: STARTED },
  agent: { report: { ...EMPTY_REPORT, turns }, outcome: null },
  readiness: { kind: 'ready' },
  children: NO_CHILDREN,
  earlier: [],
  checks: [],
  orphaned: false,
  vitals: null,
  outputLimit: 1_000,
  overBudget: false,
  chance: 0,
});

test('an attempt may run as long as its own agent may', () => {
  const deadline = (seat?: Seat): unknown => {
    const next = decide(claimed(seat), evidence(0), 92_000)?.next;
    return next?.state === 'running' && next.attempt.deadlineAt;
  };
  expect(deadline()).toBe(STARTED + 60 * 60_000);
  expect(deadline(CODEX)).toBe(STARTED + 10 * 60_000);
});

test('an attempt is stopped beyond the envelope of its own agent', () => {
  expect(decide(running(), evidence(4), 92_000)).toBeNull();
  expect(decide(running(CODEX), evidence(3), 92_000)).toBeNull();
  expect(decide(running(CODEX), evidence(4), 92_000)?.next).toMatchObject({
    state: 'stopping',
    stop: { reason: 'max_turns' },
  });
});
