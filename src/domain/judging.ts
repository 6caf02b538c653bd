import { type Pending, runOf } from './check-run.ts';
import type { CheckSeen } from './evidence.ts';
import { judgementIn } from './judge-answer.ts';
import { ending, inWords } from './outcome.ts';
import type { JudgedFacts } from './product.ts';

/** What a judge of this commit is asked to repeat: an attempt knows neither before it has ended. */
export const judgeMarker = (commit: string, endedAt: number): string =>
  `${commit.slice(0, 12)}-${Math.floor(endedAt).toString(36)}`;

/** What a judge said of the commit, by the attempt that ended then; or why it said nothing, in words. */
export function judging(
  checks: readonly CheckSeen[],
  { attempt, commit, endedAt }: { attempt: number; commit: string; endedAt: number },
): Pending | { kind: 'judged'; facts: JudgedFacts } | { kind: 'unasked'; why: string } {
  const run = runOf(checks, { attempt, what: 'judge', nth: 1, commit });
  if (run.kind !== 'ended') return run;
  const { id, ended, text } = run.check;
  if (ended !== 'cancelled' && ending(ended).state === 'completed')
    return {
      kind: 'judged',
      facts: { ...judgementIn(text, judgeMarker(commit, endedAt)), run: id },
    };
  const why = ended === 'cancelled' ? 'was stopped' : inWords(ended);
  return { kind: 'unasked', why: `its task ${id} ${why}` };
}
