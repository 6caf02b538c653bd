import { TendError } from '../domain/errors.ts';
import { isEnded, type Task, type TaskId } from '../domain/task.ts';
import type { Place } from '../domain/workspace.ts';
import type { Trashed } from '../ports/trash.ts';
import type { Ports } from './context.ts';
import { placeOf } from './workspace-job.ts';

/** A work tree that goes with a task, or would go. */
export interface GoingTree {
  taskId: TaskId;
  path: string;
  bytes: number;
}

/** What forgetting a task comes to: it goes with its work trees, or all of it stays. */
export type Removal = { kept: string } | { trees: GoingTree[] };

const PROTECTED = 'its completion is not acknowledged, or another task waits for it';

/** What `removeTask` would do. */
export async function foresee(ports: Ports, task: Task): Promise<Removal> {
  const { id } = task;
  if (!(await isRemovable(ports, id))) return { kept: PROTECTED };
  const trees: GoingTree[] = [];
  for (const place of await ownPlaces(ports, task)) {
    const refusal = await ports.trash.refusal(place);
    if (refusal !== null) return { kept: keptFor(place, refusal) };
    const bytes = await ports.trash.size(place.path);
    if (bytes !== null) trees.push({ taskId: id, path: place.path, bytes });
  }
  return { trees };
}

/** Forgets one ended task that nothing protects, and its checks: work trees to the trash, then the row, then the files. */
export async function removeTask(ports: Ports, task: Task): Promise<Removal> {
  const { id } = task;
  const { store, trash, workspaces } = ports;
  if (!(await isRemovable(ports, id))) return { kept: PROTECTED };
  const taken: Trashed[] = [];
  const giveBack = async (kept: string): Promise<Removal> => {
    for (const one of taken) await trash.restore(one);
    return { kept };
  };
  const trees: GoingTree[] = [];
  for (const place of await ownPlaces(ports, task)) {
    await workspaces.release(place);
    const bytes = await trash.size(place.path);
    const found = await trash.put(place, ports.clock.now());
    if (found === null) continue;
    if ('refusal' in found) return giveBack(keptFor(place, found.refusal));
    taken.push(found);
    trees.push({ taskId: id, path: place.path, bytes: bytes ?? 0 });
  }
  const repository = repositoryOf(task);
  if (repository !== null) await trash.archive(repository, id);
  const checks = await store.checksOf(id);
  if (!(await store.remove(id)))
    // Somebody else may have removed it meanwhile: then it has gone where it belongs.
    return (await store.get(id)) === null ? { trees: [] } : giveBack(PROTECTED);
  if (repository !== null) await trash.retire(repository, id);
  for (const gone of [id, ...checks.map((check) => check.id)]) await clear(ports, gone);
  return { trees };
}

/** Forgets a task because somebody asked for it. Throws TendError `not_ended` or `protected`. */
export async function removeAsked(ports: Ports, task: Task, dryRun: boolean): Promise<GoingTree[]> {
  const { id } = task;
  if (!isEnded(task))
    throw new TendError(
      'not_ended',
      `${id} is ${task.state}, not ended`,
      `Wait for it with: tend wait ${id}`,
    );
  const removal = await (dryRun ? foresee : removeTask)(ports, task);
  if ('trees' in removal) return removal.trees;
  throw new TendError(
    'protected',
    `${id} is kept: ${removal.kept}`,
    removal.kept === PROTECTED
      ? 'Acknowledge completions with: tend inbox --drain'
      : 'Nothing was touched. See what it made with: tend show ' + id,
  );
}

/** Deletes the files of a removed task; its id is free again after that, and not before. */
export async function clear({ store, supervisor }: Ports, id: TaskId): Promise<void> {
  await supervisor.remove(id);
  await store.cleared(id);
}

const keptFor = ({ path }: Place, refusal: string): string => `its work tree ${path} ${refusal}`;

const isRemovable = async ({ store }: Ports, id: TaskId): Promise<boolean> =>
  (await store.removable(Number.MAX_SAFE_INTEGER, 1, id)).length > 0;

/** Whose saved work has names in a repository; null = nothing of the task is in one. */
const repositoryOf = ({ spec }: Task): string | null =>
  spec.workspace && spec.workspace.kind !== 'checkout' ? spec.workspace.repository : null;

/** Work trees of a task, as its attempts had them. */
async function placesOf({ store }: Ports, task: Task): Promise<Place[]> {
  if (task.spec.workspace?.kind !== 'worktree') return [];
  const places = new Map<string, Place>();
  for (const attempt of await store.attempts(task.id)) {
    const place = attempt === null ? null : placeOf(task, attempt);
    if (place !== null) places.set(place.path, place);
  }
  return [...places.values()];
}

/** Those that no other task works in, or has worked in. */
async function ownPlaces(ports: Ports, task: Task): Promise<Place[]> {
  const own: Place[] = [];
  for (const place of await placesOf(ports, task)) {
    const { repository, branch } = place;
    if (branch === null) continue;
    // One of those that compete has a number at its end, which another task may have asked for by its whole name.
    const names = [branch, branch.replace(/-\d+$/, '')];
    const users = await Promise.all(names.map((name) => ports.store.workingOn(repository, name)));
    if (users.flat().every((id) => id === task.id)) own.push(place);
  }
  return own;
}
