/** The tasks of a batch as a tree: each under one of those that it waits for. */
import type { NamedDependency } from '../../domain/plan.ts';

export interface Leaf {
  name: string;
  level: number;
  index: number;
  after: readonly NamedDependency[];
}

export interface Twig<T extends Leaf> {
  task: T;
  /** The lines that lead to it, such as `│ └ `. */
  branch: string;
  /** Names that it waits for and that do not stand right above it. */
  others: string[];
}

/** Each task under the last that it waits for, in the order of the file among equals. */
export function lineage<T extends Leaf>(tasks: readonly T[]): Twig<T>[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const under = new Map<string | null, T[]>();
  for (const task of tasks) {
    const above = lastOf(task, byName)?.name ?? null;
    const twins = under.get(above);
    if (twins === undefined) under.set(above, [task]);
    else twins.push(task);
  }
  const found: Twig<T>[] = [];
  // Not recursive: a chain may be as long as the batch.
  const open = childrenOf(null, '').toReversed();
  while (open.length > 0) {
    const { task, branch, below } = open.pop() as Open<T>;
    const above = lastOf(task, byName)?.name;
    const others = task.after.map(({ name }) => name).filter((name) => name !== above);
    found.push({ task, branch, others });
    open.push(...childrenOf(task.name, below).toReversed());
  }
  return found;

  function childrenOf(name: string | null, before: string): Open<T>[] {
    const children = (under.get(name) ?? []).toSorted((a, b) => a.index - b.index);
    return children.map((task, at) => {
      if (name === null) return { task, branch: '', below: '' };
      const isLast = at === children.length - 1;
      const lines = short(before);
      return {
        task,
        branch: `${lines}${isLast ? '└ ' : '├ '}`,
        below: `${lines}${isLast ? '  ' : '│ '}`,
      };
    });
  }
}

interface Open<T> {
  task: T;
  branch: string;
  /** In front of what stands under it. */
  below: string;
}

/** Beyond this many levels the lines lead nowhere that a terminal could show. */
const DEEPEST = 12;

const short = (lines: string): string =>
  lines.length <= 2 * DEEPEST ? lines : `… ${lines.slice(-2 * DEEPEST + 2)}`;

/** The one of those it waits for that can start last. */
function lastOf<T extends Leaf>({ after }: T, byName: ReadonlyMap<string, T>): T | null {
  let last: T | null = null;
  for (const { name } of after) {
    const task = byName.get(name);
    if (task !== undefined && (last === null || task.level > last.level)) last = task;
  }
  return last;
}
