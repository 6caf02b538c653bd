import type { DeliveryStatus } from '../../domain/delivery.ts';
import { TendError } from '../../domain/errors.ts';
import type { PushResult, Store } from '../../ports/store.ts';
import { addDelivery, by, copy, type Records } from './records.ts';

type Verb =
  | 'inbox'
  | 'ack'
  | 'deliver'
  | 'duePushes'
  | 'nextPush'
  | 'settlePush'
  | 'deliveries'
  | 'dead';

export function deliveryVerbs(records: Records): Pick<Store, Verb> {
  const { deliveries, tasks } = records;
  const all = (): DeliveryStatus[] => [...deliveries.values()];
  const pushes = (): DeliveryStatus[] =>
    all()
      .filter(({ nextAt }) => nextAt !== null)
      .sort(by(({ nextAt }) => nextAt ?? 0));
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
    duePushes: async (now, limit, except = []) =>
      copy(
        pushes()
          .filter(({ nextAt }) => nextAt !== null && nextAt <= now)
          .filter(({ subscriber }) => !except.includes(subscriber))
          .slice(0, limit),
      ),
    nextPush: async () => pushes()[0]?.nextAt ?? null,
    settlePush: async (id, result) => {
      const one = deliveries.get(id);
      if (one !== undefined && one.nextAt !== null) deliveries.set(id, settled(one, result));
    },
    deliveries: async (taskId) =>
      copy(
        all()
          .filter((one) => one.taskId === taskId)
          .sort(oldestFirst),
      ),
    dead: async (limit) =>
      copy(
        all()
          .filter(({ deadAt }) => deadAt !== null)
          .sort(by(({ deadAt }) => deadAt ?? 0))
          .slice(0, limit),
      ),
  };
}

const oldestFirst = by<DeliveryStatus>(({ createdAt }) => createdAt);

function settled(one: DeliveryStatus, result: PushResult): DeliveryStatus {
  const tried = { ...one, tries: one.tries + 1, nextAt: null };
  switch (result.kind) {
    case 'delivered':
      return { ...tried, deliveredAt: result.at, lastError: null };
    case 'retry':
      return { ...tried, nextAt: result.nextAt, lastError: result.error };
    case 'dead':
      return { ...tried, deadAt: result.at, lastError: result.error };
    default:
      return result satisfies never;
  }
}
