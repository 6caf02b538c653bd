/** What `tend stop` and `tend kill` have in common. */
import type { Client, Task } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { hasEnded } from './exit.ts';
import { asTendError } from './failure.ts';
import { endOf, situation } from './sentence.ts';
import { untilEnded } from './wait.ts';

export interface StopOptions extends Common {
  tree?: boolean;
  grace?: number;
  wait?: boolean;
}

/** Stops every task by `stop`, tells what became of each, and throws the first problem afterwards. */
export async function stopAll(
  context: Context,
  ids: readonly string[],
  options: StopOptions,
  stop: (client: Client, id: string) => Promise<Task>,
): Promise<void> {
  const { out, signal } = context;
  const client = await context.connect();
  const results = await Promise.allSettled(
    ids.map(async (id) => {
      const task = await stop(client, id);
      return options.wait === true ? untilEnded(client, task.id, signal) : task;
    }),
  );
  const tasks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (options.json !== true) await tell(context, tasks, options.quiet === true);
  if (failed !== undefined) throw asTendError(failed.reason);
  if (options.json === true) await out.json(ids.length === 1 ? tasks[0] : { tasks });
}

async function tell({ out }: Context, tasks: readonly Task[], quiet: boolean): Promise<void> {
  const now = Date.now();
  for (const task of tasks) {
    const what = hasEnded(task) ? endOf(task) : situation(task, now);
    await out.line(quiet ? task.id : `${task.id} ${what}`);
  }
}
