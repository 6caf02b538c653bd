import { isLive, isTerminal } from '../../domain/lifecycle.ts';
import { dueAt, type Task, type TaskIn } from '../../domain/task.ts';
import type { State } from '../../domain/lifecycle.ts';
import type { Store } from '../../ports/store.ts';
import { by, copy, isProtected, type Records } from './records.ts';

type Verb = 'live' | 'due' | 'nextDue' | 'states' | 'releasable' | 'removable' | 'workingOn';

export function scheduleVerbs(records: Records): Pick<Store, Verb> {
  const { tasks } = records;
  const all = (): Task[] => [...tasks.values()];
  const timed = (): { id: string; at: number; task: Task }[] =>
    all()
      .flatMap((task) => {
        const at = dueAt(task);
        return at === null ? [] : [{ id: task.id, at, task }];
      })
      .sort(by(({ at }) => at));
  const waiting = (): TaskIn<'waiting'>[] => all().filter(isIn('waiting')).sort(oldestFirst);
  return {
    live: async (node) =>
      copy(
        all()
          .filter((task) => isLive(task.state) && task.node === node)
          .sort(oldestFirst) as Awaited<ReturnType<Store['live']>>,
      ),
    due: async (now, limit) =>
      copy(
        timed()
          .filter(({ at }) => at <= now)
          .slice(0, limit)
          .map(({ task }) => task),
      ),
    nextDue: async () => timed()[0]?.at ?? null,
    states: async (ids) => {
      const found = new Map<string, State>();
      for (const id of ids) {
        const task = tasks.get(id);
        if (task !== undefined) found.set(id, task.state);
      }
      return found;
    },
    releasable: async (limit) => {
      const isOver = (id: string): boolean => isTerminal(tasks.get(id)?.state ?? 'completed');
      const found = waiting().filter(({ spec }) => spec.after.some(({ task }) => isOver(task)));
      return copy(found.slice(0, limit));
    },
    workingOn: async (repository, branch) =>
      all()
        .filter(({ id, spec: { workspace } }) => {
          if (workspace?.kind !== 'worktree' || workspace.repository !== repository) return false;
          return (workspace.branch ?? `tend/${id}`) === branch;
        })
        .map(({ id }) => id)
        .sort(),
    removable: async (before, limit, id) => {
      const asked = all().filter((task) => id === undefined || task.id === id);
      const ended = asked.flatMap((task) => ('endedAt' in task ? [task] : []));
      const old = ended.filter((task) => task.endedAt < before).sort(by(({ endedAt }) => endedAt));
      return copy(old.filter((task) => !isProtected(records, task)).slice(0, limit));
    },
  };
}

const oldestFirst = by<Task>((task) => task.createdAt);
const isIn =
  <S extends State>(state: S) =>
  (task: Task): task is Extract<Task, { state: S }> =>
    task.state === state;
