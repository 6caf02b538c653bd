import { MAX_DEPTH } from '../domain/family.ts';
import { isTerminal, STATES } from '../domain/lifecycle.ts';
import type { Task, TaskId } from '../domain/task.ts';
import type { TaskPage, TaskQuery } from '../ports/store.ts';
import type { Ports } from './context.ts';

/** Tasks that are read at a time. */
const PAGE = 100;

/** All that the query finds, the newest first, read in pages. */
async function* found(store: Ports['store'], query: Omit<TaskQuery, 'limit'>): AsyncIterable<Task> {
  let cursor = query.cursor;
  do {
    const page: TaskPage = await store.list({
      ...query,
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    });
    yield* page.tasks;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

export const childrenOf = (store: Ports['store'], parent: TaskId): AsyncIterable<Task> =>
  found(store, { parent });

/** Children that a description lists. */
const LISTED = 100;

/** The children of a task, oldest first; of many those that have not ended, then the newest. */
export async function listedChildren(store: Ports['store'], { id, spec }: Task): Promise<Task[]> {
  if (spec.depth >= MAX_DEPTH) return [];
  const { open: some, endedAt } = await store.children(id);
  if (some === 0 && endedAt === null) return [];
  const query = { parent: id, limit: LISTED };
  const { tasks, nextCursor } = await store.list(query);
  if (nextCursor === null) return tasks.toReversed();
  const states = STATES.filter((state) => !isTerminal(state));
  const open = (await store.list({ ...query, states })).tasks;
  const ids = new Set(open.map((task) => task.id));
  const rest = tasks.filter((task) => !ids.has(task.id));
  return [...open, ...rest].slice(0, LISTED).toSorted((a, b) => a.createdAt - b.createdAt);
}

/** Ids of the tasks that wait for their children. */
export async function awaitingChildren(store: Ports['store']): Promise<TaskId[]> {
  const ids: TaskId[] = [];
  for await (const { id } of found(store, { states: ['awaiting_children'] })) ids.push(id);
  return ids;
}
