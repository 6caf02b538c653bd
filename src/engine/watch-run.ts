import type { Attempt } from '../domain/attempt.ts';
import { TendError } from '../domain/errors.ts';
import { patternOf } from '../domain/pattern.ts';
import { isEnded, type Task } from '../domain/task.ts';
import {
  ALL_READ,
  matchDelivery,
  type Places,
  told,
  type Watch,
  type WatchedStream,
} from '../domain/watch.ts';
import type { Ports } from './context.ts';
import { streamsOf } from './observe.ts';
import { eventSource, lineSource, type News, type WatchSource } from './watch-source.ts';

/** Portions of a stream that are taken in in one look: then others have their turn. */
const AT_A_LOOK = 64;
/** Portions without a match after which it is noted all the same how far it is: a successor begins there. */
const UNSTORED = 1_024;

/** What a look came to. */
export interface Looked {
  /** There is more to read already. */
  more: boolean;
  /** A delivery was stored. */
  told: boolean;
  /** The watch has ended. */
  over: boolean;
}

/** One watch at work: what it reads of the attempt that it is at, which is all in memory and found again from its row. */
export class WatchRun {
  watch: Watch;
  readonly #ports: Ports;
  readonly #isClosing: () => boolean;
  #sources: readonly WatchSource[] | null = null;
  /** Portions taken in since it was last stored where it stands. */
  #unstored = 0;
  /** All of the attempt was taken in, and it is over. */
  #read = false;

  /** `isClosing` = this process is about to end: the rest is for the next one. */
  constructor(ports: Ports, watch: Watch, isClosing: () => boolean) {
    this.#ports = ports;
    this.#isClosing = isClosing;
    this.watch = watch;
  }

