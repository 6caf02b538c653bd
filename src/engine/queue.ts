import type { Head } from '../domain/admission.ts';
import { type Lane, laneKey, laneOf } from '../domain/lane.ts';
import type { Task, TaskId } from '../domain/task.ts';
import type { Store } from '../ports/store.ts';

/** Heads of a lane that are known at a time: a lane of a hundred thousand tasks costs no more than a short one. */
const KNOWN = 16;

interface Known {
  lane: Lane;
  heads: Head[];
  /** Nothing waits in the lane behind the known heads. */
  whole: boolean;
  /** While the store is asked: several may want to know at once. */
  refilling: Promise<void> | null;
}

/** The lanes in which tasks wait, and the first of each, as far as this process has heard: the store has the rest. */
export class Queue {
  readonly #store: Pick<Store, 'lanes' | 'waiting'>;
  readonly #lanes = new Map<string, Known>();
  readonly #of = new Map<TaskId, Known>();

  constructor(store: Pick<Store, 'lanes' | 'waiting'>) {
    this.#store = store;
  }

  /** Learns what an earlier daemon left. */
  async load(): Promise<void> {
    for (const lane of await this.#store.lanes()) this.#known(laneKey(lane), lane);
  }

  /** Takes note of a task as it is now. */
  saw(task: Task): void {
    const { id } = task;
    if (task.state !== 'queued') return this.drop(id);
    if (this.#of.has(id)) return;
    const lane = laneOf(task.spec);
    const known = this.#known(laneKey(lane), lane);
    const { heads } = known;
    const at = 1 + heads.findLastIndex((head) => head.queuedAt <= task.queuedAt);
    // Among those that nobody knows here, there may be an older one.
    if (at === heads.length && (!known.whole || at >= KNOWN)) {
      known.whole = false;
      return;
    }
    heads.splice(at, 0, { id, lane: known.lane, queuedAt: task.queuedAt });
    this.#of.set(id, known);
    const last = heads.length > KNOWN ? heads.pop() : undefined;
    if (last === undefined) return;
    this.#of.delete(last.id);
    known.whole = false;
  }

  /** The task does not wait any more. */
  drop(id: TaskId): void {
    const known = this.#of.get(id);
    if (known === undefined) return;
    known.heads = known.heads.filter((head) => head.id !== id);
    this.#of.delete(id);
  }

  /** The first tasks of each lane, at most `each` of them. */
  async heads(each: number): Promise<Head[]> {
    // A task that nobody told of here would wait until the next start: asked only when nothing else waits.
    if (this.#lanes.size === 0) await this.load();
    const found: Head[] = [];
    for (const [key, known] of this.#lanes) {
      if (known.heads.length === 0 && !known.whole) known.refilling ??= this.#refill(known);
      if (known.refilling !== null) await known.refilling;
      if (known.heads.length === 0 && known.whole && known.refilling === null)
        this.#lanes.delete(key);
      const { heads } = known;
      for (let at = 0; at < each; at++) {
        const head = heads[at];
        if (head === undefined) break;
        found.push(head);
      }
    }
    return found;
  }

  get lanes(): readonly Lane[] {
    return Array.from(this.#lanes.values(), ({ lane }) => lane);
  }

  #known(key: string, lane: Lane): Known {
    const known = this.#lanes.get(key) ?? { lane, heads: [], whole: false, refilling: null };
    this.#lanes.set(key, known);
    return known;
  }

  async #refill(known: Known): Promise<void> {
    // Set before the store is asked: what comes while it answers makes it false again.
    known.whole = true;
    try {
      const waiting = await this.#store.waiting(known.lane, KNOWN);
      if (waiting.length === KNOWN) known.whole = false;
      for (const { id, queuedAt } of waiting) {
        if (this.#of.has(id)) continue;
        known.heads.push({ id, lane: known.lane, queuedAt });
        this.#of.set(id, known);
      }
      known.heads.sort((a, b) => a.queuedAt - b.queuedAt);
    } catch (error) {
      known.whole = false;
      throw error;
    } finally {
      known.refilling = null;
    }
  }
}
