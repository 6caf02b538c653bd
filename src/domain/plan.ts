import { type DependencyCondition, readiness } from './dependencies.ts';
import { isTerminal, type State } from './lifecycle.ts';

/** What a task of a batch waits for, by the name it has there. */
export interface NamedDependency {
  name: string;
  when: DependencyCondition;
}

/** A task of a batch as far as its place in the plan goes. */
export interface Planned {
  name: string;
  after: readonly NamedDependency[];
}

/** What makes a plan impossible; `index` is the place of the task in the list. */
export type PlanFault =
  | { kind: 'duplicate'; index: number; name: string; first: number }
  | { kind: 'unknown'; index: number; name: string }
  | { kind: 'cycle'; path: string[] };

/** What a name in a batch may be: it is part of keys and stands in lists. */
export const NAME_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/** The first fault of the list; null when it can be run. */
export function faultIn(tasks: readonly Planned[]): PlanFault | null {
  const places = new Map<string, number>();
  for (const [index, { name }] of tasks.entries()) {
    const first = places.get(name);
    if (first !== undefined) return { kind: 'duplicate', index, name, first };
    places.set(name, index);
  }
  for (const [index, { after }] of tasks.entries()) {
    const missing = after.find(({ name }) => !places.has(name));
    if (missing !== undefined) return { kind: 'unknown', index, name: missing.name };
  }
  const { rest } = sorted(tasks);
  return rest.length === 0 ? null : { kind: 'cycle', path: cycleIn(rest) };
}

/** A task with its level: 0 waits for nobody, every other stands one above the highest it waits for. */
export interface Placed<T extends Planned> {
  task: T;
  level: number;
}

/** Whoever is waited for stands before who waits: level by level, in the order of the list within one. */
export const inOrder = <T extends Planned>(tasks: readonly T[]): Placed<T>[] =>
  sorted(tasks).placed.toSorted((a, b) => a.level - b.level || a.index - b.index);

type Node<T extends Planned> = Placed<T> & { index: number };

/** Kahn's order; `rest` are those on a cycle or behind one. */
function sorted<T extends Planned>(tasks: readonly T[]): { placed: Node<T>[]; rest: T[] } {
  const open = new Map<string, number>();
  const dependents = new Map<string, Node<T>[]>();
  const placed: Node<T>[] = [];
  for (const [index, task] of tasks.entries()) {
    const node = { task, index, level: 0 };
    const names = new Set(task.after.map(({ name }) => name));
    open.set(task.name, names.size);
    if (names.size === 0) placed.push(node);
    for (const name of names) {
      const others = dependents.get(name);
      if (others === undefined) dependents.set(name, [node]);
      else others.push(node);
    }
  }
  for (let at = 0; at < placed.length; at += 1) {
    const { task, level } = placed[at] as Node<T>;
    for (const node of dependents.get(task.name) ?? []) {
      node.level = Math.max(node.level, level + 1);
      const left = (open.get(node.task.name) as number) - 1;
      open.set(node.task.name, left);
      if (left === 0) placed.push(node);
    }
  }
  return { placed, rest: tasks.filter(({ name }) => open.get(name) !== 0) };
}

/** One round through tasks each of which waits for another of them: `a`, `b`, `a`. */
function cycleIn(rest: readonly Planned[]): string[] {
  const byName = new Map(rest.map((task) => [task.name, task]));
  const seen = new Map<string, number>();
  const path: string[] = [];
  let here = rest[0] as Planned;
  while (!seen.has(here.name)) {
    seen.set(here.name, path.length);
    path.push(here.name);
    const next = here.after.find(({ name }) => byName.has(name)) as NamedDependency;
    here = byName.get(next.name) as Planned;
  }
  return [...path.slice(seen.get(here.name)), here.name];
}

/** Those named as a source of context are waited for, too: for their success, unless something else is said. */
export const withContext = (
  after: readonly NamedDependency[],
  contextFrom: readonly string[],
): NamedDependency[] => [
  ...after,
  ...contextFrom
    .filter((name) => !after.some((other) => other.name === name))
    .map((name) => ({ name, when: 'success' as const })),
];

/** What one task may cost at most: its envelope, once for the first attempt and once for each retry. */
export const ceilingOf = (costUsd: number, retries: number): number => costUsd * (1 + retries);

/** What a resume does with a name: a first task of it, another one, or nothing. */
export type Redo = 'new' | 'again' | 'keep';

/**
 * What to do with each name, `tasks` in an order in which whoever is waited for comes first. `newest` holds the state
 * of the newest task of every name that has one. What completed or goes on is left alone, and so is what would only be
 * skipped again.
 */
export function resumption(
  tasks: readonly Planned[],
  newest: ReadonlyMap<string, State>,
): Map<string, Redo> {
  const states = new Map(newest);
  const answer = new Map<string, Redo>();
  for (const { name, after } of tasks) {
    const redo = redoOf(states.get(name), after, states);
    answer.set(name, redo);
    if (redo !== 'keep') states.set(name, 'waiting');
  }
  return answer;
}

function redoOf(
  state: State | undefined,
  after: readonly NamedDependency[],
  states: ReadonlyMap<string, State>,
): Redo {
  if (state === undefined) return 'new';
  if (!isTerminal(state) || state === 'completed') return 'keep';
  if (state !== 'skipped') return 'again';
  const on = after.map(({ name, when }) => ({ task: name, when }));
  return readiness(on, states).kind === 'never' ? 'keep' : 'again';
}

/** The idempotency key of the nth task of a name in a group; or that key of its own, numbered in the same way. */
export function batchKey(group: string, name: string, own: string | null, nth: number): string {
  // A colon in the group would make two groups share a key.
  const plain = group.replaceAll('%', '%25').replaceAll(':', '%3A');
  const key = own ?? `batch:${plain}:${name}`;
  return nth === 1 ? key : `${key}:${nth}`;
}
