import { isDrain, isDrained } from './drain.ts';
import type { Account, Hold } from './holds.ts';
import { stamp } from './stamp.ts';

/**
 * What became of an agent's account: refused and `held`, refused again and `extended`, `ended` by a success; `drained`
 * by failures and `acknowledged` by a person; laid aside (`manual`) and `released` by a person.
 */
export const AGENT_CHANGES = [
  'held',
  'extended',
  'ended',
  'drained',
  'acknowledged',
  'released',
  'manual',
] as const;
type AgentChangeKind = (typeof AGENT_CHANGES)[number];

/** One line of the history of agents. */
export interface AgentChange {
  /** Epoch ms. */
  at: number;
  agent: string;
  account: Account;
  kind: AgentChangeKind;
  /** One line: why, and until when. */
  detail: string;
  /** Whose attempt brought it about; null = a person did. */
  taskId: string | null;
}

/** A change as it is kept; `seq` orders them and never repeats. */
export interface StoredAgentChange extends AgentChange {
  seq: number;
}

/** So many of them are kept: the newest. */
export const AGENT_CHANGES_KEPT = 10_000;

/** A row of the holds, before and after; null = there is none. */
export interface HoldChange {
  account: Account;
  before: Hold | null;
  after: Hold | null;
}

/** What the history tells of a change by an attempt of the task; null = nothing that anybody would miss. */
export function changeByAttempt(
  { before, after }: HoldChange,
  taskId: string,
  at: number,
): AgentChange | null {
  const hold = after ?? before;
  if (hold === null) return null;
  const kind = isDrain(hold) ? drainChange(before, after) : limitChange(before, after);
  return kind === null ? null : lineOf(hold, kind, taskId, at);
}

function drainChange(before: Hold | null, after: Hold | null): 'drained' | 'ended' | null {
  if (isDrained(before) === isDrained(after)) return null;
  return after === null ? 'ended' : 'drained';
}

function limitChange(
  before: Hold | null,
  after: Hold | null,
): 'held' | 'extended' | 'ended' | null {
  if (after === null) return 'ended';
  if (before === null) return 'held';
  return before.since === after.since && before.retryAt === after.retryAt ? null : 'extended';
}

/** What the history tells of a hold that a person ended; null = it held nothing. */
export const changeByPerson = (
  hold: Hold,
  kind: 'acknowledged' | 'released',
  at: number,
): AgentChange | null => (isDrain(hold) && !isDrained(hold) ? null : lineOf(hold, kind, null, at));

/** What the history tells of an agent that a person laid aside. */
export const changeByHand = (hold: Hold): AgentChange =>
  lineOf(hold, 'manual', hold.taskId, hold.since);

const lineOf = (
  hold: Hold,
  kind: AgentChangeKind,
  taskId: string | null,
  at: number,
): AgentChange => ({
  at,
  agent: hold.agent,
  account: hold.account,
  kind,
  detail:
    BEGINS.includes(kind) && hold.retryAt !== null
      ? `${hold.reason}; until ${stamp(hold.retryAt)}`
      : hold.reason,
  taskId,
});

const BEGINS: readonly AgentChangeKind[] = ['held', 'extended', 'manual'];
