/** Remembers that something happened until somebody has waited for it. */
export class Signal {
  #up = false;
  #wake: (() => void) | undefined;

  constructor(abort: AbortSignal) {
    abort.addEventListener('abort', () => this.raise(), { once: true });
    if (abort.aborted) this.raise();
  }

  raise(): void {
    this.#up = true;
    this.#wake?.();
  }

  async raised(): Promise<void> {
    if (!this.#up) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#up = false;
    this.#wake = undefined;
  }
}
