import { outsideOf } from '../domain/globs.ts';
import { MOST_PATHS, type Product, type Saved } from '../domain/product.ts';
import { oneLine } from '../domain/prompt.ts';
import { amend, type Task, type TaskId, type TaskIn } from '../domain/task.ts';
import { attemptRefOf, type Place, type Prepared } from '../domain/workspace.ts';
import type { Kept } from '../ports/workspace.ts';
import type { Ports } from './context.ts';
import { suspectsAmong } from './suspicion.ts';
import type { Tasks } from './tasks.ts';
import { placeOf, previousCommit, record, watchesCheckout } from './workspace-job.ts';

type Finishing = TaskIn<'finishing'>;

/** Keeps the work of an attempt that is over, and records where; repeated, it gives the same. */
export async function saveWork(
  ports: Ports,
  tasks: Tasks,
  id: TaskId,
  number: number,
): Promise<void> {
  const task = await tasks.get(id);
  if (task === null || !isUnsaved(task, number)) return;
  const place = placeOf(task, task.attempt);
  const prepared = task.attempt.workspace?.prepared ?? null;
  if (place === null || prepared === null) return;
  const made = await saved(ports, task, place, prepared);
  await record(tasks, id, (now) =>
    isUnsaved(now, number)
      ? amend(now, { attempt: { ...now.attempt, product: { ...now.attempt.product, ...made } } })
      : null,
  );
  // The work is kept, and that is known: from here on the place is anybody's.
  await ports.workspaces.release(place);
}

const isUnsaved = (task: Task, number: number): task is Finishing =>
  task.state === 'finishing' &&
  task.attempt.number === number &&
  (task.attempt.product?.saved ?? null) === null &&
  (task.attempt.product?.unsaved ?? null) === null;

/** Longest first line of the message of a commit. */
const LONGEST_TITLE = 72;

const messageOf = ({ id, spec }: Task, number: number): string =>
  `${oneLine(spec.title, LONGEST_TITLE)}\n\nTend-Task: ${id}\nTend-Attempt: ${number}\n`;

async function saved(
  ports: Ports,
  task: Finishing,
  place: Place,
  prepared: Prepared,
): Promise<Pick<Product, 'saved' | 'unsaved'>> {
  const { number, endedAt } = task.attempt;
  const earlier = (await ports.store.endedAttempts(task.id)).filter((one) => one.number < number);
  const kept = await ports.workspaces.save(place, {
    at: endedAt,
    message: messageOf(task, number),
    prepared,
    previous: previousCommit(task, earlier),
    keepIgnored: task.spec.workspace?.keepIgnored ?? [],
    watchCheckout: watchesCheckout(task),
  });
  if ('refusal' in kept) return { saved: null, unsaved: kept.refusal };
  return { saved: await looked(ports, task, prepared, kept), unsaved: null };
}

/** What is kept, with the paths that have to be looked at. */
async function looked(
  ports: Ports,
  task: Finishing,
  { base }: Prepared,
  { paths, ...kept }: Kept,
): Promise<Saved> {
  const { workspace, checks = null } = task.spec;
  if (!workspace) return { ...kept, outside: [], suspects: [], honest: null };
  const { repository, subfolder } = workspace;
  const names = paths.map(({ path }) => path);
  const outside = checks === null ? [] : outsideOf(names, checks.scope, checks.denied);
  const verify = checks?.verify ?? null;
  const command = verify?.command ?? '';
  const work = { repository, base, commit: kept.commit, paths, command, subfolder };
  const suspects = checks === null ? [] : await suspectsAmong(ports, work);
  const { number, endedAt } = task.attempt;
  const honest =
    // Nothing would be left but the base.
    suspects.length === 0 || suspects.length === names.length || verify === null
      ? null
      : await ports.workspaces.withPathsOf(
          repository,
          `${attemptRefOf(task.id, number)}.honest`,
          kept.commit,
          base,
          suspects,
          endedAt,
        );
  return {
    ...kept,
    outside: outside.slice(0, MOST_PATHS),
    suspects: suspects.slice(0, MOST_PATHS),
    touched: kept.touched.slice(0, MOST_PATHS),
    honest,
  };
}
