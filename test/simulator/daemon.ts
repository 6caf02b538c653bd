import { isSettled } from '../../src/domain/agent-watch.ts';
import { isTerminal, type StopReason } from '../../src/domain/lifecycle.ts';
import { releaseAt } from '../../src/domain/release.ts';
import { stopSooner } from '../../src/domain/stop.ts';
import {
  amend,
  type Step,
  step,
  type Task,
  type TaskId,
  type TaskIn,
  voidAt,
} from '../../src/domain/task.ts';
import { capacityIn, claimOf, headsIn } from './claims.ts';
import { type Ground, observe } from './evidence.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

/** The daemon was killed: what it only remembered is gone. */
export class Death extends Error {}

const PACE = 2;
const STILL_DUE = 250;
const LONGEST_REST = 60_000;
const SKEW = 2_000;
/** Of a pass: far more than there are tasks. */
const MOST_TURNS = 1_000;

/** One life of a daemon: it asks the rules, and does what they say. All that it keeps is gone with it. */
export class Daemon {
  readonly #ground: Ground;
  readonly #world: World;
  readonly #woken = new Set<TaskId>();
  readonly #asked = new Map<string, string>();
  /** When the next pass begins. */
  #next = Infinity;
  #hurried = true;
  #skew: number;
  dead = false;

  constructor(ground: Ground, world: World) {
    this.#ground = ground;
    this.#world = world;
    const { clock, model } = ground;
    this.#skew = clock.wall - clock.now;
    this.wake(...model.live.keys(), ...this.#releasable());
  }

  #releasable(): TaskId[] {
    const { open, tasks } = this.#ground.model;
    return Array.from(open.values())
      .filter(
        ({ state, spec }) =>
          state === 'awaiting_children' ||
          (state === 'waiting' &&
            spec.after.some(({ task }) => isTerminal(tasks.get(task)?.state ?? 'completed'))),
      )
      .map(({ id }) => id);
  }

  wake(...ids: TaskId[]): void {
    for (const id of ids) this.#woken.add(id);
    this.#hurried = true;
    this.#rest(PACE);
  }

