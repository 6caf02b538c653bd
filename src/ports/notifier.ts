import type { DeliveryStatus } from '../domain/delivery.ts';
import type { Task } from '../domain/task.ts';

/** Pushes one delivery to its subscriber; resolves once the receiver answered, rejects with the reason. */
export interface Notifier {
  push(delivery: DeliveryStatus, task: Task): Promise<void>;
}
