import type { LimitClass, LimitFailure } from '../../src/domain/agent-outcome.ts';
import { RESET_IN, RETRY_AFTER, WEEKLY } from './stub.ts';

/** What a scenario must come to. */
export type Expected =
  | { to: 'completed'; answer: string | RegExp; attempts?: number }
  | { to: 'failed'; reason: string }
  | { to: 'held'; outcome: LimitFailure; class: Exclude<LimitClass, 'until'> }
  /** `resetsIn` seconds. */
  | { to: 'held'; outcome: LimitFailure; class: 'until'; resetsIn: number }
  | { to: 'cancelled' };

/** What holds for every agent, and for whom it does not, and why. */
export interface Row {
  all: Expected;
  but?: Readonly<Record<string, readonly [Expected, why: string]>>;
  /** For whom the usage is not the stub's number of answers times its fixed usage, and why. */
  usageBut?: Readonly<Record<string, string>>;
  /** What lies in the repository at the end; default: nothing new. */
  leaves?: string;
  leavesBut?: Readonly<Record<string, readonly [string, why: string]>>;
}

const completed = (answer: string | RegExp): Expected => ({ to: 'completed', answer });
const failed = (reason: string): Expected => ({ to: 'failed', reason });
const held = (outcome: LimitFailure, cls: Exclude<LimitClass, 'until'>): Expected => ({
  to: 'held',
  outcome,
  class: cls,
});
const until = (resetsIn: number, outcome: LimitFailure = 'quota_exhausted'): Expected => ({
  to: 'held',
  outcome,
  class: 'until',
  resetsIn,
});
const HOUR = until(RESET_IN);
const DONE = completed('Done. The stub model finished the task.');
/** The session is not there any more: begun anew. */
const DONE_AGAIN: Expected = {
  to: 'completed',
  answer: 'Done. The stub model finished the task.',
  attempts: 2,
};
const HELLO = '?? hello.txt';
const WROTE = completed('Wrote hello.txt and checked it.');
const TIMED_OUT = failed('timed_out');

/** The stub asks for two seconds. */
const SOON = until(RETRY_AFTER, 'rate_limited');
const TOLD = 'passes on when to try again';
const WINDOW = [held('quota_exhausted', 'windowed'), 'tells no reset time'] as const;
const WINDOWS = {
  gemini: WINDOW,
  qwen: WINDOW,
  opencode: [held('quota_exhausted', 'windowed'), 'waits; ended before it tells a reset time'],
} as const;
const EMPTY = 'calls an empty answer an error';
const NO_SIGN = 'prints no sign of it';

export const EXPECTATIONS: Readonly<Record<string, Row>> = {
  success: { all: DONE },
  thinking: { all: DONE },
  tool: { all: WROTE, leaves: HELLO },
  shell: { all: DONE },
  'tool-fail': { all: completed('The command failed with exit code 3.') },
  commit: {
    all: completed('Committed.'),
    leaves: '1 commit',
    leavesBut: { gemini: ['A  work.txt', 'hides the identity in ~/.gitconfig from its shell'] },
  },
  parallel: { all: DONE },
  read: { all: DONE },
  todo: {
    all: completed('(stub: no todo tool offered)'),
    but: { opencode: [DONE, 'the only one that offers such a tool without a person'] },
  },
  subagent: {
    all: completed('The subagent is done.'),
    but: {
      gemini: [completed('Delegating. (stub: no agent tool offered)'), 'offers no such tool'],
    },
    usageBut: { codex: 'does not count its subagents' },
  },
  ask: {
    all: completed('(stub: no ask tool offered)'),
    but: { codex: [completed('No answer came; stopping here.'), 'offers such a tool to nobody'] },
  },
  loop: { all: failed('max_turns') },
  'max-tokens': {
    all: failed('agent_error'),
    but: {
      gemini: [completed('This answer is cut off in the mid'), NO_SIGN],
      qwen: [completed(/This answer is cut off in the mid/), NO_SIGN],
      copilot: [completed(/This answer is cut off in the mid/), NO_SIGN],
      opencode: [failed('no_final_answer'), 'ends as if done, but its last step says "length"'],
    },
  },
  refusal: {
    all: completed('I cannot help with that.'),
    but: {
      claude: [failed('agent_error'), 'calls it an error of the API'],
      opencode: [failed('agent_error'), 'calls it an error of the provider'],
    },
  },
  'empty-text': {
    all: failed('no_final_answer'),
    but: {
      qwen: [failed('agent_error'), EMPTY],
      copilot: [failed('agent_error'), EMPTY],
    },
  },
  quota: { all: HOUR, but: WINDOWS },
  'quota-key': {
    all: HOUR,
    but: {
      claude: [held('rate_limited', 'transient'), 'tells a plan’s limits only to subscribers'],
      ...WINDOWS,
    },
  },
  'quota-weekly': { all: until(RESET_IN + WEEKLY), but: WINDOWS },
  'quota-warning': { all: DONE },
  'quota-mid': { all: HOUR, leaves: HELLO, but: WINDOWS },
  billing: { all: failed('quota_exhausted') },
  'rate-limit': {
    all: held('rate_limited', 'transient'),
    but: {
      qwen: [SOON, TOLD],
      copilot: [SOON, TOLD],
      opencode: [SOON, TOLD],
      gemini: [SOON, TOLD],
    },
  },
  'rate-limit-once': { all: DONE },
  overloaded: { all: held('overloaded', 'transient') },
  'overloaded-once': { all: DONE },
  auth: { all: failed('auth_failed') },
  forbidden: { all: failed('auth_failed') },
  'server-error': {
    all: failed('agent_error'),
    but: { codex: [held('overloaded', 'transient'), 'calls it a high demand'] },
  },
  'context-limit': { all: failed('agent_error') },
  'bad-request': { all: failed('agent_error') },
  'bad-model': { all: failed('model_unavailable') },
  cut: { all: failed('agent_error') },
  'cut-once': {
    all: DONE,
    but: {
      gemini: [failed('agent_error'), 'does not try again'],
      qwen: [completed(/Done. The stub model finished the task.$/), 'glues both tries together'],
    },
    usageBut: { claude: 'counts the try that was cut' },
  },
  malformed: { all: failed('agent_error') },
  empty: { all: failed('agent_error') },
  hang: { all: TIMED_OUT },
  'hang-stream': { all: TIMED_OUT },
  stop: { all: { to: 'cancelled' } },
  'stop-resume': { all: DONE },
  resume: { all: DONE, leaves: HELLO },
  'resume-lost': { all: DONE_AGAIN },
  kill: { all: DONE },
  'ask-user': { all: { to: 'completed', answer: 'Painted it crimson.', attempts: 2 } },
  finish: { all: completed('The result that was told.') },
  'finish-missing': { all: failed('no_final_answer') },
  permission: {
    all: { to: 'completed', answer: 'Did what was allowed.', attempts: 2 },
    leaves: '?? permitted.txt',
  },
  'permission-denied': {
    all: { to: 'completed', answer: 'I stop until it is allowed.', attempts: 2 },
  },
  worktree: { all: completed('Committed.'), leaves: 'kept work.txt' },
};
