import type { Delivery, DeliveryKind, DeliveryStatus, Subscriber } from '../../domain/delivery.ts';

export interface DeliveryRow {
  id: string;
  kind: DeliveryKind;
  task_id: string;
  owner: string;
  subscriber: Subscriber;
  created_at: number;
  preview: string;
  truncated: number;
  tries: number;
  next_at: number | null;
  delivered_at: number | null;
  acked_at: number | null;
  dead_at: number | null;
  last_error: string | null;
}

/** A delivery that nobody was told of yet: pushes are due at once, an owner comes for theirs. */
export const untold = (delivery: Delivery): DeliveryStatus => ({
  ...delivery,
  tries: 0,
  nextAt: delivery.subscriber.startsWith('owner:') ? null : delivery.createdAt,
  deliveredAt: null,
  ackedAt: null,
  deadAt: null,
  lastError: null,
});

export const toColumns = (status: DeliveryStatus): DeliveryRow => ({
  id: status.id,
  kind: status.kind,
  task_id: status.taskId,
  owner: status.owner,
  subscriber: status.subscriber,
  created_at: status.createdAt,
  preview: status.preview,
  truncated: status.truncated ? 1 : 0,
  tries: status.tries,
  next_at: status.nextAt,
  delivered_at: status.deliveredAt,
  acked_at: status.ackedAt,
  dead_at: status.deadAt,
  last_error: status.lastError,
});

export const toDelivery = (row: DeliveryRow): DeliveryStatus => ({
  id: row.id,
  kind: row.kind,
  taskId: row.task_id,
  owner: row.owner,
  subscriber: row.subscriber,
  createdAt: row.created_at,
  preview: row.preview,
  truncated: row.truncated === 1,
  tries: row.tries,
  nextAt: row.next_at,
  deliveredAt: row.delivered_at,
  ackedAt: row.acked_at,
  deadAt: row.dead_at,
  lastError: row.last_error,
});
