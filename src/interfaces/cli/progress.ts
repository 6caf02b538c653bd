/** One line on a terminal that says how far a wait is. */
import type { Client, Task } from '../client/index.ts';
import { hasEnded } from './exit.ts';
import { count, span } from './format.ts';
import type { Printer } from './print.ts';
import { countStates, summary } from './rows.ts';
import { shorten, width } from './text.ts';

const ERASE = '\r\u001b[2K';
const SECOND = 1_000;

export class Progress {
  readonly #printer: Printer;
  readonly #states: Map<string, Task['state']>;
  readonly #began = Date.now();
  readonly #over = new AbortController();
  readonly #clock: NodeJS.Timeout;

  static start(client: Client, tasks: readonly Task[], printer: Printer): Progress {
    const progress = new Progress(tasks, printer);
    void progress.#follow(client);
    setTimeout(() => void progress.#catchUp(client), SECOND).unref();
    return progress;
  }

  private constructor(tasks: readonly Task[], printer: Printer) {
    this.#printer = printer;
    this.#states = new Map(tasks.map((task) => [task.id, task.state]));
    this.#clock = setInterval(() => this.#draw(), SECOND);
    this.#draw();
  }

  async stop(): Promise<void> {
    clearInterval(this.#clock);
    this.#over.abort();
    await this.#printer.write(ERASE);
  }

  async #follow(client: Client): Promise<void> {
    try {
      for await (const { data } of client.events({}, { signal: this.#over.signal })) {
        if (!this.#states.has(data.taskId)) continue;
        this.#states.set(data.taskId, data.state);
        this.#draw();
      }
    } catch {
      // Only an ornament: the wait itself tells what went wrong.
    }
  }

  /** What ended before the events were followed, and after the tasks were looked at, no event tells. */
  async #catchUp(client: Client): Promise<void> {
    if (this.#over.signal.aborted) return;
    try {
      const { tasks } = await client.wait({ ids: [...this.#states.keys()], timeout: 0 });
      for (const { id, state } of tasks) this.#states.set(id, state);
      this.#draw();
    } catch {
      // Only an ornament: the wait itself tells what went wrong.
    }
  }

  #draw(): void {
    if (this.#over.signal.aborted) return;
    const states = [...this.#states.values()].map((state) => ({ state }));
    const ended = states.filter(hasEnded).length;
    const waited = span(Date.now() - this.#began);
    const text = `${ended} of ${count(states.length, 'task')} ended, ${waited}`;
    const details = summary(countStates(states), this.#printer);
    const room = this.#printer.columns - 1;
    const full = `${text}: ${details}`;
    void this.#printer.write(ERASE + (width(full) <= room ? full : shorten(text, room)));
  }
}
