import { decideAll } from '../domain/decide.ts';
import type { Evidence, Vitals } from '../domain/evidence.ts';
import { amend, type Step, type Task, type TaskId, type TaskIn, voidAt } from '../domain/task.ts';
import type { Force } from '../ports/supervisor.ts';
import { howOf } from './agent-launch.ts';
import type { AgentWatch } from './agent-watch.ts';
import type { Budgets } from './budgets.ts';
import type { Ports, Settings } from './context.ts';
import type { Family } from './family.ts';
import { awaitsHook } from './hook-job.ts';
import { attemptRef, observe } from './observe.ts';
import type { Tasks } from './tasks.ts';
import { awaitsPlace } from './workspace-job.ts';
import type { Works } from './works.ts';

/** Looks at one task and takes every step that the evidence allows. */
export class Pass {
  readonly #ports: Ports;
  readonly #settings: Settings;
  readonly #tasks: Tasks;
  readonly #watch: AgentWatch;
  readonly #family: Family;
  readonly #budgets: Budgets;
  readonly #works: Works;
  /** What this process has already asked of an attempt; forgotten with it, so a successor asks again. */
  readonly #asked = new Map<string, 'launch' | Force>();

  constructor(
    ports: Ports,
    settings: Settings,
    tasks: Tasks,
    watch: AgentWatch,
    family: Family,
    budgets: Budgets,
    works: Works,
  ) {
    this.#budgets = budgets;
    this.#works = works;
    this.#watch = watch;
    this.#family = family;
    this.#ports = ports;
    this.#settings = settings;
    this.#tasks = tasks;
  }

  /** Answers the task as it is afterwards; null when it is gone. */
  async advance(id: TaskId, vitals: Vitals | null = null): Promise<Task | null> {
    for (;;) {
      const task = await this.#tasks.get(id);
      if (task === null) return null;
      const evidence = await observe(
        this.#ports,
        this.#settings,
        task,
        this.#watch,
        this.#budgets,
        vitals,
      );
      const now = this.#ports.clock.now();
      const steps = decideAll(task, evidence, now);
      if (isChain(steps)) {
        const moved = await this.#commit(task, steps);
        // Stale: somebody was first. Else: a stop or a release may call for an act at once.
        if (moved === null || moved.state === 'stopping') continue;
        this.#forget(moved);
        // Its process is over, its work is not.
        if (moved.state === 'finishing') continue;
        // What an agent says first is read when it says it, not when the next pass comes by.
        if (moved.state === 'running') this.#watch.track(moved);
        return moved;
      }
      if (!(await this.#act(task, evidence, now))) return task;
    }
  }

  /** A child that was submitted since the look counts: then the look was stale. */
  #commit(task: Task, steps: [Step, ...Step[]]): Promise<Task | null> {
    if (!steps.some(endsWithChildren)) return this.#tasks.commit(task, steps);
    return this.#family.inTurn(task.id, async () => {
      const { open } = await this.#ports.store.children(task.id);
      return open > 0 ? null : this.#tasks.commit(task, steps);
    });
  }

  /** The side effect that the state calls for; true when the evidence may have changed by it. */
  async #act(task: Task, evidence: Evidence, now: number): Promise<boolean> {
    switch (task.state) {
      case 'waiting':
        if (task.runAt !== null && task.runAt <= now)
          await this.#tasks.amend(amend(task, { runAt: null, attempt: task.attempt }));
        return false;
      case 'claimed':
        if (awaitsHook(task)) {
          this.#works.ask(task);
          return false;
        }
        if (!awaitsPlace(task)) return this.#launchOrVoid(task, now);
        this.#works.prepare(task);
        return false;
      case 'running':
        this.#follow(task);
        this.#watch.track(task);
        return false;
      case 'stopping':
        if (evidence.attempt.kind === 'none') return this.#ports.supervisor.void(task);
        this.#watch.track(task);
        return this.#stop(task, now);
      case 'finishing':
        this.#works.finish(task, evidence);
        return false;
      default:
        return false;
    }
  }

  async #launchOrVoid(task: TaskIn<'claimed'>, now: number): Promise<boolean> {
    const key = keyOf(task);
    if (now >= (voidAt(task) ?? Infinity)) return this.#ports.supervisor.void(task);
    if (this.#asked.has(key)) return false;
    await this.#once(key, 'launch', () =>
      this.#ports.supervisor.launch(task, ...howOf(this.#ports, this.#settings, task)),
    );
    return false;
  }

  /** An attempt that another daemon launched tells nobody of its end: its folder is watched. */
  #follow(task: TaskIn<'running'>): void {
    const key = keyOf(task);
    if (this.#asked.has(key)) return;
    this.#asked.set(key, 'launch');
    this.#ports.supervisor.watch(attemptRef(task.id, task.attempt));
  }

  /** An agent is interrupted, then asked, then killed; anything else is asked at once. */
  async #stop(task: TaskIn<'stopping'>, now: number): Promise<boolean> {
    const { stop, attempt } = task;
    if (now >= stop.killAt) return this.#signal(task, 'kill');
    if (stop.termAt === undefined) return this.#signal(task, 'polite');
    if (now < stop.termAt) return this.#signal(task, 'interrupt');
    const { termAt: _past, ...rest } = stop;
    return (await this.#tasks.amend(amend(task, { attempt, stop: rest }))) !== null;
  }

  async #signal(task: TaskIn<'stopping'>, force: Force): Promise<boolean> {
    const key = keyOf(task);
    const asked = this.#asked.get(key);
    if (asked === undefined) this.#ports.supervisor.watch(attemptRef(task.id, task.attempt));
    if (asked === force || asked === 'kill') return false;
    if (asked === 'polite' && force === 'interrupt') return false;
    await this.#once(key, force, () => this.#ports.supervisor.signal(task, force));
    return force === 'kill';
  }

  /** Asks once; what failed, on a full disk for example, is asked again by the next pass. */
  async #once(key: string, what: 'launch' | Force, ask: () => Promise<void>): Promise<void> {
    const before = this.#asked.get(key);
    this.#asked.set(key, what);
    try {
      await ask();
    } catch (error) {
      if (before === undefined) this.#asked.delete(key);
      else this.#asked.set(key, before);
      throw error;
    }
  }

  #forget(task: Task): void {
    if (task.attempt === null || task.attempt.outcome === null) return;
    this.#works.ended(task);
    this.#asked.delete(`${task.id}.${task.attempt.number}`);
    this.#watch.forget(task.id, task.attempt.number);
  }
}

const keyOf = (task: TaskIn<'claimed' | 'running' | 'stopping'>): string =>
  `${task.id}.${task.attempt.number}`;

/** The step holds only while no child is open. */
const endsWithChildren = ({ event, next }: Step): boolean =>
  event === 'complete' ||
  event === 'awaitReview' ||
  ('reason' in next && next.reason === 'child_failed');

const isChain = (steps: Step[]): steps is [Step, ...Step[]] => steps.length > 0;
