/**
 * Writes docs/lifecycle.md from the tables of src/domain, so that the two cannot disagree.
 *
 *   node scripts/lifecycle-doc.ts [--check] [file]    --check writes nothing and fails when the file is stale
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ERRORS } from '../src/domain/errors.ts';
import {
  CANCEL_REASONS,
  FAIL_REASONS,
  holdsSlot,
  isTerminal,
  LIFECYCLE,
  QUEUE_REASONS,
  type QueueReason,
  type Reason,
  SKIP_REASONS,
  type State,
  STATES,
  STOP_REASONS,
} from '../src/domain/lifecycle.ts';
import { isSuccess, type Verdict, VERDICTS, verdict } from '../src/domain/verdict.ts';

type Event = keyof typeof LIFECYCLE;

const MEANING: Record<State, readonly [meaning: string, waitsFor: string]> = {
  waiting: ['dependencies not met, start time or retry time not reached', 'tasks, the clock'],
  queued: ['could start; why it has not is its queue reason', 'the scheduler'],
  claimed: ['taken by a node, its attempt has a number; the launch is in flight', 'the launch'],
  running: ['its process is known to live', 'the process'],
  stopping: ['a stop was asked for and its reason stored', 'the process'],
  finishing: ['the process is over, what follows is being settled', 'the engine'],
  awaiting_input: ['parked on an open question, no process', 'a person'],
  awaiting_children: ['own work done, subtasks not', 'subtasks'],
  awaiting_review: ['work done, a person must accept it', 'a person'],
  completed: ['ended, the work was done (a command: exit 0)', '–'],
  failed: ['ended otherwise; the reason says how', '–'],
  cancelled: ['ended because somebody stopped it; never counted as a failure', '–'],
  skipped: ['ended without ever starting', '–'],
};

const EVENT: Record<Event, string> = {
  submit: 'a new task that could start at once',
  schedule: 'a new task that has to wait for tasks or for a time',
  release: 'nothing is left to wait for',
  claim: 'a node takes it and numbers a new attempt',
  unclaim: 'nothing ran: the claim was voided, so that no late wrapper can start',
  start: 'the process was seen',
  requestStop: 'the reason of a stop is stored, before the first signal',
  exit: 'the attempt is over: a record, a proof of loss, or a refused launch',
  requeue: 'another attempt follows',
  ask: 'a question is open',
  awaitChildren: 'subtasks are open',
  awaitReview: 'a person must accept',
  complete: 'ended well',
  fail: 'ended otherwise',
  cancel: 'ended by somebody',
  skip: 'will never start',
};

const REASON: Record<Reason, string> = {
  exit_code: 'the command ended with another exit code than 0',
  settled: 'the agent had said what it came to, and its process was ended',
  signal: 'the command was ended by a signal that Tend did not send',
  timed_out: 'ran longer than its time limit',
  idle: 'wrote nothing for longer than its idle limit',
  no_first_output: 'wrote nothing at all for too long after its start',
  budget_exceeded: 'cost more than it was granted',
  output_limit: 'wrote more than one stream may hold',
  spawn_failed: 'could not be launched: the attempt names the program or folder',
  rate_limited: 'the agent hit a limit of its account',
  quota_exhausted: 'the agent’s account is used up',
  auth_failed: 'the agent is not logged in',
  model_unavailable: 'the agent does not have the model',
  max_turns: 'the agent used up its turns',
  no_final_answer: 'the agent ended without an answer',
  agent_error: 'the agent reported an error',
  uncommitted_changes: 'work was left that could not be saved',
  verify_failed: 'the work ended well, its verification did not pass',
  judge_rejected: 'the judge did not accept the work',
  rejected: 'a person did not accept the work',
  question_expired: 'nobody answered in time',
  queue_timeout: 'did not get a slot in time',
  child_failed: 'a subtask failed',
  lost_vanished: 'the process is gone and left no record',
  lost_rebooted: 'the machine went down under it',
  lost_unreadable: 'its record or its folder is missing or cannot be read',
  user: 'a person stopped it',
  parent: 'its parent was stopped with its descendants',
  policy: 'a rule stopped it',
  dependency_failed: 'a task that it needed did not complete',
  condition_not_met: 'a task whose failure it waited for did not fail',
};

const QUEUED: Record<QueueReason, string> = {
  slots: 'all slots are taken, or others are ahead',
  agent_limit: 'the agent runs as many tasks as it may',
  group_limit: 'as many tasks of its group run as may',
  label_limit: 'as many tasks with one of its labels run as may',
  exclusive: 'a task with the same key runs',
  held: 'the agent’s account may not be used now',
  workspace_busy: 'another task works in its folder',
  checks: 'as many checks run as may',
  budget: 'the budget is used up for now',
  disk: 'free space is below the floor',
  memory: 'available memory is below the floor',
  paused: 'starting was paused',
};

/** Words that are fixed already and produced by nothing yet. */
const RESERVED: ReadonlySet<string> = new Set<State | Event | Reason | QueueReason>([
  ...(['awaiting_input', 'awaiting_review'] as const),
  ...(['ask', 'awaitChildren', 'awaitReview'] as const),
  ...(['no_first_output', 'budget_exceeded', 'rate_limited', 'quota_exhausted'] as const),
  ...(['auth_failed', 'model_unavailable', 'max_turns', 'no_final_answer', 'agent_error'] as const),
  ...(['uncommitted_changes', 'verify_failed', 'judge_rejected', 'rejected'] as const),
  ...(['question_expired', 'policy'] as const),
  ...(['workspace_busy'] as const),
]);

