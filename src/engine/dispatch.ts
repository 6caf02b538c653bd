import { admit, type Capacity, openings } from '../domain/admission.ts';
import { holdsSlot } from '../domain/lifecycle.ts';
import { step, type TaskId, type TaskIn } from '../domain/task.ts';
import type { Ports, Settings } from './context.ts';
import type { Tasks } from './tasks.ts';

/** Claims queued tasks for as many slots as are free. */
export class Dispatch {
  readonly #ports: Ports;
  readonly #settings: Settings;
  readonly #tasks: Tasks;
  readonly #node: string;
  #diskLow = false;

  constructor(ports: Ports, settings: Settings, tasks: Tasks, node: string) {
    this.#ports = ports;
    this.#settings = settings;
    this.#tasks = tasks;
    this.#node = node;
  }

  capacity(): Capacity {
    let held = 0;
    for (const task of this.#tasks.live.values()) if (holdsSlot(task.state)) held += 1;
    return { slots: this.#settings.slots, held, diskLow: this.#diskLow, paused: false };
  }

  /** Looks at the free space; true when starting became possible. */
  async checkDisk(): Promise<boolean> {
    const { free, total } = await this.#ports.output.space();
    const low = free < this.#settings.diskFloor(total);
    const relieved = this.#diskLow && !low;
    this.#diskLow = low;
    return relieved;
  }

  /** Ids of the tasks claimed now, durable: launch them. */
  async claim(): Promise<TaskId[]> {
    const capacity = this.capacity();
    const free = openings(capacity);
    if (free === 0) return [];
    const candidates = await this.#ports.store.candidates(free);
    if (candidates.length === 0) return [];
    const admitted = new Set(admit(candidates, capacity));
    const claims = await Promise.all(
      candidates.filter((task) => admitted.has(task.id)).map((task) => this.#claim(task)),
    );
    return claims.filter((id) => id !== null);
  }

  async #claim(task: TaskIn<'queued'>): Promise<TaskId | null> {
    const now = this.#ports.clock.now();
    const attempt = {
      number: (task.attempt?.number ?? 0) + 1,
      node: this.#node,
      claimedAt: now,
      process: null,
      startedAt: null,
      deadlineAt: null,
      endedAt: null,
      outcome: null,
    };
    const claimed = await this.#tasks.commit(task, [
      step('claim', task, { state: 'claimed', attempt }, now),
    ]);
    return claimed === null ? null : claimed.id;
  }
}
