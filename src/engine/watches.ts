import { watchId } from '../domain/ids.ts';
import { TendError } from '../domain/errors.ts';
import { isEnded, type Task, type TaskId } from '../domain/task.ts';
import { ALL_READ, MOST_WATCHES, type Places, type Watch } from '../domain/watch.ts';
import type { AttemptRef } from '../ports/supervisor.ts';
import type { Ports, Report } from './context.ts';
import type { Feed } from './feed.ts';
import { attemptRef, streamsOf } from './observe.ts';
import { refuseAsked } from './watch-asked.ts';
import type { NewWatch, WatchVerbs } from './watch-facade.ts';
import { WatchRun } from './watch-run.ts';

/** Between two looks while a task writes faster than it is looked through (ms). */
const PACE = 50;
/** Between two looks while it writes and all of it has been looked through (ms). */
const EASY = 100;

/** A task with watches. Nothing happens to it until it writes or moves on. */
interface Watched {
  runs: Map<string, WatchRun>;
  /** What of the task was looked at: a change of anything else says nothing. */
  seen: string;
  looking: Promise<void> | null;
  again: boolean;
  unwatch: (() => void) | null;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** When the last look ended, by the monotonic clock. */
  lookedAt: number;
}

/** Tells owners what tasks write, while they write it. */
export class Watches implements WatchVerbs {
  readonly #ports: Ports;
  readonly #find: (prefix: string) => Promise<Task>;
  readonly #report: Report;
  readonly #watched = new Map<TaskId, Watched>();
  #feed: Feed | null = null;
  #loaded: Promise<void> | null = null;
  #closed = false;

  constructor(ports: Ports, find: (prefix: string) => Promise<Task>, report: Report) {
    this.#ports = ports;
    this.#find = find;
    this.#report = report;
  }

