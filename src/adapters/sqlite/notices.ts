import type { Subscriber } from '../../domain/delivery.ts';
import type { LetThrough } from '../../domain/pacing.ts';
import { isEnded } from '../../domain/task.ts';
import type { NoticeStore, PushQueue, PushResult, Receiver } from '../../ports/notice-store.ts';
import type { Core } from './core.ts';
import { type DeliveryRow, toDelivery } from './delivery-row.ts';
import { rows } from './rows.ts';
import { TASK_COLUMNS, type TaskRow, toTask } from './task-row.ts';

const SELECT = 'SELECT * FROM delivery';

const DUE = `${SELECT} INDEXED BY delivery_queue WHERE subscriber = @subscriber AND next_at <= @now`;
const ORDER = 'ORDER BY next_at, id LIMIT @limit';

const SQL = {
  /** The first entry of the next subscriber in the index: what lies between is never read. */
  queue: `SELECT subscriber, next_at AS nextAt FROM delivery INDEXED BY delivery_queue
    WHERE next_at IS NOT NULL AND subscriber > ? ORDER BY subscriber, next_at LIMIT 1`,
  due: `${DUE} ${ORDER}`,
  passing: `${DUE} AND (
      (@question AND kind = 'question') OR
      (@failure AND kind = 'completion'
        AND EXISTS (SELECT 1 FROM task WHERE task.id = task_id AND state = 'failed'))
    ) ${ORDER}`,
  settle: `UPDATE delivery SET tries = tries + 1, next_at = @next_at, delivered_at = @delivered_at,
      dead_at = @dead_at, last_error = @last_error
    WHERE id = @id AND next_at IS NOT NULL`,
  dead: `${SELECT} INDEXED BY delivery_dead WHERE dead_at IS NOT NULL ORDER BY dead_at, id LIMIT ?`,
  deadIds: 'SELECT id FROM delivery INDEXED BY delivery_dead WHERE dead_at IS NOT NULL ORDER BY id',
  resend: `UPDATE delivery SET next_at = @now, dead_at = NULL, tries = 0
    WHERE id = @id AND delivered_at IS NULL AND acked_at IS NULL
      AND (next_at IS NOT NULL OR dead_at IS NOT NULL)`,
  receivers: `
    WITH pending AS (SELECT subscriber, count(*) AS number FROM delivery INDEXED BY delivery_queue
        WHERE next_at IS NOT NULL GROUP BY subscriber),
      lost AS (SELECT subscriber, count(*) AS number FROM delivery INDEXED BY delivery_dead
        WHERE dead_at IS NOT NULL GROUP BY subscriber),
      everybody AS (SELECT subscriber FROM pending UNION SELECT subscriber FROM lost
        UNION SELECT subscriber FROM receiver)
    SELECT subscriber, coalesce(pending.number, 0) AS pending, coalesce(lost.number, 0) AS dead,
      delivered_at AS deliveredAt, failed_at AS failedAt, last_error AS lastError
    FROM everybody LEFT JOIN pending USING (subscriber) LEFT JOIN lost USING (subscriber)
      LEFT JOIN receiver USING (subscriber)
    ORDER BY subscriber`,
  record: `INSERT INTO receiver (subscriber, delivered_at, failed_at, last_error, sent)
    VALUES (@subscriber, @delivered_at, @failed_at, @last_error, @sent)
    ON CONFLICT (subscriber) DO UPDATE SET
      delivered_at = coalesce(excluded.delivered_at, delivered_at),
      failed_at = coalesce(excluded.failed_at, failed_at),
      last_error = coalesce(excluded.last_error, last_error), sent = excluded.sent`,
  ended: `SELECT ${TASK_COLUMNS} FROM task INDEXED BY task_ended
    WHERE ended_at >= @from AND ended_at < @to AND check_of IS NULL
      AND (@owner IS NULL OR owner = @owner)
    ORDER BY ended_at DESC, id DESC LIMIT @limit`,
};

type Pushing = 'pushQueues' | 'duePushes' | 'settlePush' | 'recordPush' | 'pushTimes';

