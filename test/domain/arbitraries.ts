/** Generators of everything the domain decides on: any task in any state, any evidence, any moment. */
import fc, { type Arbitrary } from 'fast-check';
import type {
  EndedAttempt,
  Exit,
  OpenAttempt,
  Outcome,
  OutputSummary,
  RunningAttempt,
} from '../../src/domain/attempt.ts';
import { NOTIFY_POLICIES } from '../../src/domain/delivery.ts';
import { DEPENDENCY_CONDITIONS, type Readiness } from '../../src/domain/dependencies.ts';
import type { AttemptEvidence, Children, Evidence } from '../../src/domain/evidence.ts';
import {
  CANCEL_REASONS,
  FAIL_REASONS,
  SKIP_REASONS,
  type State,
  STATES,
  STOP_REASONS,
} from '../../src/domain/lifecycle.ts';
import type { Facts, Next, StopRequest, Task, TaskIn, TaskSpec } from '../../src/domain/task.ts';
import { agentEvidence, agentFacts, agentOutcome, agentWork } from './agent-arbitraries.ts';
import { moment, name, orNull } from './values.ts';
import { workerFacts } from './worker-arbitraries.ts';

export { moment } from './values.ts';
const ms = fc.integer({ min: 0, max: 100 });
/** A record of which some keys may be missing, as those that were stored before there were agents. */
const withOptional = <T extends object, O extends object>(
  required: Arbitrary<T>,
  optional: { [K in keyof O]: Arbitrary<O[K]> },
): Arbitrary<T & Partial<O>> =>
  fc
    .tuple(required, fc.record(optional, { requiredKeys: [] }))
    .map(([given, more]) => ({ ...given, ...more }) as T & Partial<O>);

const retry = fc.record({
  attempts: fc.integer({ min: 0, max: 5 }),
  backoff: fc.array(ms, { maxLength: 3 }),
});

const required: Arbitrary<TaskSpec> = fc.record({
  work: fc.oneof(
    fc.record({
      kind: fc.constant('command' as const),
      command: fc.string(),
      shell: fc.constant('/bin/sh'),
    }),
    fc.record({ kind: fc.constant('command' as const), argv: fc.array(fc.string()) }),
    agentWork,
  ),
  title: fc.string(),
  cwd: fc.constant('/'),
  environment: orNull(name),
  owner: fc.oneof(name, fc.string()),
  group: orNull(name),
  parent: orNull(name),
  depth: fc.nat({ max: 3 }),
  labels: fc.dictionary(name, fc.string()),
  priority: fc.integer(),
  streams: fc.constantFrom('merged' as const, 'split' as const),
  timeout: ms,
  idleTimeout: orNull(ms),
  queueTimeout: orNull(ms),
  grace: ms,
  retry,
  after: fc.array(fc.record({ task: name, when: fc.constantFrom(...DEPENDENCY_CONDITIONS) })),
  notify: fc.constantFrom(...NOTIFY_POLICIES),
  remind: ms,
  onDone: orNull(fc.string()),
  key: orNull(name),
  retryOf: orNull(name),
  resumeOf: orNull(name),
});
export const spec: Arbitrary<TaskSpec> = withOptional(required, {
  firstOutputTimeout: orNull(ms),
  contextFrom: fc.array(name, { maxLength: 2 }),
});

const process = fc.record({ pid: fc.nat(), startTime: name, bootId: name });
const exit: Arbitrary<Exit> = fc.oneof(
  fc.record({ code: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ signal: fc.constantFrom('TERM', 'KILL', 'SEGV') }),
);
const output: Arbitrary<OutputSummary> = fc.record({
  bytes: fc.nat({ max: 1_000 }),
  truncated: fc.boolean(),
  preview: fc.string(),
  errorTail: fc.constantFrom('', 'boom', 'bang'),
});
const survivors = fc.array(fc.record({ pid: fc.nat(), command: fc.string() }), { maxLength: 2 });
const lostHow = fc.constantFrom('vanished' as const, 'rebooted' as const, 'unreadable' as const);

export const outcome: Arbitrary<Outcome> = fc.oneof(
  fc.record({ kind: fc.constant('exited' as const), code: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('signaled' as const), signal: fc.constantFrom('TERM', 'KILL') }),
  fc.record({ kind: fc.constant('stopped' as const), reason: fc.constantFrom(...STOP_REASONS) }),
  fc.record({ kind: fc.constant('spawn_failed' as const), detail: fc.string() }),
  fc.record({ kind: fc.constant('lost' as const), how: lostHow }),
  fc.constant({ kind: 'voided' as const }),
  fc.constant({ kind: 'parked' as const }),
  agentOutcome,
);

const numbered = { number: fc.integer({ min: 1, max: 9 }), node: name, claimedAt: moment };
const never = fc.constant(null);
const beforeRun = orNull(fc.record({ at: moment, veto: orNull(fc.string()) }));
const perhapsAgents = <T extends object>(attempt: Arbitrary<T>) =>
  withOptional(attempt, { agent: agentFacts, worker: workerFacts, beforeRun });
