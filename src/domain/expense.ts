import { type AgentFacts, type AgentWork, seated } from './agent-work.ts';
import type { Attempt, EndedAttempt } from './attempt.ts';
import type { Step, TaskId, TaskSpec } from './task.ts';

/** What one attempt of an agent costs, and whose it is: outlives its task, for budgets look back further. */
export interface Expense {
  taskId: TaskId;
  attempt: number;
  agent: string;
  account: string;
  group: string | null;
  owner: string;
  /** When it was claimed, epoch ms. */
  at: number;
  /** The most that it may cost. */
  reservedUsd: number;
  /** Null = it has not ended, or did not tell. */
  costUsd: number | null;
  ended: boolean;
  /** In and out; null = not told. */
  tokens: number | null;
}

/** What the step does to the expense of an attempt: another one, none; null = it does nothing to any. */
export function expenseBy(
  { event, next, id }: Step,
  spec: TaskSpec,
): { taskId: TaskId; attempt: number; expense: Expense | null } | null {
  const { attempt } = next;
  if (attempt === null || spec.work.kind !== 'agent') return null;
  const place = { taskId: id, attempt: attempt.number };
  if (event === 'unclaim') return { ...place, expense: null };
  if (event !== 'claim' && event !== 'exit') return null;
  return { ...place, expense: expenseOf(id, spec, attempt) };
}

/** The expense of an attempt as it stands; null = it is no agent's, or nothing of it was ever started. */
export function expenseOf(taskId: TaskId, spec: TaskSpec, attempt: Attempt): Expense | null {
  const { work, group, owner } = spec;
  if (work.kind !== 'agent' || attempt.outcome?.kind === 'voided') return null;
  const { agent, account, envelope }: AgentWork = seated(work, attempt.agent);
  const ended = attempt.outcome !== null;
  return {
    taskId,
    attempt: attempt.number,
    agent,
    account,
    group,
    owner,
    at: attempt.claimedAt,
    reservedUsd: envelope.costUsd,
    costUsd: ended ? costOf(attempt) : null,
    ended,
    tokens: ended ? tokensOf(attempt.agent) : null,
  };
}

/** What an ended attempt has cost; null = nobody told. */
function costOf({ startedAt, outcome, agent }: EndedAttempt): number | null {
  // Of an attempt that was lost nobody knows how far it came.
  const neverRan =
    outcome.kind === 'spawn_failed' || (startedAt === null && outcome.kind === 'stopped');
  if (neverRan) return 0;
  return agent === undefined ? null : toldUsd(agent);
}

/** What the agent has told of the cost of an attempt; null = nothing. */
export function toldUsd({
  report,
  resumed,
  before,
}: Pick<AgentFacts, 'report' | 'resumed' | 'before'>): number | null {
  if (report === null) return null;
  // The totals of a session hold what it had cost before: without that they say nothing of this attempt.
  const isTotal = (report.session?.costUsd ?? null) !== null;
  if (isTotal && resumed !== null && (before?.costUsd ?? null) === null) return null;
  return sane(report.usage?.costUsd ?? null);
}

/** Nothing costs less than nothing: then it is not told. */
const sane = (told: number | null): number | null => (told !== null && told >= 0 ? told : null);

const MOST_TOKENS = 1e15;

function tokensOf(facts: AgentFacts | undefined): number | null {
  const usage = facts?.report?.usage ?? null;
  if (usage === null) return null;
  const { inputTokens, outputTokens } = usage;
  if (inputTokens === null && outputTokens === null) return null;
  const tokens = sane((inputTokens ?? 0) + (outputTokens ?? 0));
  return tokens === null ? null : Math.min(Math.round(tokens), MOST_TOKENS);
}
