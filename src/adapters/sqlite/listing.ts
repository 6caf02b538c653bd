import type { Statement } from 'better-sqlite3';
import { TendError } from '../../domain/errors.ts';
import { STATES, type State } from '../../domain/lifecycle.ts';
import type { Task } from '../../domain/task.ts';
import type { Store, TaskQuery } from '../../ports/store.ts';
import type { Core } from './core.ts';
import { searchable, TASK_COLUMNS, type TaskRow, toTask } from './task-row.ts';

interface Place {
  row: number;
  id: string;
  created_at: number;
}

type From = Pick<Place, 'id' | 'created_at'>;

/** A part of the tasks that one index holds newest first. */
interface Range {
  index: string;
  filters: Record<string, string>;
}

/** Above every id: ids are ASCII. */
const LAST = '\u{10FFFF}';
const START = { id: '', created_at: Number.MAX_SAFE_INTEGER };

export function listingVerbs({ db, read }: Core): Pick<Store, 'resolve' | 'list' | 'checksOf'> {
  // Neighbours by age are neighbours by rowid: a page of tasks is read from few pages of the file.
  const byRow = db.prepare<[number], TaskRow>(`SELECT ${TASK_COLUMNS} FROM task WHERE rowid = ?`);
  const prepared = new Map<string, Statement<[Record<string, unknown>], Place>>();

  const places = (
    { index, filters }: Range,
    text: string | undefined,
    from: From,
    limit: number,
  ) => {
    const conditions = Object.keys(filters).map((column) => `${column} = @${column}`);
    if (!('check_of' in filters)) conditions.push('check_of IS NULL');
    if (text !== undefined) conditions.push('instr(search, @text) > 0');
    const sql = `SELECT rowid AS row, id, created_at FROM task INDEXED BY ${index}
      WHERE ${[...conditions, '(created_at, id) < (@created_at, @id)'].join(' AND ')}
      ORDER BY created_at DESC, id DESC LIMIT @limit`;
    const statement = prepared.get(sql) ?? db.prepare<[Record<string, unknown>], Place>(sql);
    prepared.set(sql, statement);
    return statement.all({ ...filters, ...from, text: searchable(text ?? ''), limit });
  };

  const page = (query: TaskQuery) => {
    const from = query.cursor === undefined ? START : parseCursor(query.cursor);
    // One more than asked for tells whether another page follows.
    const ordered = rangesOf(query)
      .flatMap((range) => places(range, query.text, from, query.limit + 1))
      .sort(newestFirst);
    const shown = ordered.slice(0, query.limit);
    const last = ordered.length > shown.length ? shown.at(-1) : undefined;
    return {
      tasks: shown.flatMap(({ row }): Task[] => {
        const found = byRow.get(row);
        return found === undefined ? [] : [toTask(found)];
      }),
      nextCursor: last === undefined ? null : `${last.created_at}.${last.id}`,
    };
  };

  return {
    ...nameVerbs({ db, read }),
    list: (query) => read(() => page(query)),
  };
}

/** Tasks by their names, and by those of the tasks that they check. */
function nameVerbs({ db, read }: Pick<Core, 'db' | 'read'>): Pick<Store, 'resolve' | 'checksOf'> {
  const exact = db.prepare<[string], string>('SELECT id FROM task WHERE id = ?').pluck();
  const prefixed = db
    .prepare<[string, string, number], string>(
      'SELECT id FROM task WHERE id >= ? AND id < ? AND check_of IS NULL ORDER BY id LIMIT ?',
    )
    .pluck();
  const prefixedChecks = db
    .prepare<[string, string, number], string>(
      'SELECT id FROM task WHERE id >= ? AND id < ? AND check_of IS NOT NULL ORDER BY id LIMIT ?',
    )
    .pluck();
  const checks = db.prepare<[string], TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM task INDEXED BY task_by_check
     WHERE check_of = ? ORDER BY created_at, id`,
  );
  return {
    resolve: (prefix, limit) =>
      read(() => {
        const id = exact.get(prefix);
        if (id !== undefined) return [id];
        const range = [prefix, prefix + LAST, limit] as const;
        const found = prefixed.all(...range);
        return found.length > 0 ? found : prefixedChecks.all(...range);
      }),
    checksOf: (id) => read(() => checks.all(id).map(toTask)),
  };
}

/** The index that narrows most; ranges by state are read one by one and merged, so that none is sorted. */
function rangesOf({ states, owner, group, parent, checksOf }: TaskQuery): Range[] {
  const filters = {
    ...(checksOf !== undefined && { check_of: checksOf }),
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group_name: group }),
    ...(parent !== undefined && { parent }),
  };
  const index =
    checksOf !== undefined
      ? 'task_by_check'
      : parent !== undefined
        ? 'task_by_parent'
        : group !== undefined && 'task_by_group';
  if (states === undefined && index !== false) return [{ index, filters }];
  if (states === undefined && owner === undefined) return [{ index: 'task_newest', filters }];
  const byState = owner !== undefined ? 'task_by_owner' : 'task_by_state';
  const wanted: readonly State[] = states ?? STATES;
  return [...new Set(wanted)].map((state) => ({
    index: index === false ? byState : index,
    filters: { ...filters, state },
  }));
}

function parseCursor(cursor: string): From {
  const [, time, id] = /^(\d+(?:\.\d+)?)\.([^.]+)$/.exec(cursor) ?? [];
  if (time !== undefined && id !== undefined) return { created_at: Number(time), id };
  throw new TendError(
    'invalid_input',
    `There is no page ${cursor}.`,
    'Use the nextCursor of the page before, or leave the cursor out to begin again.',
  );
}

const newestFirst = (a: Place, b: Place): number =>
  b.created_at - a.created_at || (a.id < b.id ? 1 : -1);
