import type { Pending } from './check-run.ts';
import { answersIn } from './checklist.ts';
import type { Checks } from './checks.ts';
import type { CheckSeen, Evidence } from './evidence.ts';
import { judging } from './judging.ts';
import type { FailReason } from './lifecycle.ts';
import type { Look } from './pipeline.ts';
import { type Answered, MOST_PATHS, type Product } from './product.ts';
import { type Rounds, roundsIn, stuckBecause } from './rounds.ts';
import type { TaskIn } from './task.ts';
import { resultTold, toldIn } from './told-result.ts';
import { isOldFailure, verifying } from './verifying.ts';

type Finishing = TaskIn<'finishing'>;

/** Looks at what an attempt that came out well has made. */
export function lookAtWork(
  task: Finishing,
  evidence: Pick<Evidence, 'checks' | 'earlier'>,
  checks: Checks,
  known: Product,
): Look {
  const assessed = assess(task, evidence.checks, checks, known);
  if (assessed.kind !== 'assessed') return pending(assessed, known);
  const { product, flaw } = assessed;
  const rounds = roundsIn(checks.bestOf, evidence.earlier);
  const mayFix = rounds.fixed < checks.fix;
  if (flaw !== null) {
    const isHopeful = mayFix && flaw === 'verify_failed';
    const stuck = isHopeful ? stuckBecause([...rounds.mended, product]) : null;
    if (mayFix && stuck === null) return { kind: 'again', product };
    return { kind: 'bad', product: concerned(product, stuck), reason: flaw };
  }
  if (mayFix && openIn(product).length > 0) return { kind: 'again', product };
  // What was red before is no fault of the task, but somebody who asks for more attempts wants it green.
  if (mayFix && failsAsBefore(product) && stuckBecause([...rounds.mended, product]) === null)
    return { kind: 'again', product };
  return settle(task, evidence.checks, checks, product, { rounds, asMade: (made) => made });
}

/** What has to come first. */
export const pending = (first: Pending, product: Product): Look =>
  first.kind === 'running'
    ? { kind: 'wait', for: first.check, product }
    : { kind: 'act', act: { ...first, kind: 'check' }, product };

const concerned = (product: Product, why: string | null): Product =>
  why === null ? product : { ...product, concerns: [why] };

/** What is known of the work by itself; `flaw` = why it is no good, null = nothing speaks against it. */
export function assess(
  { spec, attempt }: Finishing,
  runs: readonly CheckSeen[],
  { verify, checklist }: Checks,
  known: Product,
): Pending | { kind: 'assessed'; product: Product; flaw: FailReason | null } {
  const { saved, unsaved } = known;
  const isKept = (spec.workspace ?? null) !== null;
  if (isKept && saved === null)
    return flawed(known, `its work could not be saved: ${unsaved ?? 'it had no work tree'}`);
  if (saved?.on === 'unfinished')
    return flawed(known, 'it left a merge, a rebase or the like in the middle, or conflicts');
  const answers = answersIn(resultTold(toldIn(attempt)), checklist);
  const product = { ...known, ...(answers.length > 0 && { checklist: answers }) };
  if (verify === null || saved === null) return { kind: 'assessed', product, flaw: null };
  const base = attempt.workspace?.prepared?.base ?? null;
  const found = verifying(runs, { attempt: attempt.number, saved, base }, verify);
  if (found.kind !== 'found') return found;
  const { facts: verification } = found;
  return {
    kind: 'assessed',
    product: { ...product, verification },
    flaw: verification.result === 'failed' ? 'verify_failed' : null,
  };
}

const flawed = (product: Product, why: string) =>
  ({ kind: 'assessed', product: concerned(product, why), flaw: 'uncommitted_changes' }) as const;

const failsAsBefore = ({ verification }: Product): boolean =>
  verification !== undefined && isOldFailure(verification);

const openIn = ({ checklist = [] }: Product): Answered[] =>
  checklist.filter(({ met }) => met !== true);

/** How what was made stands in the product of the attempt, and what was sent back before. */
interface Course {
  rounds: Rounds;
  asMade: (made: Product) => Product;
}

/** What becomes of work that nothing speaks against: a judge may be asked, and a person have to look. */
export function settle(
  { attempt }: Finishing,
  runs: readonly CheckSeen[],
  checks: Checks,
  made: Product,
  { rounds, asMade }: Course,
): Look {
  const { judge } = checks;
  const concerns = concernsOf(checks, made);
  const good = (product: Product, more: readonly string[]): Look => {
    const all = [...concerns, ...more];
    return {
      kind: 'good',
      product: asMade(all.length === 0 ? product : { ...product, concerns: all }),
    };
  };
  if (judge === null) return good(made, []);
  if (made.saved === null) return good(made, ['the judge could not be asked: no work is saved']);
  const { commit } = made.saved;
  const asked = judging(runs, { attempt: attempt.number, commit, endedAt: attempt.endedAt });
  if (asked.kind === 'unasked') return good(made, [`the judge could not be asked: ${asked.why}`]);
  if (asked.kind !== 'judged') return pending(asked, made);
  const judged = { ...made, judged: asked.facts };
  const { decision, reasons } = asked.facts;
  if (decision === 'approve') return good(judged, []);
  if (decision === 'escalate')
    return good(judged, [`the judge leaves it to a person: ${reasons.join('; ')}`]);
  const maySendBack = rounds.revised < judge.rounds;
  const stuck = maySendBack ? stuckBecause([...rounds.mended, judged]) : null;
  if (maySendBack && stuck === null) return { kind: 'again', product: asMade(judged) };
  return { kind: 'bad', product: asMade(concerned(judged, stuck)), reason: 'judge_rejected' };
}

function concernsOf({ review, verify }: Checks, made: Product): string[] {
  const { saved, verification } = made;
  const outside = saved?.outside ?? [];
  const open = openIn(made).map(({ item }) => item);
  const isUnproven = review && verify !== null && verification?.result !== 'passed';
  return [
    ...(outside.length === 0 ? [] : [`it changed what needs a person: ${listed(outside)}`]),
    ...(open.length === 0 ? [] : [`points of the checklist are open: ${listed(open)}`]),
    ...(isUnproven ? [`it is not verified: ${verification?.detail ?? 'no work is saved'}`] : []),
  ];
}

const listed = (names: readonly string[]): string =>
  names.length < MOST_PATHS ? names.join(', ') : `${names.join(', ')} …`;
