/** How long a refused account may not be used. */
export const LIMIT_CLASSES = ['until', 'needs_person', 'windowed', 'transient'] as const;
export type LimitClass = (typeof LIMIT_CLASSES)[number];
/** Why something of an agent is held: one of its limits, or (`drained`) that it failed too often in a row. */
export const HOLD_CLASSES = [...LIMIT_CLASSES, 'drained'] as const;
export type HoldClass = (typeof HOLD_CLASSES)[number];

/**
 * A limit as the agent or its provider told it. `until`: a reset time was told. `needs_person`: no waiting
 * helps (no credit). `windowed`: a quota of a window whose end was not told. `transient`: soon again.
 */
export interface Limit {
  class: LimitClass;
  /** The reset as told, epoch ms; null = none was told, and none is invented. */
  until: number | null;
  message: string;
}

/** What an attempt of an agent came to, when it did not end well. */
export const AGENT_FAILURES = [
  'rate_limited',
  'quota_exhausted',
  'auth_failed',
  'overloaded',
  'model_unavailable',
  'max_turns',
  'budget_exceeded',
  'no_final_answer',
  'resume_unavailable',
  'agent_error',
] as const;
export type AgentFailure = (typeof AGENT_FAILURES)[number];

/** The failures that are limits: no failure of the work, the account is held. */
export const LIMIT_FAILURES = ['rate_limited', 'quota_exhausted', 'overloaded'] as const;
export type LimitFailure = (typeof LIMIT_FAILURES)[number];
export const isLimit = (failure: string): failure is LimitFailure =>
  (LIMIT_FAILURES as readonly string[]).includes(failure);

/** What the protocol says an attempt came to. */
export type AgentOutcome =
  | { kind: 'ok' }
  | { kind: LimitFailure; limit: Limit; message: string }
  | { kind: Exclude<AgentFailure, LimitFailure>; message: string };

/** The limit that goes with a failure when the agent told no more than its message. */
export const limitFor = (failure: LimitFailure, message: string): Limit => ({
  class: failure === 'quota_exhausted' ? 'windowed' : 'transient',
  until: null,
  message,
});
