import { afterSeen, isMergeOpen, type Merge, type Mergeable, newMerge } from '../domain/merge.ts';
import type { Task, TaskId } from '../domain/task.ts';
import type { Ports, Report, Settings } from './context.ts';
import { isStillMerged, mergeableOf, previewOf, targetOf } from './merge-ask.ts';
import type { MergeAsk, MergePreview, MergeVerbs } from './merge-facade.ts';
import { MergeLook, type MergeWorld } from './merge-look.ts';

/** A lane that could not be looked at, or stored, is tried again after this long (ms). */
const AGAIN = 10_000;

const laneOf = ({ repository, target }: Merge): string => `${repository}\0${target}`;

/** Merges what tasks have made: into one branch one after the other, into different ones side by side. */
export class Merges implements MergeVerbs {
  readonly #ports: Ports;
  readonly #report: Report;
  readonly #look: MergeLook;
  readonly #closing = new AbortController();
  /** Lanes that are worked on; true = there may be more in it by now. */
  readonly #lanes = new Map<string, boolean>();
  readonly #working = new Set<Promise<void>>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #listeners = new Set<() => void>();
  /** One is asked for at a time: the same asked for twice is found. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ports: Ports, settings: Settings, world: MergeWorld, report: Report) {
    this.#ports = ports;
    this.#report = report;
    this.#look = new MergeLook(ports, settings, world, this.#closing.signal);
  }

  /** Goes on where an earlier daemon was. */
  async start(): Promise<void> {
    for (const merge of await this.#ports.store.openMerges()) this.#wake(laneOf(merge));
  }

  /** What is open is gone on with by the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#tell();
    await this.#turn;
    await Promise.all(this.#working);
  }

  async ask(id: TaskId, asked: MergeAsk): Promise<Merge> {
    const { task, mergeable } = await mergeableOf(this.#ports, id, asked);
    const { target } = await targetOf(this.#ports, task, mergeable.repository, asked.into);
    const merge = await this.#exclusively(() =>
      this.#stored(task, mergeable, { ...asked, target }),
    );
    this.#wake(laneOf(merge));
    return merge;
  }

  async open(): Promise<number> {
    return (await this.#ports.store.openMerges()).length;
  }

  async preview(id: TaskId, asked: MergeAsk): Promise<MergePreview> {
    return previewOf(this.#ports, id, asked);
  }

  settled(id: TaskId, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#listeners.delete(ask);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      const ask = (): void => {
        if (signal.aborted || this.#closing.signal.aborted) return settle();
        this.#ports.store.merges([id]).then((merges) => {
          if (!merges.some(isMergeOpen)) settle();
        }, reject);
      };
      this.#listeners.add(ask);
      signal.addEventListener('abort', settle);
      ask();
    });
  }

  /** The row of the merge: the one that is there, where it is under way or done. */
  async #stored(
    task: Task,
    mergeable: Extract<Mergeable, { commit: string }>,
    { target, how, unverified }: MergeAsk & { target: string },
  ): Promise<Merge> {
    const { store, clock } = this.#ports;
    const known = (await store.merges([task.id])).find((one) => one.target === target);
    if (known !== undefined && (await isStillMerged(this.#ports, known, mergeable.commit)))
      return known;
    const merge = newMerge(task, mergeable, { target, how, unverified }, clock.now());
    const added = await store.addMerge(merge);
    if (added === null) throw new RangeError(`${task.id} is gone`);
    return added;
  }

  #exclusively<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #wake(lane: string): void {
    if (this.#closing.signal.aborted) return;
    const isWorkedOn = this.#lanes.has(lane);
    this.#lanes.set(lane, true);
    if (isWorkedOn) return;
    const working = this.#work(lane)
      .catch((error: unknown) => this.#troubled(lane, error))
      .finally(() => this.#working.delete(working));
    this.#working.add(working);
  }

  /** Everything of one lane, in its order, until nothing is left. */
  async #work(lane: string): Promise<void> {
    while (this.#lanes.get(lane) === true) {
      this.#lanes.set(lane, false);
      for (;;) {
        const open = await this.#ports.store.openMerges();
        const next = open.find((merge) => laneOf(merge) === lane);
        if (next === undefined || !(await this.#advance(next))) break;
      }
      if (this.#closing.signal.aborted) break;
    }
    this.#lanes.delete(lane);
  }

  /** One step of a merge; false = the engine is closing. */
  async #advance(merge: Merge): Promise<boolean> {
    const seen = await this.#look.at(merge).catch((error: unknown) => {
      this.#report(error, `merge of ${merge.taskId}`);
      const message = error instanceof Error ? error.message : String(error);
      return { kind: 'trouble', message } as const;
    });
    if (seen === null) return false;
    const after = afterSeen(merge, seen, this.#ports.clock.now());
    if (after === merge)
      throw new Error(`${seen.kind} is nothing for a merge that is ${merge.state}`);
    await this.#ports.store.putMerge(after);
    this.#tell();
    return !this.#closing.signal.aborted;
  }

  #troubled(lane: string, error: unknown): void {
    this.#lanes.delete(lane);
    this.#report(error, 'merges');
    if (this.#closing.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#wake(lane);
    }, AGAIN);
    timer.unref();
    this.#timers.add(timer);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
