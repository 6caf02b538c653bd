import { TendError } from '../../domain/errors.ts';
import type { Store } from '../../ports/store.ts';
import type { Core } from './core.ts';
import { type DeliveryRow, toDelivery } from './delivery-row.ts';
import { rows } from './rows.ts';

type Verb = 'inbox' | 'ack' | 'deliver' | 'deliveries';

const SELECT = 'SELECT * FROM delivery';

const SQL = {
  inbox: `${SELECT} INDEXED BY delivery_inbox
    WHERE subscriber = ? AND acked_at IS NULL ORDER BY created_at, id LIMIT ?`,
  ofTask: `${SELECT} WHERE task_id = ? ORDER BY created_at, id`,
};

export function deliveryVerbs({ db, read, write }: Core): Pick<Store, Verb> {
  const { addDelivery } = rows(db);
  const taskExists = db.prepare<[string], 1>('SELECT 1 FROM task WHERE id = ?').pluck();
  const ofTask = db.prepare<[string], DeliveryRow>(SQL.ofTask);
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
    deliver: (delivery) =>
      write(() => {
        if (taskExists.get(delivery.taskId) === 1) return addDelivery(delivery);
        throw new TendError(
          'not_found',
          `There is no task ${delivery.taskId} for delivery ${delivery.id}.`,
          'List the tasks with: tend ls --all',
        );
      }),
    deliveries: (taskId) => read(() => ofTask.all(taskId).map(toDelivery)),
  };
}
