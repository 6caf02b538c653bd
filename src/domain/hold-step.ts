import { isLimit } from './agent-outcome.ts';
import { clears, type Hold, holdAfter } from './holds.ts';
import type { Step, TaskSpec } from './task.ts';

/** What the end of an attempt does to the hold of its account: another one, none, or (undefined) nothing. */
export function holdBy(
  { event, next, at, id }: Step,
  { work }: TaskSpec,
  previous: Hold | null,
): Hold | null | undefined {
  if (event !== 'exit' || work.kind !== 'agent' || next.state !== 'finishing') return undefined;
  const { outcome, startedAt, claimedAt } = next.attempt;
  if ('limit' in outcome && isLimit(outcome.kind))
    return holdAfter(
      previous,
      { account: work.account, agent: work.agent, taskId: id },
      outcome,
      at,
    );
  const began = startedAt ?? claimedAt;
  return outcome.kind === 'ok' && previous !== null && clears(previous, began) ? null : undefined;
}
