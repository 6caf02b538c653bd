import type { Attempt, EndedAttempt } from '../domain/attempt.ts';
import { resultIn } from '../domain/product.ts';
import { isContest } from '../domain/rounds.ts';
import { type Amendment, amend, type Task, type TaskId, type TaskIn } from '../domain/task.ts';
import type { Place, WorkspaceFacts } from '../domain/workspace.ts';
import type { Ports } from './context.ts';
import { startsFor } from './starts.ts';
import type { Tasks } from './tasks.ts';

/** What the attempt with this number knows of its place, stored before anything of it exists. */
export async function placed(
  { workspaces, store }: Pick<Ports, 'workspaces' | 'store'>,
  task: Task,
  number: number,
): Promise<{ workspace?: WorkspaceFacts }> {
  const spec = task.spec.workspace ?? null;
  if (spec === null) return {};
  const competes = bestOf(task) > 1 && isContest(bestOf(task), await store.endedAttempts(task.id));
  const { path, cwd, branch } = workspaces.place(spec, task.id, number, competes);
  return { workspace: { path, cwd, branch, prepared: null } };
}

const bestOf = ({ spec }: Pick<Task, 'spec'>): number => spec.checks?.bestOf ?? 1;

/** Where the attempt works, as it was stored; null = simply in the folder of its task. */
export function placeOf(
  { id, spec }: Pick<Task, 'id' | 'spec'>,
  { number, workspace }: Pick<Attempt, 'number' | 'workspace'>,
): Place | null {
  if (!spec.workspace || workspace === undefined) return null;
  const { kind, repository, checkout } = spec.workspace;
  const { path, cwd, branch } = workspace;
  return { kind, taskId: id, number, repository, checkout, path, cwd, branch };
}

/** Nothing is launched before the place is ready. */
export const awaitsPlace = ({ attempt }: TaskIn<'claimed'>): boolean =>
  attempt.workspace !== undefined && attempt.workspace.prepared === null;

/** Whether an agent works elsewhere than in the person's checkout, which it has to leave alone. */
export const watchesCheckout = ({ spec }: Pick<Task, 'spec'>): boolean =>
  spec.workspace?.kind === 'worktree' &&
  spec.workspace.checkout !== null &&
  spec.work.kind === 'agent';

/** Makes the place of a claimed attempt ready, and records what that came to; what is stopped meanwhile stays stopped. */
export async function prepareWorkspace(
  ports: Ports,
  tasks: Tasks,
  id: TaskId,
  number: number,
): Promise<void> {
  const task = await tasks.get(id);
  if (task === null || !isAwaiting(task, number)) return;
  const place = placeOf(task, task.attempt);
  const { workspace } = task.spec;
  if (place === null || !workspace) return;
  const { starts, base } = await startsOf(ports, task);
  const made = await ports.workspaces.prepare(
    place,
    workspace,
    starts,
    watchesCheckout(task),
    ports.clock.now(),
  );
  const prepared = {
    ...made,
    // From here on the launch has its time.
    at: ports.clock.now(),
    ...(base !== null && made.refusal === null && { base }),
  };
  const isKnown = await record(tasks, id, (now) => {
    if (!isAwaiting(now, number) || now.attempt.workspace === undefined) return null;
    const { attempt } = now;
    return amend(now, {
      attempt: { ...attempt, workspace: { ...now.attempt.workspace, prepared } },
    });
  });
  // It was stopped meanwhile: nobody works there.
  if (!isKnown) await ports.workspaces.release(place);
}

const isAwaiting = (task: Task, number: number): task is TaskIn<'claimed'> =>
  task.state === 'claimed' && task.attempt.number === number && awaitsPlace(task);

/** All attempts are compared with what the first one began on; what follows a contest goes on with the winner's work. */
async function startsOf(
  ports: Ports,
  task: TaskIn<'claimed'>,
): Promise<{ starts: readonly string[]; base: string | null }> {
  const earlier = task.attempt.number === 1 ? [] : await ports.store.endedAttempts(task.id);
  const first = earlier
    .map(({ workspace }) => workspace?.prepared)
    .find((one) => one?.refusal === null);
  if (!first) {
    const { check } = task.spec;
    return { starts: check ? [check.commit] : await startsFor(ports, task), base: null };
  }
  const { base } = first;
  const isOver = bestOf(task) > 1 && !isContest(bestOf(task), earlier);
  const winner = isOver ? previousCommit(task, earlier) : null;
  return { starts: [winner ?? base], base };
}

/** The commit of the attempt that this one goes on from; null = there is none. */
export function previousCommit(
  task: Pick<Task, 'spec'>,
  earlier: readonly EndedAttempt[],
): string | null {
  if (bestOf(task) > 1 && isContest(bestOf(task), earlier)) return null;
  const commits = earlier.map(({ product }) =>
    product === undefined ? null : resultIn(product).saved?.commit,
  );
  return commits.findLast((commit) => typeof commit === 'string') ?? null;
}

/** Amends the task as it is by then; false when `change` answers null, as that is not called for any more. */
export async function record(
  tasks: Tasks,
  id: TaskId,
  change: (task: Task) => Amendment | null,
): Promise<boolean> {
  for (;;) {
    const task = await tasks.get(id);
    const amendment = task === null ? null : change(task);
    if (amendment === null) return false;
    if ((await tasks.amend(amendment)) !== null) return true;
  }
}

/** Lets go of the place of an attempt that has ended: what is only a checkout is removed. */
export async function releaseWorkspace(
  ports: Pick<Ports, 'workspaces'>,
  task: Task,
  attempt: Attempt,
): Promise<void> {
  const place = placeOf(task, attempt);
  if (place !== null) await ports.workspaces.release(place);
}
