import type { EndedAttempt } from '../domain/attempt.ts';
import type { CheckOf } from '../domain/checks.ts';
import { judgePrompt } from '../domain/judge-prompt.ts';
import { judgeMarker } from '../domain/judging.ts';
import { NO_PRODUCT, resultIn } from '../domain/product.ts';
import { roundsIn } from '../domain/rounds.ts';
import type { Task } from '../domain/task.ts';
import { gapsTold, resultTold, toldIn } from '../domain/told-result.ts';
import type { Ports } from './context.ts';

/** Characters of a patch that are read; the prompt shows both ends of them. */
const LONGEST_DIFF = 200_000;
/** Longest naming of what is not met, in characters. */
const LONGEST_GAPS = 2_000;

/** What the judge is asked of the work, with everything that is known of it by now. */
export async function judgeAsked(ports: Ports, task: Task, check: CheckOf): Promise<string> {
  const { attempt } = task;
  const ended = attempt !== null && attempt.outcome !== null ? attempt : null;
  const all = await ports.store.endedAttempts(task.id);
  // Where attempts competed, it may be an earlier one.
  const made = all.findLast(({ product }) => product?.saved?.commit === check.commit) ?? ended;
  const { saved, verification = null, checklist = [] } = resultIn(ended?.product ?? NO_PRODUCT);
  const earlier = all.filter(({ number }) => number < check.attempt);
  const judged = earlier.flatMap(({ product = NO_PRODUCT }) => resultIn(product).judged ?? []);
  return judgePrompt({
    brief: briefOf(task),
    diff: await patchOf(ports, task, check.commit),
    verification,
    answer: made === null ? '' : wordsOf(made),
    checklist,
    suspects: saved?.suspects ?? [],
    round: roundsIn(task.spec.checks?.bestOf ?? 1, earlier).revised + 1,
    earlier: judged.findLast(({ decision }) => decision === 'revise')?.reasons ?? [],
    marker: judgeMarker(check.commit, ended?.endedAt ?? 0),
  });
}

function briefOf({ spec: { work, title } }: Task): string {
  if (work.kind === 'agent') return work.brief;
  const line = 'command' in work ? work.command : work.argv.join(' ');
  return `${title}\n\nIt was done by this command:\n\n${line}`;
}

/** What it says it made, and what it says it did not. */
function wordsOf(attempt: EndedAttempt): string {
  const told = toldIn(attempt);
  if (told.report === null) return attempt.output.preview;
  const gaps = gapsTold(told.worker, LONGEST_GAPS);
  return gaps === null ? resultTold(told) : `${resultTold(told)}\n\n(${gaps})`;
}

async function patchOf({ workspaces }: Ports, task: Task, commit: string): Promise<string> {
  const { workspace } = task.spec;
  const base = task.attempt?.workspace?.prepared?.base ?? workspace?.base;
  if (!workspace || base === undefined) return '';
  const stop = new AbortController();
  let patch = '';
  const options = { paths: [], signal: stop.signal };
  try {
    for await (const part of workspaces.diff(workspace.repository, base, commit, options)) {
      patch += part;
      if (patch.length >= LONGEST_DIFF) break;
    }
  } catch (error) {
    return `(The change could not be read: ${String(error)})`;
  } finally {
    stop.abort();
  }
  return patch.slice(0, LONGEST_DIFF);
}
