import type { Database, Statement } from 'better-sqlite3';
import { type Cap, countedBy, isCapped } from '../../domain/cap.ts';
import { type Expense, expenseBy } from '../../domain/expense.ts';
import { dollars, micros } from '../../domain/money.ts';
import type { ExpenseKey, ExpenseQuery, Share, ShareQuery, Spent } from '../../domain/spent.ts';
import type { Step, TaskSpec } from '../../domain/task.ts';
import type { Store } from '../../ports/store.ts';
import type { Core } from './core.ts';

/** The part of the rows that is meant: read from the index alone. */
const MEANT = `FROM spending INDEXED BY spending_at
  WHERE at >= @from AND at < @to
    AND (@agent IS NULL OR agent = @agent)
    AND (@group IS NULL OR group_name = @group)
    AND (@owner IS NULL OR owner = @owner)`;

const SUMS = `
  coalesce(sum(cost) FILTER (WHERE ended), 0) AS known,
  count(*) FILTER (WHERE ended AND cost IS NULL) AS unknown,
  coalesce(sum(reserved) FILTER (WHERE ended AND cost IS NULL), 0) AS unknownOf,
  count(*) FILTER (WHERE NOT ended) AS running,
  coalesce(sum(reserved) FILTER (WHERE NOT ended), 0) AS reserved,
  count(*) AS attempts,
  coalesce(sum(tokens), 0) AS tokens`;

interface SumRow {
  known: number;
  unknown: number;
  unknownOf: number;
  running: number;
  reserved: number;
  attempts: number;
  tokens: number;
}
type ShareRow = SumRow & { key: string | null; tasks: number };

const KEYS: Record<ExpenseKey, string> = {
  agent: 'agent',
  group: 'group_name',
  owner: 'owner',
  task: 'task_id',
};

const parameters = ({ from, to = Number.MAX_SAFE_INTEGER, agent, group, owner }: ExpenseQuery) => ({
  from,
  to,
  agent: agent ?? null,
  group: group ?? null,
  owner: owner ?? null,
});

const toSpent = ({
  known,
  unknown,
  unknownOf,
  running,
  reserved,
  attempts,
  tokens,
}: SumRow): Spent => ({
  knownUsd: dollars(known),
  unknown,
  unknownUsd: dollars(unknownOf),
  running,
  reservedUsd: dollars(reserved),
  attempts,
  tokens,
});

/** The statements on what attempts cost. */
export function expenseRows(db: Database) {
  const put = db.prepare(
    `INSERT OR REPLACE INTO spending (
      task_id, attempt, agent, account, group_name, owner, at, ended, reserved, cost, tokens
    ) VALUES (
      @taskId, @attempt, @agent, @account, @group, @owner, @at, @ended, @reserved, @cost, @tokens
    )`,
  );
  const drop = db.prepare<[string, number]>(
    'DELETE FROM spending WHERE task_id = ? AND attempt = ?',
  );
  const counted = db
    .prepare<[Record<string, unknown>], number>(
      `SELECT coalesce(sum(coalesce(cost, reserved)), 0) ${MEANT}`,
    )
    .pluck();
  const keepExpense = ({ reservedUsd, costUsd, ended, ...expense }: Expense): void => {
    put.run({
      ...expense,
      ended: ended ? 1 : 0,
      reserved: micros(reservedUsd),
      cost: costUsd === null ? null : micros(costUsd),
    });
  };
  return {
    keepExpense,
    /** What the step does to the expense of its attempt. */
    settleExpense: (spec: TaskSpec, step: Step): void => {
      const change = expenseBy(step, spec);
      if (change === null) return;
      if (change.expense === null) drop.run(change.taskId, change.attempt);
      else keepExpense(change.expense);
    },
    isCapped: (steps: readonly Step[], spec: TaskSpec, caps: readonly Cap[]): boolean =>
      isCapped(steps, spec, caps, (cap) => dollars(counted.get(parameters(countedBy(cap))) ?? 0)),
  };
}

export function spendingVerbs({ db, read }: Core): Pick<Store, 'spent' | 'costs'> {
  const sum = db.prepare<[Record<string, unknown>], SumRow>(`SELECT ${SUMS} ${MEANT}`);
  const total = db.prepare<[Record<string, unknown>], ShareRow>(
    `SELECT NULL AS key, ${SUMS}, count(DISTINCT task_id) AS tasks ${MEANT}`,
  );
  const prepared = new Map<ExpenseKey, Statement<[Record<string, unknown>], ShareRow>>();
  const sharesBy = (by: ExpenseKey) => {
    const known = prepared.get(by);
    if (known !== undefined) return known;
    const statement = db.prepare<[Record<string, unknown>], ShareRow>(
      `SELECT ${KEYS[by]} AS key, ${SUMS}, count(DISTINCT task_id) AS tasks ${MEANT}
       GROUP BY ${KEYS[by]} ORDER BY sum(coalesce(cost, reserved)) DESC, key LIMIT @limit`,
    );
    prepared.set(by, statement);
    return statement;
  };
  const shares = ({ by, limit, ...query }: ShareQuery): Share[] => {
    const given = parameters(query);
    const rows = by === null ? total.all(given) : sharesBy(by).all({ ...given, limit });
    return rows.map((row) => ({ key: row.key, ...toSpent(row), tasks: row.tasks }));
  };
  return {
    // A sum without groups is always one row.
    spent: (query) => read(() => toSpent(sum.get(parameters(query)) as SumRow)),
    costs: (query) => read(() => shares(query)),
  };
}
