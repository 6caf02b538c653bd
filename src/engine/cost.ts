import { type BudgetState, levelOf } from '../domain/budget.ts';
import { daysIn, sinceOf } from '../domain/budget-window.ts';
import { DAY, type Zone } from '../domain/civil.ts';
import { TendError } from '../domain/errors.ts';
import type { CostKey, ExpenseKey, Share } from '../domain/spent.ts';
import type { Budgets } from './budgets.ts';
import type { Ports } from './context.ts';
import type { Finding } from './facade.ts';

export interface CostRequest {
  by: CostKey;
  /** `7d`, or a date such as `2026-11-01`. */
  since: string;
}

/** What was spent, and what may be. */
export interface CostReport {
  from: number;
  to: number;
  by: CostKey;
  total: Share;
  /** The dearest first, of days the earliest; days are keyed by their date. */
  shares: Share[];
  /** There are more than those. */
  more: boolean;
  budgets: BudgetState[];
}

/** Most shares of a report: nobody reads more, and a month may have a hundred thousand tasks. */
const MOST_SHARES = 100;
/** Most days that are told apart. */
const MOST_DAYS = 1_000;

/** Throws TendError `invalid_input` when `since` is no time, or one that has not been. */
export async function costReport(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  budgets: Pick<Budgets, 'zone' | 'spendings'>,
  { by, since }: CostRequest,
): Promise<CostReport> {
  const to = clock.now();
  const { zone } = budgets;
  const from = sinceOf(since, to, zone);
  if (from === null)
    throw new TendError(
      'invalid_input',
      `${JSON.stringify(since)} is no time that has been`,
      'Write how long ago, such as 12h or 7d, or a date such as 2026-11-01.',
    );
  const span = { from, to: to + 1 };
  const [total] = await store.costs({ ...span, by: null, limit: 1 });
  if (total === undefined) throw new RangeError('a sum of all has no row');
  const shares = by === 'day' ? await byDay(store, span, zone) : await sharesOf(store, span, by);
  return {
    from,
    to,
    by,
    total,
    shares: by === 'day' ? shares : shares.slice(0, MOST_SHARES),
    more: by !== 'day' && shares.length > MOST_SHARES,
    budgets: await budgets.spendings(to),
  };
}

interface Span {
  from: number;
  to: number;
}

const sharesOf = (store: Ports['store'], span: Span, by: ExpenseKey): Promise<Share[]> =>
  store.costs({ ...span, by, limit: MOST_SHARES + 1 });

/** Days on which nothing was spent are left out. */
async function byDay(store: Ports['store'], span: Span, zone: Zone): Promise<Share[]> {
  if (span.to - span.from > MOST_DAYS * DAY)
    throw new TendError(
      'invalid_input',
      'so many days are not told apart',
      `Ask for the last ${MOST_DAYS} days, or by something else than days.`,
    );
  const shares: Share[] = [];
  for (const day of daysIn(span.from, span.to, zone))
    for (const share of await store.costs({ ...day, by: null, limit: 1 }))
      if (share.attempts > 0) shares.push({ ...share, key: dateText(day.from, zone) });
  return shares;
}

function dateText(at: number, zone: Zone): string {
  const { year, month, day } = zone(at);
  return [year, month, day].map((part) => String(part).padStart(2, '0')).join('-');
}

const PERIODS = { day: 'today', week: 'this week', month: 'this month', ever: 'in all' } as const;

/** Budgets that are nearly or wholly spent, each in a sentence; none is said of when there is none. */
export async function budgetFindings(
  { clock }: Pick<Ports, 'clock'>,
  budgets: Pick<Budgets, 'spendings'>,
): Promise<Finding[]> {
  const states = await budgets.spendings(clock.now());
  if (states.length === 0) return [];
  const finding = (level: Finding['level'], message: string): Finding => ({
    check: 'budget',
    level,
    message,
    taskId: null,
  });
  const told = states.flatMap((state) => {
    const level = levelOf(state);
    if (level === 'ok') return [];
    const { budget, spentUsd, until } = state;
    const spent = `$${spentUsd.toFixed(2)} of the $${budget.limitUsd.toFixed(2)} of ${budget.name} are spent or reserved ${PERIODS[budget.window]}`;
    const then =
      until === null ? 'raise it to go on' : `it begins anew at ${new Date(until).toISOString()}`;
    return level === 'spent'
      ? finding('problem', `${spent}: nothing that it counts starts; ${then}`)
      : finding('note', spent);
  });
  return told.length > 0 ? told : [finding('ok', `${states.length} with room`)];
}
