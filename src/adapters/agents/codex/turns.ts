/**
 * Counts model calls by the order of what the model did: a call is over when all its tools have ended, and the
 * next thing begins another one.
 */
export class Turns {
  #open = new Set<string>();
  #next = true;
  count = 0;

  /** The model did something; true = it is the first thing of a call. */
  active(): boolean {
    if (!this.#next) return false;
    this.#next = false;
    this.count += 1;
    return true;
  }

  toolStarted(id: string): void {
    this.#open.add(id);
  }

  /** True = its start was seen. */
  toolEnded(id: string): boolean {
    const known = this.#open.delete(id);
    this.#next = this.#open.size === 0;
    return known;
  }
}
