import type { Ports } from '../../src/engine/context.ts';

type Gated = 'prepare' | 'save';

/** Stands before a call for a work tree: while it is closed, the call is not begun. */
export class Gate {
  /** Calls that came to it. */
  calls = 0;
  #open: Promise<void> | null = null;

  /** The ports, whose `verb` goes through it. */
  before(verb: Gated, ports: Ports): Ports {
    const { workspaces } = ports;
    const call = workspaces[verb] as (...args: unknown[]) => Promise<unknown>;
    const gated = async (...args: unknown[]): Promise<unknown> => {
      this.calls += 1;
      await this.#open;
      return call(...args);
    };
    return { ...ports, workspaces: { ...workspaces, [verb]: gated } };
  }

  /** Answers how to open it. */
  close(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open = promise;
    return () => {
      this.#open = null;
      resolve();
    };
  }
}
