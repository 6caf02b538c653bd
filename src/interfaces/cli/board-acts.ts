/** What a person does on the board, done. */
import type { Client, Task } from '../client/index.ts';
import type { Act } from './board-model.ts';
import { asTendError } from './failure.ts';
import { hasEnded } from './exit.ts';
import { endOf, situation } from './sentence.ts';

/** What became of it, in a sentence. */
export interface Told {
  text: string;
  kind: 'good' | 'bad';
  /** The tasks that it changed, or made. */
  ids: readonly string[];
}

/** Never throws: what went wrong is told. */
export async function act(client: Client, what: Act, id: string, text?: string): Promise<Told> {
  return telling(id, async () => {
    const task = await ACTS[what](client, id, text);
    const said = hasEnded(task) ? endOf(task) : situation(task, Date.now());
    const made = task.id === id ? '' : ` in the place of ${id}`;
    return { text: `${task.id}${made} ${said}`, kind: 'good', ids: [id, task.id] };
  });
}

const ACTS: Record<Act, (client: Client, id: string, text?: string) => Promise<Task>> = {
  stop: (client, id) => client.stop({ id }),
  kill: (client, id) => client.kill({ id }),
  retry: (client, id) => client.retry({ id }),
  accept: (client, id) => client.accept({ id }),
  reject: (client, id, feedback = '') => client.reject({ id, feedback }),
};

/** Answers a question; the first answer of all that are given wins. */
export async function answer(
  client: Client,
  given: { id: string; text: string; by?: string },
): Promise<Told> {
  return telling(given.id, async () => {
    const { task } = await client.answer(given);
    const after = task === null || hasEnded(task) ? '' : ' and goes on';
    const said = task === null ? 'answered' : `${task.id} is answered${after}`;
    return { text: said, kind: 'good', ids: task === null ? [] : [task.id] };
  });
}

async function telling(id: string, job: () => Promise<Told>): Promise<Told> {
  try {
    return await job();
  } catch (error) {
    const { message } = asTendError(error);
    return { text: message, kind: 'bad', ids: [id] };
  }
}
