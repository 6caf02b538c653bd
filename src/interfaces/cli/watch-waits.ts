/** A watched task whose own work is done says what it still waits for. */
import type { Client, Task } from '../client/index.ts';
import type { Context } from './context.ts';
import { situation } from './sentence.ts';
import { answerCommands, askedIn } from './show-question.ts';
import { next } from './show-work.ts';

/** Most tasks have ended by then, and need not be listened to (ms). */
const PATIENCE = 1_000;

type State = Task['state'];

/** Tells on stderr when the task begins to wait for its subtasks, or for a person, until the answer is called. */
export function watchWaits(
  context: Context,
  client: Client,
  id: string,
  states: readonly State[] = ['awaiting_children', 'awaiting_review', 'awaiting_input'],
): () => void {
  const over = new AbortController();
  // It is news, and never the result: a failure shows where the task is waited for.
  const timer = setTimeout(
    () => void tell(context, client, { id, states }, over.signal).catch(() => undefined),
    PATIENCE,
  );
  return () => {
    clearTimeout(timer);
    over.abort();
  };
}

async function tell(
  { err }: Context,
  client: Client,
  { id, states }: { id: string; states: readonly State[] },
  signal: AbortSignal,
): Promise<void> {
  for await (const { data } of client.taskEvents({ id }, { signal })) {
    if (!states.includes(data.state)) continue;
    const task = await client.show({ id }, { signal });
    if (task.state !== data.state) continue;
    await err.line(`tend: ${task.id} ${situation(task, Date.now())}`);
    const asked = askedIn(task);
    if (asked?.state === 'open')
      for (const line of answerCommands(asked)) await err.line(`  ${line}`);
    if (task.state !== 'awaiting_review') continue;
    for (const line of next(task)) await err.line(`  ${line}`);
  }
}
