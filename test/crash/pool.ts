import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Home } from './home.ts';
import { type End, type Life, type Orders, ordersFor, runScript } from './life.ts';

/** A warm process that runs one daemon at a time: recovery without the cost of a start. */
export class Host {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    this.#child = runScript('host.ts', [], { stdin: 'pipe', log: 'inherit' });
    this.#exited = once(this.#child, 'exit');
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('a host has no stdout');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  start(home: Home, orders?: Partial<Orders>): Life {
    const ready = this.#ask(JSON.stringify(ordersFor(home, orders)));
    const { promise: end, resolve, reject } = Promise.withResolvers<End>();
    ready.catch(reject);
    void this.#exited.then(() => reject(new Error('the host of the daemon died')));
    return {
      pid: this.#child.pid ?? 0,
      ready: ready.then((word) => word === 'ready'),
      end,
      close: () => {
        this.#ask('').then(() => resolve('ended'), reject);
        return end;
      },
      abort: () => void this.#child.kill('SIGABRT'),
    };
  }

  async #ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the host of the daemon died');
    return value;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }
}
