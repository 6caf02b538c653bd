import type { HoldChange } from './agent-change.ts';
import { isLimit } from './agent-outcome.ts';
import { seated } from './agent-work.ts';
import { drainAfter } from './drain.ts';
import { type Account, clears, drainOf, type Hold, holdAfter } from './holds.ts';
import type { Step, TaskSpec } from './task.ts';

/** What the end of an attempt does to the hold of its account: another one, none, or (undefined) nothing. */
export function holdBy(
  { event, next, at, id }: Step,
  { work }: TaskSpec,
  previous: Hold | null,
): Hold | null | undefined {
  if (event !== 'exit' || work.kind !== 'agent' || next.state !== 'finishing') return undefined;
  const { outcome, startedAt, claimedAt } = next.attempt;
  const { account, agent } = seated(work, next.attempt.agent);
  if ('limit' in outcome && isLimit(outcome.kind))
    return holdAfter(previous, { account, agent, taskId: id }, outcome, at);
  const began = startedAt ?? claimedAt;
  return outcome.kind === 'ok' && previous !== null && clears(previous, began) ? null : undefined;
}

/** All rows of the holds that the step changes, its account's and its agent's failures; `rowOf` = one as it is. */
export function holdsBy(
  step: Step,
  spec: TaskSpec,
  rowOf: (account: Account) => Hold | null,
): HoldChange[] {
  const { event, next, at, id } = step;
  if (event !== 'exit' || spec.work.kind !== 'agent' || next.state !== 'finishing') return [];
  const { account, agent } = seated(spec.work, next.attempt.agent);
  const drain = drainOf(agent);
  const [held, failed] = [rowOf(account), rowOf(drain)];
  const rows = [
    { account, before: held, after: holdBy(step, spec, held) },
    {
      account: drain,
      before: failed,
      after: drainAfter(failed, { agent, taskId: id }, next.attempt.outcome, at),
    },
  ];
  return rows.flatMap(({ after, ...row }) => (after === undefined ? [] : [{ ...row, after }]));
}
