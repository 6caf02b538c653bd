/** Every state a task can be in. Spelled once: SQL, documentation, API and display derive from it. */
export const STATES = [
  'waiting',
  'queued',
  'claimed',
  'running',
  'stopping',
  'finishing',
  'awaiting_input',
  'awaiting_children',
  'awaiting_review',
  'completed',
  'failed',
  'cancelled',
  'skipped',
] as const;
export type State = (typeof STATES)[number];

/** The whole state machine: which event leads from where to where. Each row is also the guard of one UPDATE. */
// prettier-ignore
export const LIFECYCLE = {
  submit:        { from: [],                                                                    to: ['queued'] },
  schedule:      { from: [],                                                                    to: ['waiting'] },
  release:       { from: ['waiting'],                                                           to: ['queued'] },
  claim:         { from: ['queued'],                                                            to: ['claimed'] },
  unclaim:       { from: ['claimed'],                                                           to: ['queued'] },
  start:         { from: ['claimed'],                                                           to: ['running'] },
  requestStop:   { from: ['claimed', 'running'],                                                to: ['stopping'] },
  exit:          { from: ['claimed', 'running', 'stopping'],                                    to: ['finishing'] },
  requeue:       { from: ['finishing', 'awaiting_input', 'awaiting_review'],                    to: ['waiting', 'queued'] },
  ask:           { from: ['finishing'],                                                         to: ['awaiting_input'] },
  awaitChildren: { from: ['finishing'],                                                         to: ['awaiting_children'] },
  awaitReview:   { from: ['finishing', 'awaiting_children'],                                    to: ['awaiting_review'] },
  complete:      { from: ['finishing', 'awaiting_children', 'awaiting_review'],                 to: ['completed'] },
  fail:          { from: ['queued', 'claimed', 'finishing', 'awaiting_input', 'awaiting_children', 'awaiting_review'], to: ['failed'] },
  cancel:        { from: ['waiting', 'queued', 'finishing', 'awaiting_input', 'awaiting_children', 'awaiting_review'], to: ['cancelled'] },
  skip:          { from: ['waiting', 'queued'],                                                 to: ['skipped'] },
} as const satisfies Record<string, { from: readonly State[]; to: readonly State[] }>;

export type Event = keyof typeof LIFECYCLE;
export type From<E extends Event> = (typeof LIFECYCLE)[E]['from'][number];
export type To<E extends Event> = (typeof LIFECYCLE)[E]['to'][number];

/** Derived, never listed by hand: a terminal state is one that no row leaves. */
export type Terminal = Exclude<State, From<Event>>;
const left = new Set<State>(Object.values(LIFECYCLE).flatMap((row) => [...row.from]));
export const TERMINAL = STATES.filter((state): state is Terminal => !left.has(state));
export const isTerminal = (state: State): state is Terminal => !left.has(state);

/** States in which a node holds a slot for the task. */
export const SLOT_STATES = ['claimed', 'running', 'stopping'] as const satisfies readonly State[];
/** States in which one node works on the task and must look at it again after a restart. */
export const LIVE_STATES = [...SLOT_STATES, 'finishing'] as const satisfies readonly State[];
export type Live = (typeof LIVE_STATES)[number];
export const isLive = (state: State): state is Live =>
  (LIVE_STATES as readonly State[]).includes(state);
export const holdsSlot = (state: State): boolean =>
  (SLOT_STATES as readonly State[]).includes(state);

/** Why a task failed: the closed list that consumers may switch over. */
export const FAIL_REASONS = [
  'exit_code',
  'signal',
  'timed_out',
  'idle',
  'no_first_output',
  'budget_exceeded',
  'output_limit',
  'spawn_failed',
  'rate_limited',
  'quota_exhausted',
  'auth_failed',
  'model_unavailable',
  'max_turns',
  'no_final_answer',
  'agent_error',
  'uncommitted_changes',
  'verify_failed',
  'judge_rejected',
  'rejected',
  'question_expired',
  'queue_timeout',
  'child_failed',
  'lost_vanished',
  'lost_rebooted',
  'lost_unreadable',
] as const;
export type FailReason = (typeof FAIL_REASONS)[number];

/** Who or what cancelled a task. */
export const CANCEL_REASONS = ['user', 'parent', 'policy'] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

/** Why a task never started. */
export const SKIP_REASONS = ['dependency_failed', 'condition_not_met'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export type Reason = FailReason | CancelReason | SkipReason | 'settled';

/**
 * Reasons stored before a signal is sent. The first three cancel the task, `settled` only ends the process of an
 * agent that has already said what it came to, the others fail the task.
 */
export const STOP_REASONS = [
  ...CANCEL_REASONS,
  'timed_out',
  'idle',
  'no_first_output',
  'budget_exceeded',
  'max_turns',
  'output_limit',
  'settled',
] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** Why a queued task has not been claimed yet: derived, never stored. */
export const QUEUE_REASONS = [
  'slots',
  'agent_limit',
  'group_limit',
  'label_limit',
  'exclusive',
  'held',
  'workspace_busy',
  'checks',
  'budget',
  'disk',
  'memory',
  'paused',
] as const;
export type QueueReason = (typeof QUEUE_REASONS)[number];