  #rest(wait: number): void {
    const { clock } = this.#ground;
    const at = clock.now + wait;
    if (at >= this.#next) return;
    this.#next = at;
    clock.after(wait, () => {
      if (this.dead || this.#next !== at) return;
      this.#next = Infinity;
      this.#pass();
    });
  }

  #pass(): void {
    const { clock, model, rules } = this.#ground;
    this.#correctClocks();
    const isNow = (task: Task): boolean => (rules.dueAt(task) ?? Infinity) <= clock.wall;
    let due = Array.from(model.open.values()).filter(isNow);
    this.#hurried = true;
    for (let turn = 0; this.#hurried || due.length > 0; turn++) {
      if (turn > MOST_TURNS) throw new Violation('a pass never comes to an end');
      this.#hurried = false;
      const ids = new Set([...this.#woken, ...due.map(({ id }) => id)]);
      this.#woken.clear();
      due = [];
      for (const id of ids) this.#released(this.advance(id));
      for (const id of this.#claim()) this.#released(this.advance(id));
    }
    this.#ground.rested();
    this.#rest(Math.ceil(this.#untilDue()));
  }

  #untilDue(): number {
    const { clock, model, rules } = this.#ground;
    const { holds, settings } = model;
    let next = releaseAt([...holds.values()], settings.resume, clock.wall) ?? Infinity;
    for (const task of model.open.values()) next = Math.min(next, rules.dueAt(task) ?? Infinity);
    return Math.min(Math.max(next - clock.wall, STILL_DUE), LONGEST_REST);
  }

  /** Deadlines move by the time by which the clock on the wall was set. */
  #correctClocks(): void {
    const { clock, model } = this.#ground;
    const skew = clock.wall - clock.now - this.#skew;
    this.#skew += skew;
    if (Math.abs(skew) < SKEW) return;
    for (const task of model.live.values()) {
      if (task.state !== 'running') continue;
      const deadlineAt = task.attempt.deadlineAt + skew;
      model.amend(amend(task, { attempt: { ...task.attempt, deadlineAt, idleFrom: clock.wall } }));
    }
  }

  #released(task: Task | null): void {
    if (task === null) return;
    if (task.state === 'queued') this.#hurried = true;
    if (!isTerminal(task.state)) return;
    this.#hurried = true;
    if (task.spec.parent !== null) this.#woken.add(task.spec.parent);
    for (const id of this.#ground.model.dependents(task.id))
      if (this.#ground.model.open.get(id)?.state === 'waiting') this.#woken.add(id);
  }

  /** Takes every step of the task that the evidence allows. */
  advance(id: TaskId): Task | null {
    const { clock, model, rules } = this.#ground;
    for (;;) {
      const task = model.tasks.get(id);
      if (task === undefined) return null;
      const steps = rules.decideAll(task, observe(this.#ground, this.#world, task), clock.wall);
      if (steps.length > 0) {
        const moved = this.#commit(task, steps);
        if (moved === null || moved.state === 'stopping' || moved.state === 'finishing') continue;
        return moved;
      }
      if (!this.#act(task)) return task;
    }
  }

  #commit(task: Task | null, steps: readonly Step[]): Task | null {
    this.#ground.between(task);
    const moved = this.#ground.model.commit(steps);
    if (this.#ground.isTwice() && this.#ground.model.commit(steps) !== null)
      throw new Violation(`${steps[0]?.id}: ${steps[0]?.event} was taken twice`);
    this.#ground.between(null);
    return moved;
  }

  /** The side effect that the state calls for; true when the evidence may have changed by it. */
  #act(task: Task): boolean {
    const { clock, model } = this.#ground;
    const now = clock.wall;
    switch (task.state) {
      case 'waiting':
        if (task.runAt !== null && task.runAt <= now)
          model.amend(amend(task, { runAt: null, attempt: task.attempt }));
        return false;
      case 'claimed':
        if (task.attempt.workspace?.prepared === null) return this.#prepare(task);
        if (now >= (voidAt(task) ?? Infinity)) return this.#world.void(task);
        return this.#once(task, 'launch', () => this.#world.launch(task));
      case 'running':
        return this.#settle(task);
      case 'stopping':
        return this.#stop(task);
      case 'finishing':
        return this.#save(task);
      default:
        return false;
    }
  }

  #prepare(task: TaskIn<'claimed'>): boolean {
    const { clock, model } = this.#ground;
    this.#ground.between(null);
    const { attempt } = task;
    const made = { base: 'base', head: 'base', before: null, checkout: null, refusal: null };
    const prepared = { ...made, at: clock.wall };
    const workspace = { path: '/w', cwd: '/w', branch: null, prepared };
    return model.amend(amend(task, { attempt: { ...attempt, workspace } })) !== null;
  }

  #save(task: TaskIn<'finishing'>): boolean {
    const { model } = this.#ground;
    this.#ground.between(null);
    const product = { saved: null, unsaved: 'nothing is, in a simulation' };
    return model.amend(amend(task, { attempt: { ...task.attempt, product } })) !== null;
  }

  #settle(task: TaskIn<'running'>): boolean {
    const { clock, model } = this.#ground;
    const report = this.#world.evidence(task).agent?.report;
    const { agent } = task.attempt;
    if (agent === undefined || agent.settledAt !== null || !report || !isSettled(report))
      return false;
    const facts = { ...agent, report, settledAt: clock.wall };
    return model.amend(amend(task, { attempt: { ...task.attempt, agent: facts } })) !== null;
  }

  #stop(task: TaskIn<'stopping'>): boolean {
    const { clock, model } = this.#ground;
    if (this.#world.evidence(task).attempt.kind === 'none') return this.#world.void(task);
    const { stop, attempt } = task;
    const signal = (force: 'interrupt' | 'polite' | 'kill'): boolean =>
      this.#once(task, force, () => this.#world.signal(task, force));
    if (clock.wall >= stop.killAt) return signal('kill');
    if (stop.termAt === undefined) return signal('polite');
    if (clock.wall < stop.termAt) return signal('interrupt');
    const { termAt: _past, ...rest } = stop;
    return model.amend(amend(task, { attempt, stop: rest })) !== null;
  }

  #once({ id, attempt }: TaskIn<'claimed' | 'stopping'>, what: string, act: () => void): false {
    const key = `${id}.${attempt.number}`;
    if (this.#asked.get(key) === what) return false;
    this.#ground.between(null);
    this.#asked.set(key, what);
    act();
    this.#ground.between(null);
    return false;
  }

  #claim(): TaskId[] {
    const { clock, model, rules } = this.#ground;
    const claimed: TaskId[] = [];
    for (;;) {
      if (claimed.length > MOST_TURNS) throw new Violation('claims never come to an end');
      const admitted = rules.admit(headsIn(model), capacityIn(this.#ground), clock.wall);
      const ids = admitted.flatMap((one) => {
        const task = model.tasks.get(one.head.id);
        if (task?.state !== 'queued') return [];
        const isClaimed = this.#commit(task, [claimOf(task, one.seat, clock.wall)]) !== null;
        return isClaimed ? [task.id] : [];
      });
      claimed.push(...ids);
      if (ids.length === 0) return claimed;
    }
  }

  /** Asks for the end of the task, as a person does; true once that is durable, or it has ended. */
  stop(id: TaskId, reason: Extract<StopReason, 'user' | 'parent' | 'policy'>, grace: number): void {
    const { clock, model, rules } = this.#ground;
    for (;;) {
      const task = this.advance(id);
      // What had ended by itself is only seen now.
      if (task === null || isTerminal(task.state)) return this.wake(id);
      const now = clock.wall;
      if (task.state === 'claimed' || task.state === 'running') {
        if (this.#commit(task, [rules.requestStop(task, reason, grace, now)]) === null) continue;
        // Its own work was over a moment before; what it would wait for now, it need not.
        if (this.advance(id)?.state === 'awaiting_children') continue;
        return this.wake(id);
      }
      if (task.state === 'stopping') {
        const sooner = stopSooner(task, reason, grace, now);
        if (sooner !== null) model.amend(sooner);
        return this.wake(id);
      }
      const { attempt } = task;
      const cancel = step(
        'cancel',
        task as TaskIn<'queued'>,
        { state: 'cancelled', reason, attempt, endedAt: now },
        now,
      );
      const cancelled = this.#commit(task, [cancel]);
      if (cancelled === null) continue;
      this.#released(cancelled);
      return this.wake();
    }
  }
}
