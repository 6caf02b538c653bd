/** `tend wait`: until tasks have ended. */
import type { Command } from 'commander';
import { TendError } from '../../domain/errors.ts';
import type { Client, Task } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { EXIT, exitCodeOfAll, hasEnded } from './exit.ts';
import { idArgument, common, time } from './options.ts';
import { Progress } from './progress.ts';
import { endOf, situation } from './sentence.ts';
import { watchWaits } from './watch-waits.ts';

interface Options extends Common {
  any?: boolean;
  timeout?: number;
}

const EXAMPLES = `
Exit code: of one task its command's own (1 to 123), of several 0 when all
succeeded, else 1; 124 when the time ran out.

Examples:
  tend wait t-7k2m9q4x
  tend wait --any t-7k t-9q
  tend wait --timeout 5m t-7k || tend logs -n 20 t-7k`;

export function define(command: Command, context: Context): void {
  common(command)
    .description('Wait until tasks have ended.')
    .argument('<task...>', 'ids, or the beginnings of them', idArgument)
    .option('--any', 'until one of them has ended')
    .option('--timeout <duration>', 'longest wait', time('--timeout'))
    .addHelpText('after', EXAMPLES)
    .action(async (ids: string[], options: Options) => {
      context.exitCode = await wait(context, ids, options);
    });
}

async function wait(context: Context, ids: readonly string[], options: Options): Promise<number> {
  const { out, signal } = context;
  const { any = false, timeout } = options;
  const client = await context.connect();
  const progress = await watchProgress(context, client, ids, options);
  const limit = timeout === undefined ? {} : { timeout: `${timeout}ms` };
  const stopTelling = tellOfReviews(context, client, ids, options);
  const { tasks, timedOut } = await settled(progress, () =>
    client.wait({ ids: [...ids], any, ...limit }, { signal }),
  ).finally(stopTelling);
  const ended = tasks.filter(hasEnded);
  if (options.json === true) await out.json({ tasks });
  else if (options.quiet === true) await out.write(ended.map(({ id }) => `${id}\n`).join(''));
  else await tell(context, tasks);
  if (timedOut) return EXIT.timedOut;
  return exitCodeOfAll(any ? ended : tasks);
}

/** As many are listened to. */
const MOST_HEARD = 10;

/** Nobody is to wait for a task that waits for them. */
function tellOfReviews(
  context: Context,
  client: Client,
  ids: readonly string[],
  { json, quiet }: Options,
): () => void {
  if (json === true || quiet === true || ids.length > MOST_HEARD) return () => undefined;
  const stops = ids.map((id) =>
    watchWaits(context, client, id, ['awaiting_review', 'awaiting_input']),
  );
  return () => stops.forEach((stop) => stop());
}

/** The line of progress is gone before anything else is written. */
async function settled<T>(progress: Progress | null, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } finally {
    await progress?.stop();
  }
}

async function tell({ out }: Context, tasks: readonly Task[]): Promise<void> {
  const now = Date.now();
  for (const task of tasks)
    await out.line(`${task.id} ${hasEnded(task) ? endOf(task) : situation(task, now)}`);
}

/** A person who waits for several tasks sees how far they are. */
async function watchProgress(
  { err, signal }: Context,
  client: Client,
  ids: readonly string[],
  { json, quiet, any }: Options,
): Promise<Progress | null> {
  if (!err.isTerminal || json === true || quiet === true) return null;
  const { tasks } = await client.wait({ ids: [...ids], any: any === true, timeout: 0 }, { signal });
  if (tasks.every(hasEnded)) return null;
  return Progress.start(client, tasks, err);
}

/** For verbs that wait for one task as a side job: the ended task. */
export async function untilEnded(client: Client, id: string, signal: AbortSignal): Promise<Task> {
  const task = await client.waitOne({ id }, { signal });
  if (hasEnded(task)) return task;
  throw new TendError('wait_timed_out', `${task.id} has not ended`, `Go on with: tend wait ${id}`);
}
