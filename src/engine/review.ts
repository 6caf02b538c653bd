import { TendError } from '../domain/errors.ts';
import { resultIn, type Saved } from '../domain/product.ts';
import { accepted, rejected, sentBack } from '../domain/review.ts';
import { type EndedTask, isEnded, type Step, type Task, type TaskIn } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { RetryChange } from './facade.ts';
import type { Tasks } from './tasks.ts';
import { previousCommit } from './workspace-job.ts';
import type { DiffRequest, WorkVerbs } from './work-facade.ts';

/** What a person's word needs of the engine. */
interface Around {
  ports: Ports;
  tasks: Tasks;
  find: (prefix: string) => Promise<Task>;
  retry: (task: EndedTask, change: RetryChange) => Promise<{ task: Task }>;
  /** Hurries a pass over a task whose end may free others. */
  wake: (id: string) => void;
}

type Reviewing = TaskIn<'awaiting_review'>;

const wasAccepted = (task: Task): boolean =>
  task.state === 'completed' && task.attempt.product?.review?.decision === 'accepted';

/** Looks at the work of a task, and takes it or sends it back. */
export function reviewVerbs(around: Around): Omit<WorkVerbs, 'undo'> {
  const { ports, tasks, find, retry, wake } = around;
  /** The step is decided anew where the task moved on meanwhile; `otherwise` for one that awaits no review. */
  const decided = async (
    id: string,
    decide: (task: Reviewing) => Step,
    otherwise: (task: Task) => Promise<Task>,
  ): Promise<Task> => {
    for (;;) {
      const task = await find(id);
      if (task.state !== 'awaiting_review') return otherwise(task);
      const moved = await tasks.commit(task, [decide(task)]);
      if (moved === null) continue;
      wake(moved.id);
      return moved;
    }
  };
  const now = (): number => ports.clock.now();
  return {
    accept: (id) =>
      decided(
        id,
        (task) => accepted(task, now()),
        async (task) => {
          // Asked again by somebody whom the answer did not reach.
          if (wasAccepted(task)) return task;
          throw notReviewed(task, 'nothing of it is left to accept');
        },
      ),
    reject: (id, feedback, end) =>
      decided(
        id,
        (task) => (end ? rejected : sentBack)(task, feedback, now()),
        async (task) => {
          if (!isEnded(task) || end || task.spec.check)
            throw notReviewed(task, 'it cannot end a second time');
          return (await retry(task, { feedback, agent: null, environment: null })).task;
        },
      ),
    changes: async (id, request) => {
      const { repository, from, to } = await rangeOf(ports, await find(id), request);
      const { paths, change } = await ports.workspaces.changes(repository, from, to);
      const isMeant = (path: string): boolean =>
        request.paths.length === 0 ||
        request.paths.some((one) => path === one || path.startsWith(`${one.replace(/\/$/, '')}/`));
      return { from, to, change, paths: paths.filter(({ path }) => isMeant(path)) };
    },
    diff: async function* (id, request, signal) {
      const { repository, from, to } = await rangeOf(ports, await find(id), request);
      yield* ports.workspaces.diff(repository, from, to, { paths: request.paths, signal });
    },
  };
}

const notReviewed = ({ id, state }: Task, what: string): TendError =>
  isOver(state)
    ? new TendError(
        'already_ended',
        `${id} has ended (${state}): ${what}`,
        `See what it made with: tend diff ${id}`,
      )
    : new TendError(
        'not_ended',
        `${id} is ${state}: there is nothing to review yet`,
        `Wait for it with: tend wait ${id}`,
      );

const isOver = (state: Task['state']): boolean =>
  state === 'completed' || state === 'failed' || state === 'cancelled' || state === 'skipped';

/** What an attempt made, and what it is compared with. */
interface Made {
  number: number;
  saved: Saved;
  base: string;
}

/** The commits that a request means. Throws TendError `unsupported` where nothing is kept, `not_found` for no such attempt. */
async function rangeOf(
  { store }: Ports,
  task: Task,
  { attempt, against }: DiffRequest,
): Promise<{ repository: string; from: string; to: string }> {
  const { workspace } = task.spec;
  if (!workspace || workspace.kind === 'checkout')
    throw new TendError(
      'unsupported',
      `${task.id} has no work tree of its own: nothing of its work is kept apart`,
      'Ask for one when it is submitted, with: tend run --worktree …',
    );
  const ended = await store.endedAttempts(task.id);
  const made = ended.flatMap((one): Made[] => {
    const saved = one.product?.saved ?? null;
    const base = one.workspace?.prepared?.base ?? workspace.base;
    return saved === null ? [] : [{ number: one.number, saved, base }];
  });
  const wanted = attempt ?? resultNumber(task);
  const found = wanted === null ? made.at(-1) : made.find(({ number }) => number === wanted);
  if (found === undefined) throw nothingSaved(task, attempt);
  const earlier = ended.filter(({ number }) => number < found.number);
  const before = against === 'previous' ? previousCommit(task, earlier) : null;
  const from = before ?? found.base;
  return { repository: workspace.repository, from, to: found.saved.commit };
}

/** The attempt whose work is the result; null = the last one that made something. */
function resultNumber({ attempt }: Task): number | null {
  if (attempt === null || attempt.outcome === null || attempt.product === undefined) return null;
  const { best } = attempt.product;
  if (best !== undefined) return best.number;
  return resultIn(attempt.product).saved === null ? null : attempt.number;
}

function nothingSaved(task: Task, attempt: number | null): TendError {
  const last = task.attempt?.number ?? 0;
  if (attempt !== null && attempt > last)
    return new TendError(
      'not_found',
      `${task.id} has no attempt ${attempt}`,
      `It has had ${last}.`,
    );
  const why = unsavedIn(task);
  return new TendError(
    'unsupported',
    attempt === null
      ? `nothing of the work of ${task.id} is saved${why}`
      : `nothing of attempt ${attempt} of ${task.id} is saved${why}`,
    `See where it is with: tend show ${task.id}`,
  );
}

function unsavedIn({ attempt }: Task): string {
  if (attempt === null) return ': it has not begun';
  if (attempt.outcome === null) return ' yet: it is still at it';
  const unsaved = attempt.product?.unsaved ?? null;
  return unsaved === null ? '' : `: ${unsaved}`;
}
