import type { Subscriber } from '../../domain/delivery.ts';
import { type Notice, noticeOf } from '../../domain/notice.ts';
import type { Task } from '../../domain/task.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Notifier, Told } from '../../ports/notifier.ts';
import { type Resolve, systemResolve } from './address.ts';
import { type Channel, speak } from './channel.ts';
import { runCommand } from './command.ts';
import type { CalledHooks } from './hooks.ts';
import {
  type Message,
  messageOf,
  TEST_TEXT,
  TEST_TITLE,
  tellsFailure,
  testMessage,
} from './message.ts';
import type { Running } from './program.ts';
import { type Sending, sendWebhook, type Webhook } from './webhook.ts';

/** Who is told without having asked. */
export interface Receivers {
  webhooks: Readonly<Record<string, Webhook>>;
  /** By name; left out = none. */
  channels?: Readonly<Record<string, Channel>>;
  /** Command line for tasks that bring none of their own. */
  onDone: string | null;
}

export interface NotifierOptions {
  /** Asked at each push, so that a changed configuration holds at once; null = of the person, for a test. */
  receivers(task: Task | null): Receivers;
  clock: Clock;
  /** Those of the subscribers `hook:<name>`; left out = there are none. */
  hooks?: Pick<CalledHooks, 'tell'>;
  /** What commands get besides the facts; see `commandEnvironment`. */
  environment: Readonly<Record<string, string>>;
  /** The same for what shows something on a screen. */
  desktop?: Readonly<Record<string, string>>;
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
const CHANNEL = 'channel:';
const HOOK = 'hook:';

/** What one message says, to machines and to people. */
interface Saying {
  message: Message;
  notice: Notice;
  /** Of the task whose command it is; null = of the configuration. */
  own: { command: string; cwd: string } | null;
}

/** Pushes to the receivers of the configuration: webhooks and channels by name, and the command. */
export function createNotifier(options: NotifierOptions): Notifier {
  return {
    async push(told) {
      const [{ delivery, task }] = told;
      const { subscriber } = delivery;
      if (subscriber.startsWith(HOOK))
        return options.hooks?.tell(subscriber, messageOf(delivery, task), task);
      const receivers = options.receivers(task);
      const wanted = told.filter((one) => isWanted(receivers, subscriber, one));
      const [first, ...others] = wanted;
      if (first === undefined) return undefined;
      const { onDone, cwd } = task.spec;
      return tell(options, receivers, subscriber, {
        message: messageOf(first.delivery, first.task),
        notice: noticeOf([first, ...others]),
        own: onDone === null ? null : { command: onDone, cwd },
      });
    },
    test: (subscriber) =>
      tell(options, options.receivers(null), subscriber, {
        message: testMessage(options.clock.now(), 'test'),
        notice: { title: TEST_TITLE, lines: [TEST_TEXT], tone: 'news' },
        own: null,
      }),
  };
}

const called = <T>(by: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  by !== undefined && Object.hasOwn(by, name) ? by[name] : undefined;

/** Where only failures are told, nothing else is sent; a digest is asked for by itself. */
function isWanted(
  { webhooks, channels }: Receivers,
  subscriber: Subscriber,
  { delivery, task }: Told,
): boolean {
  const receiver = subscriber.startsWith(WEBHOOK)
    ? called(webhooks, subscriber.slice(WEBHOOK.length))
    : subscriber.startsWith(CHANNEL)
      ? called(channels, subscriber.slice(CHANNEL.length))
      : undefined;
  if (receiver?.events !== 'failures' || delivery.kind === 'digest') return true;
  return tellsFailure(messageOf(delivery, task));
}

async function tell(
  options: NotifierOptions,
  { webhooks, channels, onDone }: Receivers,
  subscriber: Subscriber,
  saying: Saying,
): Promise<string> {
  const { message, own } = saying;
  if (subscriber === 'command') {
    const command = own?.command ?? onDone;
    if (command === null) throw new Error('no on_done command is configured any more');
    const cwd = own?.cwd ?? options.environment['HOME'] ?? '/';
    return runTold(options, { command, cwd, called: 'on_done' }, message);
  }
  if (subscriber.startsWith(WEBHOOK)) {
    const name = subscriber.slice(WEBHOOK.length);
    const webhook = called(webhooks, name);
    if (webhook === undefined) throw new Error(`no webhook ${name} is configured any more`);
    return sendWebhook(webhook, message, sendingOf(options));
  }
  if (!subscriber.startsWith(CHANNEL))
    throw new Error(`${subscriber} asks for its deliveries itself`);
  const name = subscriber.slice(CHANNEL.length);
  const channel = called(channels, name);
  if (channel === undefined) throw new Error(`no channel ${name} is configured any more`);
  const cwd = options.environment['HOME'] ?? '/';
  if (channel.kind === 'command')
    return runTold(options, { command: channel.command, cwd, called: name }, message);
  return speak(channel, saying.notice, {
    id: message.id,
    sending: sendingOf(options),
    running: runningOf(
      options,
      cwd,
      channel.kind === 'desktop' ? options.desktop : options.environment,
    ),
  });
}

const sendingOf = (options: NotifierOptions): Sending => ({
  now: options.clock.now(),
  timeout: options.webhookTimeout ?? WEBHOOK_TIMEOUT,
  signal: options.signal,
  resolve: options.resolve ?? systemResolve,
});

const runningOf = (
  options: NotifierOptions,
  cwd: string,
  environment: Readonly<Record<string, string>> = options.environment,
): Running => ({
  cwd,
  environment,
  timeout: options.commandTimeout ?? COMMAND_TIMEOUT,
  signal: options.signal,
});

/** A task's own command takes the place of the configured one and runs where the task ran. */
async function runTold(
  options: NotifierOptions,
  { command, cwd, called: name }: { command: string; cwd: string; called: string },
  message: Message,
): Promise<string> {
  const { failure, output } = await runCommand(command, message, runningOf(options, cwd));
  if (output !== '') options.log(`${name} wrote`, { deliveryId: message.id, output });
  if (failure !== null) throw new Error(`the ${name} command ${failure}`);
  return `the ${name} command exited with code 0`;
}