  /** Goes on with all watches where an earlier daemon left them, until `close`. */
  async start(feed: Feed): Promise<void> {
    this.#feed = feed;
    feed.listen((task) => this.#saw(task));
    feed.onGrowth((id) => this.#look(id));
    await this.#load();
    for (const id of this.#watched.keys()) this.#look(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const watched of this.#watched.values()) rest(watched);
    await Promise.all([...this.#watched.values()].map(async ({ looking }) => looking));
  }

  async add(idOrPrefix: string, asked: NewWatch): Promise<Watch> {
    const task = await this.#find(idOrPrefix);
    refuseAsked(task, asked);
    const { match, on, stream, once, fromStart } = asked;
    const watch: Watch = {
      id: watchId(this.#ports.chance.bytes(8)),
      taskId: task.id,
      owner: task.spec.owner,
      match,
      on,
      stream,
      once,
      createdAt: this.#ports.clock.now(),
      attempt: task.attempt?.number ?? 0,
      places: fromStart ? {} : await this.#now(task),
      matches: 0,
      hushUntil: 0,
      held: null,
    };
    const added = await this.#ports.store.addWatch(watch, MOST_WATCHES);
    if (added === 'gone')
      throw new TendError('not_found', `there is no task ${task.id}`, 'See: tend ls --all');
    if (added === 'full')
      throw new TendError(
        'limit_reached',
        `${task.id} has ${MOST_WATCHES} watches already`,
        `See them with: tend watch ls ${task.id}; take one away with: tend watch rm <id>`,
      );
    this.#follow(watch);
    this.#look(task.id);
    return watch;
  }

  async list(idOrPrefix: string | null): Promise<Watch[]> {
    const { store } = this.#ports;
    if (idOrPrefix === null) return store.watches();
    return store.watches((await this.#find(idOrPrefix)).id);
  }

  async remove(idOrPrefix: string): Promise<Watch> {
    const all = await this.#ports.store.watches();
    const like = all.filter(({ id }) => id === idOrPrefix || id.startsWith(idOrPrefix));
    const [watch, other] = like;
    if (watch === undefined)
      throw new TendError('not_found', `there is no watch ${idOrPrefix}`, 'See: tend watch ls');
    if (other !== undefined && watch.id !== idOrPrefix)
      throw new TendError(
        'ambiguous_id',
        `${idOrPrefix} is the beginning of several watches: ${like.map(({ id }) => id).join(', ')}`,
        'Write more of it.',
      );
    await this.#ports.store.dropWatch(watch.id);
    this.#forget(watch);
    return watch;
  }

  /** Where all streams of the attempt end now. */
  async #now(task: Task): Promise<Places> {
    const { attempt } = task;
    if (attempt === null) return {};
    if (attempt.outcome !== null) return { output: ALL_READ, stdout: ALL_READ, stderr: ALL_READ };
    const ref = attemptRef(task.id, attempt);
    const places: Places = {};
    for (const stream of streamsOf(task))
      places[stream] = { at: await this.#ports.output.size(ref, stream), told: false };
    return places;
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#ports.store.watches().then((all) => {
      for (const watch of all) this.#follow(watch);
    });
    return this.#loaded;
  }

  #follow(watch: Watch): void {
    const watched = this.#watched.get(watch.taskId) ?? {
      runs: new Map<string, WatchRun>(),
      seen: '',
      looking: null,
      again: false,
      unwatch: null,
      timer: undefined,
      lookedAt: Number.NEGATIVE_INFINITY,
    };
    if (!watched.runs.has(watch.id))
      watched.runs.set(watch.id, new WatchRun(this.#ports, watch, () => this.#closed));
    this.#watched.set(watch.taskId, watched);
  }

  #forget({ id, taskId }: Pick<Watch, 'id' | 'taskId'>): void {
    const watched = this.#watched.get(taskId);
    watched?.runs.delete(id);
    if (watched === undefined || watched.runs.size > 0) return;
    rest(watched);
    this.#watched.delete(taskId);
  }

  #saw(task: Task): void {
    const watched = this.#watched.get(task.id);
    if (watched === undefined) return;
    const { attempt } = task;
    const seen = `${attempt?.number} ${attempt?.startedAt} ${attempt?.outcome === null} ${isEnded(task)}`;
    if (seen === watched.seen) return;
    watched.seen = seen;
    this.#look(task.id);
  }

  /** One look at a time; asked for meanwhile, there is another one. */
  #look(id: TaskId): void {
    const watched = this.#watched.get(id);
    if (watched === undefined || this.#closed) return;
    watched.again = true;
    if (watched.looking !== null) return;
    rest(watched);
    watched.looking = this.#lookAgain(id, watched)
      .catch((error: unknown) => {
        this.#report(error, `watches of ${id}`);
        return HALT;
      })
      .then((wait) => {
        watched.looking = null;
        watched.lookedAt = this.#ports.clock.monotonic();
        if (this.#closed || !this.#watched.has(id)) return;
        if (watched.again) return this.#look(id);
        if (wait !== null) watched.timer = setTimeout(() => this.#look(id), wait).unref();
        if (wait === null || wait > EASY) this.#await(id, watched);
      });
  }

  /** Ms until the next look; null = when the task writes or moves on. */
  async #lookAgain(id: TaskId, watched: Watched): Promise<number | null> {
    let wait: number | null = null;
    while (watched.again && !this.#closed) {
      watched.again = false;
      const task = await this.#ports.store.get(id);
      if (task === null) {
        for (const { watch } of watched.runs.values()) this.#forget(watch);
        return null;
      }
      wait = null;
      for (const run of watched.runs.values()) wait = least(wait, await this.#run(task, run));
    }
    return wait;
  }

  async #run(task: Task, run: WatchRun): Promise<number | null> {
    const { more, told, over } = await run.look(task, isEnded(task));
    if (over) this.#forget(run.watch);
    if (told || over) await this.#announce(task.id);
    if (over) return null;
    const { heldUntil } = run;
    const held = heldUntil === null ? null : Math.max(0, heldUntil - this.#ports.clock.now());
    return more ? PACE : held;
  }

  /** Whoever waits for news looks again; the task as it is now, because it may have moved on. */
  async #announce(id: TaskId): Promise<void> {
    const task = await this.#ports.store.get(id);
    if (task !== null) this.#feed?.announce(task);
  }

  /** Looks again when something is written, but not too soon after the last time: a chatty task costs no more than a quiet one. */
  #await(id: TaskId, watched: Watched): void {
    const places = [...watched.runs.values()].flatMap((run) => run.awaits ?? []);
    const [first] = places;
    if (first === undefined) return;
    const taken: Record<string, number> = {};
    for (const one of places)
      for (const [stream, bytes] of Object.entries(one.taken))
        taken[stream] = Math.min(bytes, taken[stream] ?? Infinity);
    watched.unwatch = this.#ports.output.onGrowth(
      { taskId: id, number: first.number },
      taken,
      () => {
        watched.unwatch = null;
        const since = this.#ports.clock.monotonic() - watched.lookedAt;
        const soon = setTimeout(() => this.#look(id), Math.max(0, EASY - since)).unref();
        clearTimeout(watched.timer);
        watched.timer = soon;
      },
    );
  }

  /** All that an ended attempt wrote is looked through, before anything of it is cut off. */
  async finish({ taskId, number }: AttemptRef): Promise<void> {
    await this.#load();
    const watched = this.#watched.get(taskId);
    const task = watched === undefined ? null : await this.#ports.store.get(taskId);
    if (watched === undefined || task === null) return;
    while (watched.looking !== null) await watched.looking;
    rest(watched);
    const closing = Promise.all(
      [...watched.runs.values()].map((run) => run.close(task, number)),
    ).then(() => undefined);
    // Nobody looks meanwhile: two readers would find everything twice.
    watched.looking = closing.catch(() => undefined);
    await closing;
    watched.looking = null;
    this.#look(taskId);
  }
}

/** After a look that failed (ms): the disk or the database may answer the next time. */
const HALT = 5_000;

function rest(watched: Watched): void {
  clearTimeout(watched.timer);
  watched.timer = undefined;
  watched.unwatch?.();
  watched.unwatch = null;
}

const least = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
