import type { Schedule } from '../../domain/schedule.ts';
import type { Store } from '../../ports/store.ts';
import type { Core } from './core.ts';

type Verb =
  | 'schedules'
  | 'schedule'
  | 'dueSchedules'
  | 'nextFiring'
  | 'putSchedule'
  | 'dropSchedule';

const SQL = {
  all: 'SELECT facts FROM schedule ORDER BY created_at, id',
  one: 'SELECT facts FROM schedule WHERE id = ?',
  due: `SELECT facts FROM schedule INDEXED BY schedule_due
    WHERE next_at IS NOT NULL AND next_at <= ? ORDER BY next_at, id`,
  next: `SELECT next_at FROM schedule INDEXED BY schedule_due
    WHERE next_at IS NOT NULL ORDER BY next_at, id LIMIT 1`,
  put: `INSERT OR REPLACE INTO schedule (id, created_at, next_at, environment, facts)
    VALUES (?, ?, ?, ?, ?)`,
  drop: 'DELETE FROM schedule WHERE id = ?',
};

const toSchedule = (facts: string): Schedule => JSON.parse(facts) as Schedule;

export function scheduleRowVerbs({ db, read, write }: Core): Pick<Store, Verb> {
  const all = db.prepare<[], string>(SQL.all).pluck();
  const one = db.prepare<[string], string>(SQL.one).pluck();
  const due = db.prepare<[number], string>(SQL.due).pluck();
  const next = db.prepare<[], number>(SQL.next).pluck();
  const put = db.prepare<[string, number, number | null, string, string]>(SQL.put);
  const drop = db.prepare<[string]>(SQL.drop);
  return {
    schedules: () => read(() => all.all().map(toSchedule)),
    schedule: (id) =>
      read(() => {
        const facts = one.get(id);
        return facts === undefined ? null : toSchedule(facts);
      }),
    dueSchedules: (now) => read(() => due.all(now).map(toSchedule)),
    nextFiring: () => read(() => next.get() ?? null),
    putSchedule: (schedule) =>
      write(() => {
        const { id, createdAt, nextAt, environment } = schedule;
        put.run(id, createdAt, nextAt, environment, JSON.stringify(schedule));
      }),
    dropSchedule: (id) => write(() => drop.run(id).changes > 0),
  };
}
