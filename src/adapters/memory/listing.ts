import { TendError } from '../../domain/errors.ts';
import type { Task } from '../../domain/task.ts';
import type { Store, StoreCounts, TaskQuery } from '../../ports/store.ts';
import { by, checksOf, copy, type Records } from './records.ts';

type Verb = 'resolve' | 'list' | 'checksOf' | 'history' | 'changes' | 'lastSeq' | 'counts';

export function listingVerbs(records: Records): Pick<Store, Verb> {
  const { tasks } = records;
  return {
    resolve: async (prefix, limit) => {
      if (tasks.has(prefix)) return [prefix];
      const found = [...tasks.values()].filter(({ id }) => id.startsWith(prefix));
      const listed = found.filter(isListed);
      return (listed.length > 0 ? listed : found)
        .map(({ id }) => id)
        .sort()
        .slice(0, limit);
    },
    checksOf: async (id) => copy(checksOf(tasks, id).sort(oldestFirst)),
    list: async (query) => {
      const newestFirst = [...tasks.values()].sort(oldestFirst).reverse();
      const found = newestFirst.filter(isAfter(query.cursor)).filter(matches(query));
      const page = found.slice(0, query.limit);
      const last = found.length > page.length ? page.at(-1) : undefined;
      return { tasks: copy(page), nextCursor: last ? `${last.createdAt}.${last.id}` : null };
    },
    history: async (id) => copy(records.history.filter(({ taskId }) => taskId === id)),
    changes: async (after, limit) =>
      copy(records.history.filter(({ seq }) => seq > after).slice(0, limit)),
    lastSeq: async () => records.lastSeq,
    counts: async () => counts(records),
  };
}

const oldestFirst = by<Task>((task) => task.createdAt);
const isListed = ({ spec }: Task): boolean => (spec.check ?? null) === null;

function isAfter(cursor: string | undefined): (task: Task) => boolean {
  if (cursor === undefined) return () => true;
  const [, time, id] = /^(\d+(?:\.\d+)?)\.([^.]+)$/.exec(cursor) ?? [];
  if (time === undefined || id === undefined)
    throw new TendError(
      'invalid_input',
      `There is no page ${cursor}.`,
      'Use the nextCursor of the page before, or leave the cursor out to begin again.',
    );
  const last = { id, createdAt: Number(time) };
  return (task) =>
    task.createdAt < last.createdAt || (task.createdAt === last.createdAt && task.id < last.id);
}

function matches(query: TaskQuery): (task: Task) => boolean {
  const { states, owner, group, parent, checksOf, text } = query;
  return ({ id, state, spec }) =>
    spec.check?.of === checksOf &&
    (states === undefined || states.includes(state)) &&
    (owner === undefined || spec.owner === owner) &&
    (group === undefined || spec.group === group) &&
    (parent === undefined || spec.parent === parent) &&
    (text === undefined || `${id}\n${spec.title}`.toLowerCase().includes(text.toLowerCase()));
}

function counts({ tasks, deliveries }: Records): StoreCounts {
  const byState: StoreCounts['byState'] = {};
  for (const { state } of [...tasks.values()].filter(isListed))
    byState[state] = (byState[state] ?? 0) + 1;
  const untold = [...deliveries.values()].filter(({ deliveredAt }) => deliveredAt === null);
  const dead = untold.filter(({ deadAt }) => deadAt !== null).length;
  return { byState, undelivered: untold.length - dead, dead };
}
