import { type Dependency, withSources } from '../domain/dependencies.ts';
import { refusalOfChildren } from '../domain/family.ts';
import { type EndedTask, isEnded, type Task, type TaskId, type TaskSpec } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { SubmitRequest } from './facade.ts';

type Order = Pick<TaskSpec, 'after' | 'contextFrom'>;

/**
 * What a new task waits for, and whose results it is told, by their full ids. Throws TendError `not_found`, but not for
 * results that an earlier task was told: they may have been removed since, and it is told so.
 */
export async function orderOf(
  { spec: { after, contextFrom = [] }, again: isAgain = false }: SubmitRequest,
  find: (prefix: string) => Promise<Task>,
): Promise<Order> {
  const idOf = async (prefix: string): Promise<TaskId> => (await find(prefix)).id;
  const on: Dependency[] = await Promise.all(
    after.map(async ({ task, when }) => ({ task: await idOf(task), when })),
  );
  if (contextFrom.length === 0) return { after: on };
  const sources = isAgain ? contextFrom : await Promise.all(contextFrom.map(idOf));
  const told = [...new Set(sources)];
  return { after: isAgain ? on : withSources(on, told), contextFrom: told };
}

/**
 * The place of a task that does the work of an ended one again: it waits for nothing but the results that it is told,
 * however those end. A retry stays a child of its parent while that goes on.
 */
export async function placeAgain(
  store: Ports['store'],
  { spec }: EndedTask,
  isRetry: boolean,
): Promise<Order & Pick<TaskSpec, 'parent'>> {
  const { contextFrom = [] } = spec;
  const known = contextFrom.length === 0 ? null : await store.states(contextFrom);
  const parent = !isRetry || spec.parent === null ? null : await store.get(spec.parent);
  const goesOn = parent !== null && !isEnded(parent) && refusalOfChildren(parent) === null;
  return {
    parent: goesOn ? parent.id : null,
    after: contextFrom
      .filter((task) => known?.has(task))
      .map((task) => ({ task, when: 'always' as const })),
  };
}
