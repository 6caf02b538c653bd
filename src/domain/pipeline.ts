import type { CheckKind } from './checks.ts';
import { lookAtContest } from './contest.ts';
import type { CheckSeen, Evidence } from './evidence.ts';
import type { FailReason } from './lifecycle.ts';
import { ending } from './outcome.ts';
import { lookAtWork } from './own-work.ts';
import { NO_PRODUCT, type Product } from './product.ts';
import { isContest } from './rounds.ts';
import type { TaskIn } from './task.ts';

/** A side effect that the work of a finishing task calls for. */
type Act =
  | { kind: 'save' }
  /** Submit this check; `nth` 1 = its first run. Of a judge, see `judgeMarker`. */
  | { kind: 'check'; what: CheckKind; nth: number; commit: string };

/**
 * What becomes of the work: the first that is due, or what it came to. `product` = what is known by now of the attempt;
 * while a judge is asked, of the work that is judged.
 */
export type Look =
  | { kind: 'act'; act: Act; product: Product }
  /** A check goes on. */
  | { kind: 'wait'; for: CheckSeen; product: Product }
  /** Nothing is asked of the work: what the attempt came to says what follows. */
  | { kind: 'over'; product: Product }
  /** The work is believed; `product.concerns` says why a person must look all the same, if one must. */
  | { kind: 'good'; product: Product }
  /** Another attempt is to do better, or (where attempts compete) to do it once more. */
  | { kind: 'again'; product: Product }
  | { kind: 'bad'; product: Product; reason: FailReason };

/** Looks at the work of an attempt that is over: what its outcome leads to is for `decide`. */
export function look(
  task: TaskIn<'finishing'>,
  evidence: Pick<Evidence, 'checks' | 'earlier'>,
): Look {
  const { spec, attempt } = task;
  const { product = NO_PRODUCT } = attempt;
  if (isToSave(task, product)) return { kind: 'act', act: { kind: 'save' }, product };
  const { checks = null } = spec;
  const { state } = ending(attempt.outcome);
  const over: Look = { kind: 'over', product };
  const isOver = attempt.cancelled !== undefined || state === 'awaiting_input';
  if (checks === null || isOver) return over;
  if (isContest(checks.bestOf, evidence.earlier))
    return lookAtContest(task, evidence, checks, product) ?? over;
  return state === 'completed' ? lookAtWork(task, evidence, checks, product) : over;
}

/** Whatever it came to: something may have been done wherever something could be started. */
function isToSave({ spec, attempt }: TaskIn<'finishing'>, { saved, unsaved }: Product): boolean {
  const prepared = attempt.workspace?.prepared ?? null;
  return (
    (spec.workspace ?? null) !== null &&
    spec.workspace?.kind !== 'checkout' &&
    prepared !== null &&
    prepared.refusal === null &&
    saved === null &&
    unsaved === null
  );
}
