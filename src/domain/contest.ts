import { again } from './agent-again.ts';
import { isLimit } from './agent-outcome.ts';
import type { EndedAttempt } from './attempt.ts';
import { type Pending, runOf } from './check-run.ts';
import type { Checks } from './checks.ts';
import type { CheckSeen, Evidence } from './evidence.ts';
import type { FailReason } from './lifecycle.ts';
import { numberIn } from './metric.ts';
import { ending } from './outcome.ts';
import { assess, pending, settle } from './own-work.ts';
import type { Look } from './pipeline.ts';
import { NO_CHANGE, type Product } from './product.ts';
import type { TaskIn } from './task.ts';
import { resultOfRun } from './verification.ts';

type Finishing = TaskIn<'finishing'>;

/** One attempt of several that compete, and what it made. */
interface Entry {
  number: number;
  product: Product;
}

/**
 * Looks at an attempt that competes with others: until there are as many as are wanted another one follows, then the
 * best of them is taken. Null = the attempt does not count, and its outcome says what follows.
 */
export function lookAtContest(
  task: Finishing,
  { checks: runs, earlier }: Pick<Evidence, 'checks' | 'earlier'>,
  checks: Checks,
  known: Product,
): Look | null {
  const { attempt } = task;
  const end = ending(attempt.outcome);
  if (end.state === 'cancelled' || end.state === 'awaiting_input') return null;
  if (end.state === 'failed' && again(task, earlier)) return null;
  const entry =
    end.state === 'completed' ? enter(task, runs, checks, known) : entered(known, end.reason);
  if (entry.kind !== 'entered') return pending(entry, known);
  const { product, flaw } = entry;
  const rivals = earlier.filter(counts);
  // An account that is refused for good lets no further attempt do any better.
  if (!isLimit(attempt.outcome.kind) && rivals.length + 1 < checks.bestOf)
    return { kind: 'again', product };
  const others = rivals.flatMap(entryOf);
  if (flaw === null) return conclude([...others, { number: attempt.number, product }]);
  return others.length === 0 ? { kind: 'bad', product, reason: flaw } : conclude(others);

  function conclude(entries: readonly Entry[]): Look {
    const [best] = entries.toSorted(goodFirst) as [Entry];
    return settle(task, runs, checks, best.product, {
      rounds: NOTHING_MENDED,
      asMade: (made) => ({ ...product, best: { number: best.number, product: made } }),
    });
  }
}

const NOTHING_MENDED = { mended: [], revised: 0, fixed: 0 };

type Entered = { kind: 'entered'; product: Product; flaw: FailReason | null };

const entered = (product: Product, flaw: FailReason | null): Entered => ({
  kind: 'entered',
  product,
  flaw,
});

/** What the attempt made, with the number that says how good it is. */
function enter(
  task: Finishing,
  runs: readonly CheckSeen[],
  checks: Checks,
  known: Product,
): Pending | Entered {
  const assessed = assess(task, runs, checks, known);
  if (assessed.kind !== 'assessed') return assessed;
  const { product, flaw } = assessed;
  if (flaw !== null || checks.metric === null || product.saved === null)
    return entered(product, flaw);
  const { commit } = product.saved;
  const run = runOf(runs, { attempt: task.attempt.number, what: 'metric', nth: 1, commit });
  if (run.kind !== 'ended') return run;
  const { result } = resultOfRun(run.check);
  return entered(
    { ...product, metric: result === 'passed' ? numberIn(run.check.text) : null },
    null,
  );
}

/**
 * A launch that never was, a session that could not be loaded, a limit and a question take nobody's place, nor does a
 * first silence.
 */
function counts({ outcome }: EndedAttempt, at: number, all: readonly EndedAttempt[]): boolean {
  if (['voided', 'resume_unavailable', 'parked'].includes(outcome.kind)) return false;
  return !isLimit(outcome.kind) && !(isSilent({ outcome }) && all.findIndex(isSilent) === at);
}

const isSilent = ({ outcome }: Pick<EndedAttempt, 'outcome'>): boolean =>
  outcome.kind === 'stopped' && outcome.reason === 'no_first_output';

/** What stood the test. */
function entryOf({ number, outcome, product }: EndedAttempt): Entry[] {
  const isOver = product !== undefined && ending(outcome).state === 'completed';
  if (!isOver || product.saved === null || product.saved.on === 'unfinished') return [];
  return product.verification?.result === 'failed' ? [] : [{ number, product }];
}

/** Verified first, then the higher number, then the smaller change, then the earlier attempt. */
const goodFirst = (a: Entry, b: Entry): number =>
  Number(isVerified(b)) - Number(isVerified(a)) ||
  metricOf(b) - metricOf(a) ||
  sizeOf(a) - sizeOf(b);

const isVerified = ({ product }: Entry): boolean => product.verification?.result === 'passed';
const metricOf = ({ product }: Entry): number => product.metric ?? -Number.MAX_VALUE;

function sizeOf({ product: { saved } }: Entry): number {
  const { insertions, deletions } = saved?.change ?? NO_CHANGE;
  return insertions + deletions;
}
