import {
  admit,
  type Admitted,
  type Block,
  type Capacity,
  keptIn,
  placeFor,
} from '../domain/admission.ts';
import { sessionToResume } from '../domain/agent-again.ts';
import { sessionTotals } from '../domain/agent-report.ts';
import { type AgentFacts, seatOf } from '../domain/agent-work.ts';
import { busyOf } from '../domain/busy.ts';
import { holdingsOf } from '../domain/holdings.ts';
import { uuid } from '../domain/ids.ts';
import { laneOf, type LaneSeat, seatAt } from '../domain/lane.ts';
import { NOT_PAUSED, paused, type Pauses, type PauseTarget, unpaused } from '../domain/pauses.ts';
import { releaseAt } from '../domain/release.ts';
import { step, type Task, type TaskId, type TaskIn } from '../domain/task.ts';
import type { Budgets } from './budgets.ts';
import { NO_FACTS } from './agent-source.ts';
import type { Ports, Settings } from './context.ts';
import { asking } from './hook-job.ts';
import type { Queue } from './queue.ts';
import type { Tasks } from './tasks.ts';
import { sharedFor } from './shared.ts';
import { placed } from './workspace-job.ts';

/** The store's name for what is paused. */
const PAUSES = 'paused';

/** Claims queued tasks for as many as may start. */
export class Dispatch {
  readonly #ports: Ports;
  readonly #settings: Settings;
  readonly #tasks: Tasks;
  readonly #queue: Queue;
  readonly #budgets: Budgets;
  readonly #node: string;
  #diskLow = false;
  #memoryLow = false;
  #pauses: Pauses = NOT_PAUSED;

  constructor(
    ports: Ports,
    settings: Settings,
    tasks: Tasks,
    queue: Queue,
    budgets: Budgets,
    node: string,
  ) {
    this.#budgets = budgets;
    this.#ports = ports;
    this.#settings = settings;
    this.#tasks = tasks;
    this.#queue = queue;
    this.#node = node;
  }

  /** Learns what an earlier daemon left. */
  async start(): Promise<void> {
    const stored = await this.#ports.store.setting(PAUSES);
    if (stored !== null) this.#pauses = { ...NOT_PAUSED, ...(JSON.parse(stored) as Pauses) };
    await this.#queue.load();
    await this.checkRoom();
  }

  get pauses(): Pauses {
    return this.#pauses;
  }

  /** Durable before it holds. */
  async pause(target: PauseTarget): Promise<Pauses> {
    return this.#setPauses(paused(this.#pauses, target));
  }

  async unpause(target: PauseTarget): Promise<Pauses> {
    return this.#setPauses(unpaused(this.#pauses, target));
  }

  async #setPauses(pauses: Pauses): Promise<Pauses> {
    await this.#ports.store.setSetting(PAUSES, JSON.stringify(pauses));
    return (this.#pauses = pauses);
  }

  /** Disk or memory is below its floor: nothing starts, whatever else is free. */
  get isLow(): boolean {
    return this.#diskLow || this.#memoryLow;
  }

  async capacity(): Promise<Capacity> {
    const { limits } = this.#settings;
    const now = this.#ports.clock.now();
    const capacity: Capacity = {
      limits,
      busy: busyOf(this.#tasks.live.values()),
      holdings: holdingsOf(this.#tasks.live.values()),
      diskLow: this.#diskLow,
      memoryLow: this.#memoryLow,
      pauses: this.#pauses,
      holds: await this.#ports.store.holds(),
      resume: this.#settings.resume(now),
      spendings: await this.#budgets.spendings(now),
    };
    return { ...capacity, kept: keptIn(await this.#queue.heads(1), capacity, now) };
  }

  /** Why the queued task does not start now; null = it is about to, or it is not queued. */
  why(task: Task, capacity: Capacity): Block | null {
    if (task.state !== 'queued') return null;
    const place = placeFor(laneOf(task.spec), capacity, this.#ports.clock.now());
    return 'reason' in place ? place : null;
  }

  /** When something that keeps tasks in the queue is over by itself (epoch ms); null = nothing is. */
  async nextRelease(): Promise<number | null> {
    const now = this.#ports.clock.now();
    const held = releaseAt(await this.#ports.store.holds(), this.#settings.resume(now), now);
    const spent = await this.#budgets.nextRelease(now);
    return held === null || spent === null ? (held ?? spent) : Math.min(held, spent);
  }

  /** Looks at the free space and memory; true when starting became possible. */
  async checkRoom(): Promise<boolean> {
    const { output, supervisor } = this.#ports;
    const wasLow = this.isLow;
    const disk = await output.space();
    const memory = await supervisor.memory();
    this.#diskLow = disk.free < this.#settings.diskFloor(disk.total);
    this.#memoryLow = memory.free < this.#settings.memoryFloor(memory.total);
    return wasLow && !this.isLow;
  }

  /** Ids of the tasks claimed now, durable: launch them. */
  async claim(): Promise<TaskId[]> {
    const claimed: TaskId[] = [];
    for (;;) {
      const heads = await this.#queue.heads(this.#settings.limits.slots);
      if (heads.length === 0) return claimed;
      const admitted = admit(heads, await this.capacity(), this.#ports.clock.now());
      const claims = await Promise.all(admitted.map((one) => this.#claim(one)));
      const ids = claims.filter((id) => id !== null);
      claimed.push(...ids);
      if (ids.length === 0) return claimed;
    }
  }

  async #claim({ head, seat }: Admitted): Promise<TaskId | null> {
    const task = await this.#tasks.get(head.id);
    if (task?.state !== 'queued') {
      this.#queue.drop(head.id);
      return null;
    }
    const now = this.#ports.clock.now();
    const number = (task.attempt?.number ?? 0) + 1;
    const attempt = {
      number,
      node: this.#node,
      claimedAt: now,
      process: null,
      startedAt: null,
      deadlineAt: null,
      endedAt: null,
      outcome: null,
      ...(await this.#agentFacts(task, seat)),
      ...(await placed(this.#ports, task, number)),
      ...asking(this.#settings, task),
    };
    const claimed = await this.#tasks.commit(
      task,
      [step('claim', task, { state: 'claimed', attempt }, now)],
      this.#budgets.caps(now),
    );
    return claimed === null ? null : claimed.id;
  }

  /** The agent and the session of the attempt are stored before anything of it starts. */
  async #agentFacts(task: TaskIn<'queued'>, at: LaneSeat | null): Promise<{ agent?: AgentFacts }> {
    const { work } = task.spec;
    if (work.kind !== 'agent') return {};
    const seat = at === null ? undefined : seatAt(work, at);
    const agent = this.#ports.agents.get(seat?.agent ?? work.agent);
    const own = seat !== undefined && seat !== work ? { seat: seatOf(seat) } : {};
    if (agent === null) return 'seat' in own ? { agent: { ...NO_FACTS, ...own } } : {};
    const resume = sessionToResume(task, agent.capabilities.resume, seat ?? work);
    const last = task.attempt?.agent;
    const before = last === undefined ? work.resume?.before : sessionTotals(last);
    const fresh = agent.capabilities.ownSessionId ? uuid(this.#ports.chance.bytes(16)) : null;
    // A session that goes on was told when it began.
    const shared = resume === null ? await sharedFor(this.#ports, task) : '';
    return {
      agent: {
        ...own,
        sessionId: resume ?? fresh,
        resumed: resume,
        before: resume === null ? null : (before ?? null),
        report: null,
        settledAt: null,
        ...(shared !== '' && { shared }),
      },
    };
  }
}
