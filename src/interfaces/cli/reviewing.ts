/** What `tend accept` and `tend reject` have in common. */
import type { Client, Task } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { hasEnded } from './exit.ts';
import { asTendError } from './failure.ts';
import { endOf, situation } from './sentence.ts';
import { next } from './show-work.ts';

export type { Common };

/** Reviews every task by `review`, tells what became of each, and throws the first problem afterwards. */
export async function reviewAll(
  context: Context,
  ids: readonly string[],
  options: Common,
  review: (client: Client, id: string) => Promise<Task>,
): Promise<void> {
  const { out, err } = context;
  const client = await context.connect();
  const results = await Promise.allSettled(ids.map((id) => review(client, id)));
  const tasks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (options.json !== true)
    for (const task of tasks) {
      if (options.quiet === true) await out.line(task.id);
      else {
        await out.line(`${task.id} ${stateOf(task)}`);
        for (const line of next(task)) await err.line(`  ${line}`);
      }
    }
  if (failed !== undefined) throw asTendError(failed.reason);
  if (options.json === true) await out.json(ids.length === 1 ? tasks[0] : { tasks });
}

function stateOf(task: Task): string {
  if (hasEnded(task)) return endOf(task);
  const again = task.retryOf === null ? '' : ` again, in the place of ${task.retryOf},`;
  return `is tried${again === '' ? ' again' : again} and ${situation(task, Date.now())}`;
}
