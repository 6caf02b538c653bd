/** Noon of a summer's day: far from every edge that a test would need a calendar for. */
const BEGAN = 1_782_000_000_000;

interface Due {
  at: number;
  nth: number;
  run: () => void;
}

/** Virtual time: what is to come, in its order. The clock on the wall is set now and then, the time that passes is not. */
export class Clock {
  #now = 0;
  #skew = BEGAN;
  #nth = 0;
  /** The time that had passed when it was set last (ms). */
  setAfter = -Infinity;
  readonly #heap: Due[] = [];

  /** Time passed (ms). */
  get now(): number {
    return this.#now;
  }

  /** What the clock on the wall shows, epoch ms: the only one that decisions see. */
  get wall(): number {
    return this.#now + this.#skew;
  }

  set(by: number): void {
    this.#skew += by;
    this.setAfter = this.#now;
  }

  /** Runs after so long (ms); of those at the same time the one that was asked for first. */
  after(wait: number, run: () => void): void {
    const due = { at: this.#now + Math.max(0, Math.round(wait)), nth: this.#nth++, run };
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, due)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = due;
  }

  /** Lets the next thing happen; false = nothing is to come. */
  step(): boolean {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined) return false;
    if (first !== last) sink(heap, last);
    this.#now = first.at;
    first.run();
    return true;
  }
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.nth < b.nth);

function sink(heap: Due[], due: Due): void {
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    if (left === undefined) break;
    const isRight = right !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (isBefore(due, child)) break;
    heap[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = due;
}
