import { admit, type Capacity, openings } from '../domain/admission.ts';
import { holdsSlot } from '../domain/lifecycle.ts';
import { sessionToResume } from '../domain/agent-again.ts';
import { sessionTotals } from '../domain/agent-report.ts';
import type { AgentFacts } from '../domain/agent-work.ts';
import { isHeld } from '../domain/holds.ts';
import { uuid } from '../domain/ids.ts';
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

  /** The capacity with the accounts that may not be used now. */
  async full(): Promise<Capacity> {
    const now = this.#ports.clock.now();
    const holds = (await this.#ports.store.holds()).filter((hold) => isHeld(hold, now));
    return { ...this.capacity(), holds };
  }

  /** When the next account may be used again (epoch ms); null = none is held, or none until a person acts. */
  async nextRelease(): Promise<number | null> {
    const now = this.#ports.clock.now();
    const times = (await this.#ports.store.holds()).flatMap(({ retryAt }) =>
      retryAt !== null && retryAt > now ? [retryAt] : [],
    );
    return times.length === 0 ? null : Math.min(...times);
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
    const candidates = await this.#ports.store.candidates(free, this.#ports.clock.now());
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
      ...this.#agentFacts(task),
    };
    const claimed = await this.#tasks.commit(task, [
      step('claim', task, { state: 'claimed', attempt }, now),
    ]);
    return claimed === null ? null : claimed.id;
  }

  /** The session of the attempt is stored before anything of it starts. */
  #agentFacts(task: TaskIn<'queued'>): { agent?: AgentFacts } {
    const { work } = task.spec;
    const agent = work.kind === 'agent' ? this.#ports.agents.get(work.agent) : null;
    if (work.kind !== 'agent' || agent === null) return {};
    const resume = sessionToResume(task, agent.capabilities.resume);
    const last = task.attempt?.agent;
    const before = last === undefined ? work.resume?.before : sessionTotals(last);
    const fresh = agent.capabilities.ownSessionId ? uuid(this.#ports.chance.bytes(16)) : null;
    return {
      agent: {
        sessionId: resume ?? fresh,
        resumed: resume,
        before: resume === null ? null : (before ?? null),
        report: null,
        settledAt: null,
      },
    };
  }
}
