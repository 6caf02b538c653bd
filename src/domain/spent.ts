import type { Expense } from './expense.ts';
import { dollars, micros, sumUsd } from './money.ts';

/** Sums of expenses. What is unknown stays apart: it counts as the most that it may have been. */
export interface Spent {
  /** Of ended attempts that told their cost. */
  knownUsd: number;
  /** Ended attempts that did not tell. */
  unknown: number;
  /** The ceilings of those. */
  unknownUsd: number;
  /** Attempts that have not ended. */
  running: number;
  /** The ceilings of those. */
  reservedUsd: number;
  attempts: number;
  /** As far as they were told. */
  tokens: number;
}

/** Which expenses are meant: claimed in `from` <= at < `to` (epoch ms). */
export interface ExpenseQuery {
  from: number;
  /** Default: all that came later. */
  to?: number;
  agent?: string;
  group?: string;
  owner?: string;
}

/** What a report of costs is told apart by. */
export const COST_KEYS = ['agent', 'group', 'owner', 'day', 'task'] as const;
export type CostKey = (typeof COST_KEYS)[number];
/** Those that an expense has by itself: its day depends on the place. */
export type ExpenseKey = Exclude<CostKey, 'day'>;

export interface ShareQuery extends ExpenseQuery {
  by: ExpenseKey | null;
  limit: number;
}

/** The expenses that have a key in common; null = those of no group, or all. */
export interface Share extends Spent {
  key: string | null;
  tasks: number;
}

/** What ended attempts cost; unknown ones count as their ceilings. */
export const settledUsd = ({ knownUsd, unknownUsd }: Spent): number => sumUsd(knownUsd, unknownUsd);
/** What counts against a budget. */
export const countedUsd = ({ knownUsd, unknownUsd, reservedUsd }: Spent): number =>
  sumUsd(knownUsd, unknownUsd, reservedUsd);

const matches = (
  { at, agent, group, owner }: Expense,
  { from, to = Infinity, ...asked }: ExpenseQuery,
): boolean =>
  at >= from &&
  at < to &&
  (asked.agent ?? agent) === agent &&
  (asked.group ?? group) === group &&
  (asked.owner ?? owner) === owner;

/** The sums of those expenses that are meant. */
export const spentIn = (expenses: Iterable<Expense>, query: ExpenseQuery): Spent =>
  sumOf(Array.from(expenses).filter((one) => matches(one, query)));

/** The same told apart, the dearest first, at most `limit`; with `by` null a single sum. */
export function sharesIn(
  expenses: Iterable<Expense>,
  { by, limit, ...query }: ShareQuery,
): Share[] {
  const found = Array.from(expenses).filter((one) => matches(one, query));
  if (by === null) return [shareOf(null, found)];
  const parts = Map.groupBy(found, (one) => keyOf(one, by));
  return Array.from(parts, ([key, part]) => shareOf(key, part))
    .toSorted(dearestFirst)
    .slice(0, limit);
}

const shareOf = (key: string | null, expenses: readonly Expense[]): Share => ({
  key,
  ...sumOf(expenses),
  tasks: new Set(expenses.map(({ taskId }) => taskId)).size,
});

const keyOf = ({ agent, group, owner, taskId }: Expense, by: ExpenseKey): string | null =>
  ({ agent, group, owner, task: taskId })[by];

const dearestFirst = (a: Share, b: Share): number =>
  countedUsd(b) - countedUsd(a) || ((a.key ?? '') < (b.key ?? '') ? -1 : 1);

function sumOf(expenses: readonly Expense[]): Spent {
  const sums = { known: 0, unknown: 0, unknownOf: 0, running: 0, reserved: 0, tokens: 0 };
  for (const one of expenses) {
    sums.tokens += one.tokens ?? 0;
    const reserved = micros(one.reservedUsd);
    if (!one.ended) {
      sums.running += 1;
      sums.reserved += reserved;
    } else if (one.costUsd === null) {
      sums.unknown += 1;
      sums.unknownOf += reserved;
    } else sums.known += micros(one.costUsd);
  }
  return {
    knownUsd: dollars(sums.known),
    unknown: sums.unknown,
    unknownUsd: dollars(sums.unknownOf),
    running: sums.running,
    reservedUsd: dollars(sums.reserved),
    attempts: expenses.length,
    tokens: sums.tokens,
  };
}
