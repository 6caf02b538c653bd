import { createNotifier, type NotifierOptions } from '../../src/adapters/notify/notifier.ts';
import type { Webhook } from '../../src/adapters/notify/webhook.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import { deliveryTo, endedTask, receiversWith } from './sample.ts';

/** Pushes the end of a task that exited with `code`, or what else is told of it, to this webhook. */
export function push(
  webhook: Partial<Webhook>,
  code = 0,
  options: Partial<NotifierOptions> = {},
  kind: Delivery['kind'] = 'completion',
) {
  const notifier = createNotifier({
    receivers: () => receiversWith(webhook),
    clock: { now: Date.now, monotonic: () => performance.now() },
    environment: {},
    log: () => undefined,
    ...options,
  });
  return notifier.push([
    { delivery: { ...deliveryTo('webhook:ci'), kind }, task: endedTask(code) },
  ]);
}

/** What the engine would store of a push. */
export const reasonOf = (pushed: Promise<unknown>): Promise<string> =>
  pushed.then(
    () => 'delivered',
    (error: Error) => error.message,
  );
