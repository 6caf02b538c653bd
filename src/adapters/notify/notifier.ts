import type { DeliveryStatus } from '../../domain/delivery.ts';
import type { Task } from '../../domain/task.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Notifier } from '../../ports/notifier.ts';
import { type Resolve, systemResolve } from './address.ts';
import { runCommand } from './command.ts';
import { type Message, messageOf, tellsFailure } from './message.ts';
import { sendWebhook, type Webhook } from './webhook.ts';

/** Who is told without having asked. */
export interface Receivers {
  webhooks: Readonly<Record<string, Webhook>>;
  /** Command line for tasks that bring none of their own. */
  onDone: string | null;
}

export interface NotifierOptions {
  /** Asked at each push, so that a changed configuration holds at once. */
  receivers(task: Task): Receivers;
  clock: Clock;
  /** What commands get besides the facts; see `commandEnvironment`. */
  environment: Readonly<Record<string, string>>;
  log(message: string, facts: Readonly<Record<string, string>>): void;
  /** Ends pushes under way; they are due again afterwards. */
  signal?: AbortSignal;
  resolve?: Resolve;
  /** Ms for a webhook's whole exchange. */
  webhookTimeout?: number;
  /** Ms for a command. */
  commandTimeout?: number;
}

const WEBHOOK_TIMEOUT = 10_000;
const COMMAND_TIMEOUT = 60_000;
const WEBHOOK = 'webhook:';

/** Pushes to the receivers of the configuration: webhooks by name, and the command. */
export function createNotifier(options: NotifierOptions): Notifier {
  return {
    async push(delivery, task) {
      const receivers = options.receivers(task);
      const message = messageOf(delivery, task);
      const { subscriber } = delivery;
      if (subscriber === 'command') await tellCommand(options, receivers, delivery, task, message);
      else if (subscriber.startsWith(WEBHOOK))
        await tellWebhook(options, receivers, subscriber.slice(WEBHOOK.length), message);
      else throw new Error(`${subscriber} asks for its deliveries itself`);
    },
  };
}

async function tellWebhook(
  options: NotifierOptions,
  { webhooks }: Receivers,
  name: string,
  message: Message,
): Promise<void> {
  const webhook = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined;
  if (webhook === undefined) throw new Error(`no webhook ${name} is configured any more`);
  if (webhook.events === 'failures' && !tellsFailure(message)) return;
  await sendWebhook(webhook, message, {
    now: options.clock.now(),
    timeout: options.webhookTimeout ?? WEBHOOK_TIMEOUT,
    signal: options.signal,
    resolve: options.resolve ?? systemResolve,
  });
}

/** A task's own command takes the place of the configured one and runs where the task ran. */
async function tellCommand(
  options: NotifierOptions,
  { onDone }: Receivers,
  delivery: DeliveryStatus,
  task: Task,
  message: Message,
): Promise<void> {
  const command = task.spec.onDone ?? onDone;
  if (command === null) throw new Error('no on_done command is configured any more');
  const { failure, output } = await runCommand(command, message, {
    cwd: task.spec.onDone === null ? (options.environment['HOME'] ?? '/') : task.spec.cwd,
    environment: options.environment,
    timeout: options.commandTimeout ?? COMMAND_TIMEOUT,
    signal: options.signal,
  });
  if (output !== '') options.log('on_done wrote', { deliveryId: delivery.id, output });
  if (failure !== null) throw new Error(`the on_done command ${failure}`);
}
