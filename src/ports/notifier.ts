import type { DeliveryStatus, Subscriber } from '../domain/delivery.ts';
import type { Task } from '../domain/task.ts';

/** A delivery with its task as it is now. */
export interface Told {
  delivery: DeliveryStatus;
  task: Task;
}

/** Why a receiver did not take a message; it may have said when it will. */
export interface Refusal extends Error {
  /** Ms from now. */
  retryAfter?: number;
}

/** Tells receivers what they did not ask for. */
export interface Notifier {
  /**
   * One message to the one subscriber that all of these are for. Resolves once the receiver took it, with what it answered;
   * undefined = it does not want to hear of this, and nothing was sent. Rejects with a `Refusal`.
   */
  push(told: readonly [Told, ...Told[]]): Promise<string | undefined>;
  /** Sends a message that says it is a test, and answers as `push` does. */
  test(subscriber: Subscriber): Promise<string | undefined>;
}