export function pushVerbs({ db, read, write }: Core): Pick<NoticeStore, Pushing> {
  const queue = db.prepare<[string], PushQueue>(SQL.queue);
  const due = db.prepare<{ subscriber: Subscriber; now: number; limit: number }, DeliveryRow>(
    SQL.due,
  );
  const passing = db.prepare<Record<string, string | number>, DeliveryRow>(SQL.passing);
  const settle = db.prepare(SQL.settle);
  const record = db.prepare(SQL.record);
  const sent = db
    .prepare<[string], string>('SELECT sent FROM receiver WHERE subscriber = ?')
    .pluck();
  const times = (subscriber: string): number[] =>
    JSON.parse(sent.get(subscriber) ?? '[]') as number[];
  const flag = (only: readonly LetThrough[], one: LetThrough): number =>
    only.includes(one) ? 1 : 0;
  return {
    pushQueues: () =>
      read(() => {
        const queues: PushQueue[] = [];
        for (let one = queue.get(''); one !== undefined; one = queue.get(one.subscriber))
          queues.push(one);
        return queues;
      }),
    duePushes: (subscriber, now, limit, only) =>
      read(() => {
        const asked = { subscriber, now, limit };
        const found =
          only === undefined
            ? due.all(asked)
            : passing.all({
                ...asked,
                question: flag(only, 'question'),
                failure: flag(only, 'failure'),
              });
        return found.map(toDelivery);
      }),
    settlePush: async (ids, result) => {
      const columns = settledColumns(result);
      await write(() => {
        for (const id of typeof ids === 'string' ? [ids] : ids) settle.run({ id, ...columns });
      });
    },
    recordPush: async ({ subscriber, at, error }, keep) => {
      await write(() => {
        const kept = keep === 0 ? [] : [...times(subscriber), at].slice(-keep);
        const took = error === null;
        record.run({
          subscriber,
          delivered_at: took ? at : null,
          failed_at: took ? null : at,
          last_error: error,
          sent: JSON.stringify(kept),
        });
      });
    },
    pushTimes: (subscriber) => read(() => times(subscriber)),
  };
}

export function noticeVerbs({ db, read, write }: Core): Omit<NoticeStore, Pushing> {
  const { addDelivery } = rows(db);
  const receivers = db.prepare<[], Receiver>(SQL.receivers);
  const dead = db.prepare<[number], DeliveryRow>(SQL.dead);
  const deadIds = db.prepare<[], string>(SQL.deadIds).pluck();
  const resend = db.prepare<{ id: string; now: number }>(SQL.resend);
  const ended = db.prepare<Record<string, number | string | null>, TaskRow>(SQL.ended);
  const digested = db
    .prepare<[], string>(`SELECT value FROM setting WHERE name = 'digest'`)
    .pluck();
  const remember = db.prepare<[string]>(
    `INSERT INTO setting (name, value) VALUES ('digest', ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
  const latest = (): number | null => {
    const value = digested.get();
    return value === undefined ? null : Number(value);
  };
  return {
    receivers: () => read(() => receivers.all()),
    dead: (limit) => read(() => dead.all(limit).map(toDelivery)),
    resend: (ids, now) =>
      write(() =>
        [...new Set(ids === 'all' ? deadIds.all() : ids)].filter(
          (id) => resend.run({ id, now }).changes === 1,
        ),
      ),
    endedIn: (span, limit) =>
      read(() =>
        ended
          .all({ ...span, limit })
          .map(toTask)
          .filter(isEnded),
      ),
    putDigest: (at, deliveries) =>
      write(() => {
        if ((latest() ?? -Infinity) >= at) return false;
        for (const delivery of deliveries) addDelivery(delivery);
        remember.run(String(at));
        return true;
      }),
    digestedAt: () => read(latest),
  };
}

function settledColumns(result: PushResult) {
  const settled = { next_at: null, delivered_at: null, dead_at: null, last_error: null };
  switch (result.kind) {
    case 'delivered':
      return { ...settled, delivered_at: result.at };
    case 'retry':
      return { ...settled, next_at: result.nextAt, last_error: result.error };
    case 'dead':
      return { ...settled, dead_at: result.at, last_error: result.error };
    default:
      return result satisfies never;
  }
}