  /** The attempt whose growth matters, and how far it was read; null = none. */
  get awaits(): { number: number; taken: Partial<Record<WatchedStream, number>> } | null {
    if (this.#sources === null || this.#read) return null;
    return { number: this.watch.attempt, taken: all(this.#sources.map((one) => one.taken())) };
  }

  /** When something is to be told that is held back, epoch ms; null = nothing is. */
  get heldUntil(): number | null {
    return this.watch.held === null ? null : this.watch.hushUntil;
  }

  /** Takes in what there is of `task` as it is now. `all` = to the end, however much it is. */
  async look(task: Task, all: boolean): Promise<Looked> {
    let hasTold = false;
    for (let portions = 1; ; portions++) {
      const step = await this.#advance(task).catch((error: unknown) => {
        // What was found and not stored is found again.
        this.#sources = null;
        this.#read = false;
        throw error;
      });
      if (step === 'over') return { more: false, told: true, over: true };
      hasTold ||= step.told;
      if (!step.grew) return { more: false, told: hasTold, over: false };
      if (this.#isClosing() || (!all && portions >= AT_A_LOOK))
        return { more: true, told: hasTold, over: false };
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }

  /** One portion of every source, or the step to the next attempt. */
  async #advance(task: Task): Promise<{ grew: boolean; told: boolean } | 'over'> {
    const number = task.attempt?.number ?? 0;
    if (this.watch.attempt === 0 && number > 0) this.#begin(1);
    const isPast = this.watch.attempt < number || (task.attempt?.outcome ?? null) !== null;
    if (this.watch.attempt === 0 || this.#read) return this.#rest(task, number);
    const sources = (this.#sources ??= await this.#open(task));
    const taken = await Promise.all(sources.map((source) => source.take()));
    const grew = taken.some((one) => one.grew);
    const news = taken.flatMap((one) => one.news ?? []);
    if (!grew && isPast) {
      news.push(...(await this.#ended(sources)));
      this.#read = true;
    }
    return this.#tell(task, joined(news), grew || this.#read, false);
  }

  async #ended(sources: readonly WatchSource[]): Promise<News[]> {
    const news = await Promise.all(sources.map((source) => source.end()));
    return news.flatMap((one) => one ?? []);
  }

  /** Nothing is left to read of this attempt: the next one, or the end. */
  async #rest(task: Task, number: number): Promise<{ grew: boolean; told: boolean } | 'over'> {
    if (this.watch.attempt < number) {
      this.#begin(this.watch.attempt + 1);
      return { grew: true, told: false };
    }
    return this.#tell(task, null, false, isEnded(task));
  }

  #begin(attempt: number): void {
    this.watch = { ...this.watch, attempt, places: {} };
    this.#sources = null;
    this.#read = false;
  }

  /** Stores what was found together with how far that was, in one. */
  async #tell(
    task: Task,
    news: News | null,
    grew: boolean,
    ends: boolean,
  ): Promise<{ grew: boolean; told: boolean } | 'over'> {
    const { watch, tell, over } = told(this.watch, news, this.#ports.clock.now(), ends);
    const placed = { ...watch, places: this.#places() };
    this.#unstored += 1;
    if (tell !== null || over || this.#unstored >= UNSTORED) {
      this.#unstored = 0;
      const deliveries = tell === null ? [] : [matchDelivery(task, placed, tell)];
      const isStored = await this.#ports.store.putWatch(placed, deliveries, over);
      // Somebody removed it meanwhile.
      if (!isStored || over) return 'over';
    }
    this.watch = placed;
    return { grew, told: tell !== null };
  }

  /** Before the front of its streams is cut off: from then on their bytes have other numbers. */
  async close(task: Task, number: number): Promise<void> {
    while (this.watch.attempt <= number && !this.#read && this.watch.attempt > 0) {
      if (this.#isClosing())
        throw new TendError(
          'daemon_stopping',
          `what ${task.id} wrote is not looked through yet`,
          'The next daemon does.',
        );
      const sources = (this.#sources ??= await this.#open(task));
      const taken = await Promise.all(sources.map((source) => source.take()));
      const isOver = !taken.some((one) => one.grew);
      const news = taken.flatMap((one) => one.news ?? []);
      if (isOver) {
        news.push(...(await this.#ended(sources)));
        this.#read = true;
      }
      if ((await this.#tell(task, joined(news), false, false)) === 'over') return;
      if (isOver) await this.#ports.store.putWatch(this.watch, [], false);
      if (isOver && this.watch.attempt < number) this.#begin(this.watch.attempt + 1);
      else if (isOver) return;
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }

  #places(): Places {
    if (this.#read) return { output: ALL_READ, stdout: ALL_READ, stderr: ALL_READ };
    if (this.#sources === null) return this.watch.places;
    return all(this.#sources.map((source) => source.places()));
  }

  async #open(task: Task): Promise<readonly WatchSource[]> {
    const { match, on, attempt: number, places } = this.watch;
    const pattern = match === null ? null : patternOf(match);
    const ref = { taskId: task.id, number };
    if (on !== null) {
      const attempt = await this.#attempt(task, number);
      const source =
        attempt === null
          ? null
          : await eventSource(this.#ports, task, attempt, on, pattern, places);
      return source === null ? [] : [source];
    }
    if (pattern === null) return [];
    return streamsOf(task)
      .filter((stream) => this.watch.stream === null || stream === this.watch.stream)
      .map((stream) => {
        const place = places[stream] ?? { at: 0, told: false };
        return lineSource(this.#ports, ref, stream, pattern, place);
      });
  }

  async #attempt(task: Task, number: number): Promise<Attempt | null> {
    if (task.attempt?.number === number) return task.attempt;
    const all = await this.#ports.store.attempts(task.id);
    return all.find((one) => one?.number === number) ?? null;
  }
}

/** No two sources of a watch read the same stream. */
const all = <T>(parts: readonly Partial<Record<WatchedStream, T>>[]) =>
  Object.fromEntries(parts.flatMap((part) => Object.entries(part))) as Partial<
    Record<WatchedStream, T>
  >;

function joined(news: readonly News[]): News | null {
  const [first, last] = [news[0], news.at(-1)];
  if (first === undefined || last === undefined) return null;
  const count = news.reduce((sum, one) => sum + one.count, 0);
  return { first: first.first, last: last.last, count };
}
