import type { AgentFailure, Limit } from './agent-outcome.ts';

/** Tokens and money; a number that the agent does not tell is null, never 0. */
export interface Usage {
  /** All that went in, cached ones included. */
  inputTokens: number | null;
  outputTokens: number | null;
  /** The part of `inputTokens` that a cache answered. */
  cachedTokens: number | null;
  costUsd: number | null;
}

/**
 * What a usage counts: one model call (they add up), this attempt so far, or the whole session with its
 * earlier attempts (what was there before is subtracted).
 */
type UsageScope = 'turn' | 'attempt' | 'session';

export interface PlanItem {
  text: string;
  status: 'pending' | 'in_progress' | 'completed';
}

/**
 * Everything an agent can tell, whichever agent it is. The list of kinds is closed; a payload may carry more
 * than is named here. `delta` marks a piece that continues the text before it.
 */
export type AgentEvent =
  | { kind: 'session'; sessionId: string; model: string | null; version: string | null }
  | { kind: 'text'; text: string; delta?: true }
  | { kind: 'thinking'; text: string; delta?: true }
  | { kind: 'tool_started'; tool: string; callId: string | null; summary: string }
  | {
      kind: 'tool_finished';
      tool: string | null;
      callId: string | null;
      ok: boolean;
      summary: string;
    }
  | { kind: 'file_changed'; path: string; change: 'add' | 'update' | 'delete' }
  | { kind: 'command_run'; command: string; exitCode: number | null; output: string }
  | { kind: 'plan'; items: readonly PlanItem[] }
  | {
      kind: 'subagent';
      id: string | null;
      status: 'started' | 'working' | 'finished' | 'failed';
      summary: string;
    }
  | { kind: 'usage'; scope: UsageScope; usage: Usage; turns: number | null }
  | { kind: 'limit'; limit: Limit; result: 'rate_limited' | 'quota_exhausted' | 'overloaded' }
  | {
      kind: 'retrying';
      attempt: number | null;
      /** Ms until the next try; null = not told. */
      delay: number | null;
      message: string;
    }
  | { kind: 'permission_denied'; tool: string | null; reason: string }
  | { kind: 'warning'; message: string }
  | { kind: 'error'; message: string; failure: AgentFailure | null }
  | {
      /** The protocol's own word that the work is over; there may be several, the last one counts. */
      kind: 'final';
      ok: boolean;
      /** The answer; null = it stands in the `text` events before. */
      text: string | null;
      failure: AgentFailure | null;
      message: string | null;
    };

export type AgentEventKind = AgentEvent['kind'];

export const AGENT_EVENT_KINDS = [
  'session',
  'text',
  'thinking',
  'tool_started',
  'tool_finished',
  'file_changed',
  'command_run',
  'plan',
  'subagent',
  'usage',
  'limit',
  'retrying',
  'permission_denied',
  'warning',
  'error',
  'final',
] as const satisfies readonly AgentEventKind[];

/** Longest `summary`, `output` or `message` of an event, in characters; the raw line keeps the rest. */
export const LONGEST_SUMMARY = 500;

/** One line of at most `LONGEST_SUMMARY` characters. */
export function summary(text: string): string {
  const line = startOf(text, 2 * LONGEST_SUMMARY)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= LONGEST_SUMMARY ? line : `${startOf(line, LONGEST_SUMMARY - 1)}…`;
}

/** Without the first half of a character whose second half is cut off. */
const startOf = (text: string, longest: number): string =>
  text.slice(0, longest).replace(/[\ud800-\udbff]$/, '');