const EXIT: Record<number, string> = {
  0: 'success',
  1: 'the task did not succeed',
  2: 'usage',
  3: 'not found',
  4: 'the daemon cannot be reached or started, or refuses',
  75: 'held by a limit: try later',
  124: 'timed out (the wait, or the task)',
  125: 'tend itself failed',
  130: 'interrupted',
};

const word = (name: string): string => `\`${name}\`${RESERVED.has(name) ? '°' : ''}`;
const words = (names: readonly string[]): string => names.map(word).join(', ') || '–';
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const events = Object.keys(LIFECYCLE) as Event[];

const states = table(
  ['state', 'meaning', 'waits for', 'holds a slot', 'terminal'],
  STATES.map((state) => [
    word(state),
    ...MEANING[state],
    holdsSlot(state) ? 'yes' : '',
    isTerminal(state) ? 'yes' : '',
  ]),
);

const arrows = events.flatMap((event) => {
  const { from, to }: { from: readonly State[]; to: readonly State[] } = LIFECYCLE[event];
  const sources = from.length === 0 ? ['[*]'] : from;
  return sources.flatMap((source) => to.map((target) => `    ${source} --> ${target}: ${event}`));
});
const ends = STATES.filter(isTerminal).map((state) => `    ${state} --> [*]`);
const diagram = ['```mermaid', 'stateDiagram-v2', ...arrows, ...ends, '```'].join('\n');

const eventTable = table(
  ['event', 'from', 'to', 'means'],
  events.map((event) => {
    const { from, to }: { from: readonly State[]; to: readonly State[] } = LIFECYCLE[event];
    return [word(event), words(from), words(to), EVENT[event]];
  }),
);

const stops: readonly Reason[] = STOP_REASONS;
const reasonRows = (state: State, reasons: readonly Reason[]): string[][] =>
  reasons.map((reason) => [
    word(reason),
    `\`${state}\``,
    REASON[reason],
    `\`${verdict(state, reason, 'none')}\``,
    stops.includes(reason) ? 'yes' : '',
  ]);
const reasonTable = table(
  ['reason', 'of', 'means', 'verdict', 'stored before the signal'],
  [
    ...reasonRows('failed', FAIL_REASONS),
    ...reasonRows('cancelled', CANCEL_REASONS),
    ...reasonRows('skipped', SKIP_REASONS),
  ],
);

const FROM: Record<Verdict, string> = {
  pending: 'not ended',
  verified: 'completed, and the configured verification passed',
  delivered: 'completed, no verification configured',
  unverified: 'completed, but the verification gave no answer',
  broken: 'the work ended well, its verification failed',
  failed: 'failed for any other reason',
  timed_out: 'failed because of a clock',
  budget_exceeded: 'failed because of its cost',
  lost: 'nobody can know how it ended',
  cancelled: 'somebody stopped it',
  skipped: 'never started',
};
const verdicts = table(
  ['verdict', 'when', 'success'],
  VERDICTS.map((given) => [`\`${given}\``, FROM[given], isSuccess(given) ? 'yes' : '']),
);

const exits = table(
  ['exit code', 'means'],
  Object.entries(EXIT).map(([code, meaning]) => [code, meaning]),
);
const errors = table(
  ['code', 'HTTP status', 'exit code', 'trying again can help'],
  Object.entries(ERRORS).map(([code, { http, exit, retryable }]) => [
    `\`${code}\``,
    String(http),
    String(exit),
    retryable ? 'yes' : '',
  ]),
);

const document = `<!-- Generated by scripts/lifecycle-doc.ts from src/domain. Do not edit. -->

# The life of a task

A task ends exactly once. Each event below is one compare-and-set on the task's version and state, in one
transaction with its attempt, its history row and the deliveries it causes. What is not in the table cannot
happen: an illegal step does not compile. ° marks words that are fixed but produced by nothing in this version.

## States

${states}

${diagram}

## Events

${eventTable}

## Reasons

${reasonTable}

A queued task also says why it has not started; this is derived, never stored:

${table(
  ['queue reason', 'means'],
  QUEUE_REASONS.map((reason) => [word(reason), QUEUED[reason]]),
)}

## Verdicts

The only thing to ask for success, derived from state, reason and verification.

${verdicts}

## Exit codes

${exits}

\`tend run --wait\` and \`tend wait\` exit with the command's own code when one command task exited with 1 to 123.

## Errors

${errors}
`;

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const file = positionals[0] ?? join(import.meta.dirname, '../docs/lifecycle.md');
if (!values.check) writeFileSync(file, document);
else if (readFileSync(file, 'utf8') !== document) {
  console.error(`${file} is stale: run node scripts/lifecycle-doc.ts`);
  process.exitCode = 1;
}
