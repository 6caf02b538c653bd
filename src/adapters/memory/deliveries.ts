import type { DeliveryStatus } from '../../domain/delivery.ts';
import { TendError } from '../../domain/errors.ts';
import type { Store } from '../../ports/store.ts';
import { addDelivery, by, copy, type Records } from './records.ts';

type Verb = 'inbox' | 'ack' | 'deliver' | 'deliveries';

export function deliveryVerbs(records: Records): Pick<Store, Verb> {
  const { deliveries, tasks } = records;
  const all = (): DeliveryStatus[] => [...deliveries.values()];
  return {
    inbox: async ({ owner, limit }) =>
      copy(
        all()
          .filter((one) => one.subscriber === `owner:${owner}` && one.ackedAt === null)
          .sort(oldestFirst)
          .slice(0, limit),
      ),
    ack: async (owner, ids, now) =>
      ids.filter((id) => {
        const one = deliveries.get(id);
        if (one?.subscriber !== `owner:${owner}` || one.ackedAt !== null) return false;
        deliveries.set(id, { ...one, ackedAt: now, deliveredAt: one.deliveredAt ?? now });
        return true;
      }),
    deliver: async (delivery) => {
      if (!tasks.has(delivery.taskId))
        throw new TendError(
          'not_found',
          `There is no task ${delivery.taskId} for delivery ${delivery.id}.`,
          'List the tasks with: tend ls --all',
        );
      return addDelivery(records, delivery);
    },
    deliveries: async (taskId) =>
      copy(
        all()
          .filter((one) => one.taskId === taskId)
          .sort(oldestFirst),
      ),
  };
}

const oldestFirst = by<DeliveryStatus>(({ createdAt }) => createdAt);
