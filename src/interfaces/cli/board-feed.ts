/** What happens, told to the board: the whole once, then only what changed. */
import { isTendError } from '../../domain/errors.ts';
import type { Change, Client, Task } from '../client/index.ts';
import { type Message, MOST_ENDED } from './board-update.ts';
import { asTendError } from './failure.ts';
import { type Filter, recent } from './listing.ts';

/** Changes within this time are fetched together (ms). */
const TOGETHER = 100;
/** Between two fetches lies so many times as long as the last one took. */
const CALM = 2;
/** More tasks than that at once are cheaper as one list. */
const MOST_ONE_BY_ONE = 40;
/** So many are fetched at the same time. */
const WIDTH = 4;
/** Between two tries to reach the daemon, ms: the first, and the longest. */
const PAUSE = 200;
const LONGEST_PAUSE = 2_000;
/** What changed while everything was first loaded, no event may have told (ms). */
const SECOND_LOOK = 1_000;

/** States in which somebody is asked. */
const ASKS: ReadonlySet<string> = new Set(['awaiting_input', 'awaiting_review']);
const LOST: ReadonlySet<string> = new Set(['daemon_unreachable', 'daemon_stopping', 'interrupted']);

interface FeedOptions {
  client: Client;
  only: Filter;
  tell: (message: Message) => void;
  signal: AbortSignal;
}

export class BoardFeed {
  readonly #client: Client;
  readonly #only: Filter;
  readonly #tell: (message: Message) => void;
  readonly #signal: AbortSignal;
  readonly #states = new Map<string, Task['state']>();
  readonly #changed = new Set<string>();
  #isAsked = false;
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;
  /** How long the last fetch took, in ms. */
  #lasted = 0;
  #seq: number | null = null;

  constructor({ client, only, tell, signal }: FeedOptions) {
    this.#client = client;
    this.#only = only;
    this.#tell = tell;
    this.#signal = signal;
  }

  /** Fetches tasks whose change no event told. */
  look(...ids: readonly string[]): void {
    for (const id of ids) this.#changed.add(id);
    this.#soon();
  }

  /** Fetches what is asked. */
  ask(): void {
    this.#isAsked = true;
    this.#soon();
  }

  /** Resolves when the signal aborts; a daemon that is gone is looked for. */
  async run(): Promise<void> {
    const signal = this.#signal;
    for (let pause = PAUSE; !signal.aborted; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      const began = Date.now();
      try {
        await this.#listen();
      } catch (error) {
        if (signal.aborted) break;
        this.#tell({ is: 'link', live: false });
        if (!isTendError(error) || !LOST.has(error.code)) this.#failed(error);
      }
      if (Date.now() - began > LONGEST_PAUSE) pause = PAUSE;
      await waited(pause, signal);
    }
    clearTimeout(this.#timer);
  }

  async #listen(): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.#signal, over.signal]);
    const from = this.#seq === null ? {} : { after: this.#seq };
    try {
      const events = this.#client.events(from, { signal });
      // Asked for before the list, so that what happens meanwhile is told.
      const first = events.next();
      first.catch(() => undefined);
      await this.#loadAll();
      await this.#loadAsked();
      this.#tell({ is: 'link', live: true });
      if (this.#seq === null) setTimeout(() => this.#lookAgain(over.signal), SECOND_LOOK).unref();
      for (let event = await first; event.done !== true; event = await events.next())
        this.#saw(event.value.data);
    } finally {
      over.abort();
    }
  }

  #lookAgain({ aborted }: AbortSignal): void {
    if (!aborted && !this.#signal.aborted) this.#loadAll().catch((error) => this.#failed(error));
  }

  #saw({ seq, taskId, state }: Change): void {
    this.#seq = seq;
    this.#changed.add(taskId);
    const was = this.#states.get(taskId);
    // An agent is drained by failures; an answer may come while its task still runs.
    if (ASKS.has(state) || (was !== undefined && ASKS.has(was)) || state === 'failed')
      this.#isAsked = true;
    this.#states.set(taskId, state);
    this.#soon();
  }

  #soon(): void {
    if (this.#signal.aborted) return;
    // Where everything changes all the time, most of the time is left to others.
    const pause = Math.min(LONGEST_PAUSE, Math.max(TOGETHER, this.#lasted * CALM));
    this.#timer ??= setTimeout(() => void this.#flush(), pause);
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    if (this.#isBusy) return this.#soon();
    this.#isBusy = true;
    const began = performance.now();
    try {
      const ids = [...this.#changed];
      this.#changed.clear();
      if (ids.length > MOST_ONE_BY_ONE) await this.#loadAll();
      else if (ids.length > 0) await this.#loadSome(ids);
      if (this.#isAsked) await this.#loadAsked();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isBusy = false;
      this.#lasted = performance.now() - began;
      if (this.#changed.size > 0) this.#soon();
    }
  }

  async #loadAll(): Promise<void> {
    this.#changed.clear();
    const { tasks } = await recent(this.#client, this.#only, MOST_ENDED, this.#signal);
    this.#states.clear();
    for (const task of tasks) this.#states.set(task.id, task.state);
    this.#tell({ is: 'tasks', tasks });
  }

  async #loadSome(ids: readonly string[]): Promise<void> {
    const found = await inTurn(ids, (id) => one(this.#client, id, this.#signal));
    const tasks: Task[] = [];
    const gone: string[] = [];
    for (const { id, task } of found) {
      if (task === null) gone.push(id);
      else if (fits(task, this.#only)) tasks.push(task);
    }
    for (const { id, state } of tasks) this.#states.set(id, state);
    for (const id of gone) this.#states.delete(id);
    if (tasks.length + gone.length > 0) this.#tell({ is: 'changed', tasks, gone });
  }

  async #loadAsked(): Promise<void> {
    this.#isAsked = false;
    const { owner } = this.#only;
    const query = owner === undefined ? {} : { owner };
    const { questions } = await this.#client.questions(query, { signal: this.#signal });
    this.#tell({ is: 'asked', asked: questions });
  }

  #failed(error: unknown): void {
    // A daemon that is gone is told once, by the stream of events.
    const { code, message } = asTendError(error);
    if (this.#signal.aborted || LOST.has(code)) return;
    this.#tell({ is: 'note', text: message, kind: 'bad' });
  }
}

const fits = (task: Task, { owner, group }: Filter): boolean =>
  (owner === undefined || task.owner === owner) && (group === undefined || task.group === group);

/** Null = it is gone. */
async function one(client: Client, id: string, signal: AbortSignal) {
  try {
    const task = await client.show({ id }, { signal });
    // A prefix of another id would be answered with that one.
    return { id, task: task.id === id ? task : null };
  } catch (error) {
    if (isTendError(error) && error.code === 'not_found') return { id, task: null };
    throw error;
  }
}

async function inTurn<T>(ids: readonly string[], job: (id: string) => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (let at = 0; at < ids.length; at += WIDTH)
    found.push(...(await Promise.all(ids.slice(at, at + WIDTH).map(job))));
  return found;
}

/** Resolves after `ms`, or when `signal` aborts. */
export const waited = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