const openAttempt: Arbitrary<OpenAttempt> = perhapsAgents(
  fc.record({
    ...numbered,
    process: never,
    startedAt: never,
    deadlineAt: never,
    endedAt: never,
    outcome: never,
  }),
);
const runningAttempt: Arbitrary<RunningAttempt> = perhapsAgents(
  fc.record({
    ...numbered,
    process,
    startedAt: moment,
    deadlineAt: moment,
    idleFrom: moment,
    endedAt: never,
    outcome: never,
  }),
);
export const endedAttempt: Arbitrary<EndedAttempt> = perhapsAgents(
  fc.record({
    ...numbered,
    process: orNull(process),
    startedAt: orNull(moment),
    deadlineAt: orNull(moment),
    endedAt: moment,
    outcome,
    exit: orNull(exit),
    output,
    survivors,
  }),
);

const stop: Arbitrary<StopRequest> = withOptional(
  fc.record({
    reason: fc.constantFrom(...STOP_REASONS),
    requestedAt: moment,
    killAt: moment,
  }),
  { termAt: moment },
);

const perhapsEnded = orNull(endedAttempt);
const ended = { attempt: endedAttempt };
const endedWell = endedAttempt.map((attempt): EndedAttempt => ({
  ...attempt,
  outcome: { kind: 'exited', code: 0 },
}));
/** Any facts that a state can have. */
export const FACTS: { [S in State]: Arbitrary<Facts[S]> } = {
  waiting: fc.record({ runAt: orNull(moment), attempt: perhapsEnded }),
  queued: fc.record({ queuedAt: moment, attempt: perhapsEnded }),
  claimed: fc.record({ attempt: openAttempt }),
  running: fc.record({ attempt: runningAttempt }),
  stopping: fc.record({ attempt: fc.oneof(openAttempt, runningAttempt), stop }),
  finishing: fc.record(ended),
  awaiting_input: fc.record(ended),
  awaiting_children: fc.record({ attempt: endedWell }),
  awaiting_review: fc.record(ended),
  completed: fc.record({ ...ended, endedAt: moment }),
  failed: fc.record({
    attempt: perhapsEnded,
    endedAt: moment,
    reason: fc.constantFrom(...FAIL_REASONS),
  }),
  cancelled: fc.record({
    attempt: perhapsEnded,
    endedAt: moment,
    reason: fc.constantFrom(...CANCEL_REASONS),
  }),
  skipped: fc.record({
    attempt: perhapsEnded,
    endedAt: moment,
    reason: fc.constantFrom(...SKIP_REASONS),
  }),
};

const core = fc.record({ id: name, version: fc.nat(), node: name, createdAt: moment, spec });

export const taskIn = <S extends State>(...states: readonly S[]): Arbitrary<TaskIn<S>> =>
  fc.oneof(
    ...states.map((state) =>
      fc
        .tuple(core, FACTS[state])
        .map(([given, facts]) => ({ ...given, state, ...facts }) as unknown as TaskIn<S>),
    ),
  );
export const task: Arbitrary<Task> = taskIn(...STATES);

/** What may follow: for each state some facts to enter it with. */
export const nexts: Arbitrary<{ [S in State]: Next<S> }> = fc.record(FACTS).map(
  (all) =>
    Object.fromEntries(STATES.map((state) => [state, { state, ...all[state] }])) as {
      [S in State]: Next<S>;
    },
);

const remains = {
  process: orNull(process),
  startedAt: orNull(moment),
  at: moment,
  output,
  survivors,
};
export const attemptEvidence: Arbitrary<AttemptEvidence> = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc.constant({ kind: 'voided' as const }),
  fc.record({ kind: fc.constant('alive' as const), process, startedAt: moment }),
  fc.record({ kind: fc.constant('exited' as const), exit, ...remains }),
  fc.record({ kind: fc.constant('gone' as const), how: lostHow, ...remains }),
  fc.record({ kind: fc.constant('refused' as const), detail: fc.string() }),
);

const readiness: Arbitrary<Readiness> = fc.oneof(
  fc.constant({ kind: 'ready' as const }),
  fc.constant({ kind: 'pending' as const }),
  fc.record({ kind: fc.constant('never' as const), reason: fc.constantFrom(...SKIP_REASONS) }),
);

const children: Arbitrary<Children> = fc.record({
  open: fc.nat({ max: 2 }),
  failed: fc.nat({ max: 2 }),
  endedAt: orNull(moment),
});

export const evidence: Arbitrary<Evidence> = fc.record({
  attempt: attemptEvidence,
  agent: orNull(agentEvidence),
  readiness,
  children,
  earlier: fc.array(endedAttempt, { maxLength: 4 }),
  checks: fc.constant([]),
  orphaned: fc.boolean(),
  vitals: orNull(fc.record({ lastActivityAt: moment, bytes: fc.nat({ max: 1_000 }) })),
  outputLimit: fc.nat({ max: 1_000 }),
  overBudget: fc.boolean(),
  chance: fc.double({ min: 0, max: 0.999, noNaN: true }),
});
