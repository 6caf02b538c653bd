/** Which tasks a list shows. */
import { isTerminal, type State, STATES, TERMINAL } from '../../domain/lifecycle.ts';
import type { Client, Task } from '../client/index.ts';

export interface Filter {
  state?: State[];
  owner?: string;
  group?: string;
}

/** The longest page that the daemon gives. */
const PAGE = 1_000;

const OPEN = STATES.filter((state) => !isTerminal(state));

/** Every task that matches, newest first. */
export async function all(client: Client, filter: Filter, signal?: AbortSignal): Promise<Task[]> {
  const found: Task[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.list(
      { ...filter, limit: PAGE, ...(cursor !== undefined && { cursor }) },
      { signal },
    );
    found.push(...page.tasks);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

/** All open tasks, and the `recent` newest of the ended ones; newest first. */
export async function recent(
  client: Client,
  filter: Filter,
  ended: number,
  signal?: AbortSignal,
): Promise<{ tasks: Task[]; more: boolean }> {
  const wanted = filter.state ?? STATES;
  const among = (states: readonly State[]) => states.filter((state) => wanted.includes(state));
  const [open, closed] = [among(OPEN), among(TERMINAL)];
  const [live, done] = await Promise.all([
    open.length === 0 ? [] : all(client, { ...filter, state: open }, signal),
    closed.length === 0
      ? { tasks: [], nextCursor: null }
      : client.list({ ...filter, state: closed, limit: ended }, { signal }),
  ]);
  return { tasks: newestFirst([...live, ...done.tasks]), more: done.nextCursor !== null };
}

/** A task may end between the two questions and be in both answers. */
function newestFirst(tasks: readonly Task[]): Task[] {
  const unique = new Map(tasks.map((task) => [task.id, task]));
  return [...unique.values()].toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
}
