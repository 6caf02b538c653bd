import { TendError } from '../../domain/errors.ts';
import type { PushResult, Store } from '../../ports/store.ts';
import type { Core } from './core.ts';
import { type DeliveryRow, toDelivery } from './delivery-row.ts';
import { rows } from './rows.ts';

type Pulled = 'inbox' | 'ack';
type Pushed = 'deliver' | 'duePushes' | 'nextPush' | 'settlePush' | 'deliveries' | 'dead';

const SELECT = 'SELECT * FROM delivery';

const SQL = {
  inbox: `${SELECT} INDEXED BY delivery_inbox
    WHERE subscriber = ? AND acked_at IS NULL ORDER BY created_at, id LIMIT ?`,
  duePushes: `${SELECT} INDEXED BY delivery_push 
    WHERE next_at <= ? AND subscriber NOT IN (SELECT value FROM json_each(?))
    ORDER BY next_at, id LIMIT ?`,
  nextPush: 'SELECT min(next_at) FROM delivery INDEXED BY delivery_push WHERE next_at IS NOT NULL',
  ofTask: `${SELECT} WHERE task_id = ? ORDER BY created_at, id`,
  dead: `${SELECT} INDEXED BY delivery_dead WHERE dead_at IS NOT NULL ORDER BY dead_at, id LIMIT ?`,
};

export function inboxVerbs({ db, read, write }: Core): Pick<Store, Pulled> {
  const inbox = db.prepare<[string, number], DeliveryRow>(SQL.inbox);
  const ack = db.prepare(
    `UPDATE delivery SET acked_at = @now, delivered_at = coalesce(delivered_at, @now)
     WHERE id = @id AND subscriber = @subscriber AND acked_at IS NULL`,
  );
  return {
    inbox: ({ owner, limit }) => read(() => inbox.all(`owner:${owner}`, limit).map(toDelivery)),
    ack: (owner, ids, now) =>
      write(() => {
        const subscriber = `owner:${owner}`;
        return ids.filter((id) => ack.run({ id, subscriber, now }).changes === 1);
      }),
  };
}

export function pushVerbs({ db, read, write }: Core): Pick<Store, Pushed> {
  const { addDelivery } = rows(db);
  const taskExists = db.prepare<[string], 1>('SELECT 1 FROM task WHERE id = ?').pluck();
  const due = db.prepare<[number, string, number], DeliveryRow>(SQL.duePushes);
  const next = db.prepare<[], number | null>(SQL.nextPush).pluck();
  const ofTask = db.prepare<[string], DeliveryRow>(SQL.ofTask);
  const dead = db.prepare<[number], DeliveryRow>(SQL.dead);
  const settle = db.prepare(
    `UPDATE delivery SET tries = tries + 1, next_at = @next_at, delivered_at = @delivered_at,
       dead_at = @dead_at, last_error = @last_error
     WHERE id = @id AND next_at IS NOT NULL`,
  );
  return {
    deliver: (delivery) =>
      write(() => {
        if (taskExists.get(delivery.taskId) === 1) return addDelivery(delivery);
        throw new TendError(
          'not_found',
          `There is no task ${delivery.taskId} for delivery ${delivery.id}.`,
          'List the tasks with: tend ls --all',
        );
      }),
    duePushes: (now, limit, except = []) =>
      read(() => due.all(now, JSON.stringify(except), limit).map(toDelivery)),
    nextPush: () => read(() => next.get() ?? null),
    settlePush: async (id, result) => {
      await write(() => settle.run({ id, ...settledColumns(result) }));
    },
    deliveries: (taskId) => read(() => ofTask.all(taskId).map(toDelivery)),
    dead: (limit) => read(() => dead.all(limit).map(toDelivery)),
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
