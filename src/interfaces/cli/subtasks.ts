/** A watched task whose own work is done says what it still waits for. */
import type { Client } from '../client/index.ts';
import type { Context } from './context.ts';
import { situation } from './sentence.ts';

/** Most tasks have ended by then, and need not be listened to (ms). */
const PATIENCE = 1_000;

/** Tells on stderr when the task begins to wait for its subtasks, until the answer is called. */
export function watchSubtasks(context: Context, client: Client, id: string): () => void {
  const over = new AbortController();
  // It is news, and never the result: a failure shows where the task is waited for.
  const timer = setTimeout(
    () => void tell(context, client, id, over.signal).catch(() => undefined),
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
  id: string,
  signal: AbortSignal,
): Promise<void> {
  for await (const { data } of client.taskEvents({ id }, { signal })) {
    if (data.state !== 'awaiting_children') continue;
    const task = await client.show({ id }, { signal });
    if (task.state === 'awaiting_children')
      await err.line(`tend: ${id} ${situation(task, Date.now())}`);
  }
}
