import type { Limits } from '../../src/domain/admission.ts';
import type { Budget } from '../../src/domain/budget.ts';
import { childOf, MAX_DEPTH, refusalOfChildren } from '../../src/domain/family.ts';
import { drainOf, manualHold, RESUME_AT_ONCE } from '../../src/domain/holds.ts';
import { NOT_PAUSED, paused, unpaused } from '../../src/domain/pauses.ts';
import type { TaskId, TaskSpec } from '../../src/domain/task.ts';
import type { Clock } from './clock.ts';
import type { Daemon } from './daemon.ts';
import type { Model, Settings } from './model.ts';
import type { Random } from './random.ts';
import { AGENTS, anySpec, GROUPS, LABELS, OWNERS, type Scenario, specIn } from './scenario.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What is around the person. */
export interface Desk {
  random: Random;
  clock: Clock;
  model: Model;
  scenario: Scenario;
  /** The daemon that runs now; undefined = none does. */
  daemon: () => Daemon | undefined;
  /** Kills the daemon; with `machine`, everything. */
  kill: (machine: boolean) => void;
  stopped: (id: TaskId) => void;
}

export function settingsFor(random: Random, { kind, slots, labels }: Scenario): Settings {
  const calm = kind === 'steady';
  return {
    limits: calm ? { ...OPEN, slots, labels } : anyLimits(random, slots),
    pauses: NOT_PAUSED,
    budgets: calm ? [] : anyBudgets(random),
    resume: RESUME_AT_ONCE,
    diskLow: false,
    memoryLow: false,
  };
}

const OPEN: Limits = { slots: 1, agents: {}, groups: {}, labels: {}, checks: 1 };

function anyLimits(random: Random, slots: number): Limits {
  const some = (names: readonly string[]): Record<string, number> =>
    Object.fromEntries(
      names.flatMap((name) => (random.once(0.4) ? [[name, random.int(0, 2)] as const] : [])),
    );
  return {
    slots: random.once(0.8) ? slots : random.int(1, 6),
    agents: some(AGENTS),
    groups: some(GROUPS),
    labels: some(LABELS),
    checks: 1,
  };
}

const anyBudgets = (random: Random): Budget[] =>
  Array.from({ length: random.int(0, 2) }, (_, nth) => ({
    name: `budget ${nth}`,
    limitUsd: random.int(1, 12),
    window: random.pick(['day', 'ever']),
    agent: random.pick([null, null, ...AGENTS]),
    group: random.pick([null, null, ...GROUPS]),
    owner: random.pick([null, null, ...OWNERS]),
    warn: 0.8,
  }));

/** Submits, stops, changes its mind about everything, and sets the clock. */
export class Person {
  readonly #desk: Desk;
  #count = 0;
  readonly #recent: TaskId[] = [];

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Keeps so much of each kind waiting. */
  topUp(): void {
    const { scenario, model } = this.#desk;
    for (const stream of scenario.streams) {
      const spec = specIn(stream);
      const { key } = model.laneOf(spec);
      for (let known = model.lanes.get(key)?.tasks.length ?? 0; known < stream.waiting; known++)
        this.#submit(spec, null);
    }
  }

  /** One act of many. */
  act(): void {
    const { random, model, scenario } = this.#desk;
    const isFull = model.open.size >= scenario.most;
    const [act = this.#acts[0]] = random.once(isFull ? 0.2 : 0.75) ? this.#acts : [];
    if (random.once(isFull ? 0.1 : 0.75)) this.#submitSome();
    else (random.any(this.#acts) ?? act)?.();
  }

  readonly #acts: readonly (() => void)[] = [
    () => this.#stopAny(),
    () => this.#stopAny(),
    () => this.#stopAny(),
    () => this.#pause(),
    () => this.#unpause(),
    () => this.#hold(),
    () => this.#release(),
    () => this.#change(({ random, scenario }) => ({ limits: anyLimits(random, scenario.slots) })),
    () => this.#change(({ random }) => ({ budgets: anyBudgets(random) })),
    () =>
      this.#change(({ random, clock }) => ({
        resume: {
          automatic: random.once(0.8),
          quietUntil: random.once(0.4) ? clock.wall + random.int(1, 60) * MINUTE : null,
        },
      })),
    () =>
      this.#change(({ random }) => ({ diskLow: random.once(0.3), memoryLow: random.once(0.3) })),
    () => this.#change(() => ({ diskLow: false, memoryLow: false, pauses: NOT_PAUSED })),
    () => this.#setClock(),
    () => this.#desk.kill(false),
    () => this.#desk.kill(this.#desk.random.once(0.3)),
  ];

  #submitSome(): void {
    const { random, scenario, clock } = this.#desk;
    const spec = this.#asChild(anySpec(random, scenario, this.#recent));
    const runAt = random.once(0.1) ? clock.wall + random.int(-1, 5) * MINUTE : null;
    for (let left = random.once(0.2) ? 4 : 1; left > 0; left--) this.#submit(spec, runAt);
  }

  /** Some are submitted by a task that runs: then they wait for nothing, so that none waits for one that waits for it. */
  #asChild(spec: TaskSpec): TaskSpec {
    const { random, model } = this.#desk;
    const parent = random.once(0.1) ? random.any([...model.live.values()]) : undefined;
    if (parent === undefined || refusalOfChildren(parent) !== null) return spec;
    if (parent.spec.depth >= MAX_DEPTH) return spec;
    return { ...spec, after: [], ...childOf(parent) };
  }

  #submit(spec: TaskSpec, runAt: number | null): void {
    const { model, clock, daemon } = this.#desk;
    // Without a daemon nobody takes it.
    const taker = daemon();
    if (taker === undefined) return;
    const { id } = model.submit(`t-${++this.#count}`, spec, runAt, clock.wall);
    this.#recent.push(id);
    if (this.#recent.length > 12) this.#recent.shift();
    taker.wake(id);
  }

  #stopAny(): void {
    const { random, model, daemon } = this.#desk;
    const id = random.any([...model.open.keys()]);
    if (id === undefined) return;
    const grace = random.pick([0, 2 * SECOND, 20 * SECOND]);
    const taker = daemon();
    if (taker === undefined) return;
    taker.stop(id, random.pick(['user', 'parent', 'policy']), grace);
    this.#desk.stopped(id);
  }

  #change(to: (desk: Desk) => Partial<Settings>): void {
    Object.assign(this.#desk.model.settings, to(this.#desk));
    this.#desk.daemon()?.wake();
  }

  #target() {
    const { random } = this.#desk;
    const group = random.pick([null, ...GROUPS]);
    return { group, agent: random.pick([null, ...AGENTS]) };
  }

  #pause(): void {
    this.#change(({ model }) => ({ pauses: paused(model.settings.pauses, this.#target()) }));
  }

  #unpause(): void {
    this.#change(({ model }) => ({ pauses: unpaused(model.settings.pauses, this.#target()) }));
  }

  #hold(): void {
    const { random, model, clock, daemon } = this.#desk;
    const time = random.pick([null, 10 * SECOND, 10 * MINUTE]);
    const hold = manualHold(random.pick(AGENTS), time, 'laid aside', clock.wall);
    model.holds.set(hold.account, hold);
    daemon()?.wake();
  }

  #release(): void {
    const { random, model, daemon } = this.#desk;
    const agent = random.pick(AGENTS);
    const isAck = random.once(0.5);
    for (const { account, ...hold } of model.holds.values())
      if (hold.agent === agent && (account === drainOf(agent)) === isAck)
        model.holds.delete(account);
    daemon()?.wake();
  }

  #setClock(): void {
    const { random, clock, daemon } = this.#desk;
    const by = random.pick([3 * SECOND, MINUTE, 60 * MINUTE]) * random.int(1, 3);
    clock.set(random.once(0.5) ? by : -by);
    daemon()?.wake();
  }

  /** Lets everything go. */
  letGo(): void {
    const { model, daemon } = this.#desk;
    Object.assign(model.settings, {
      limits: { ...OPEN, slots: 4 },
      pauses: NOT_PAUSED,
      budgets: [],
      resume: RESUME_AT_ONCE,
      diskLow: false,
      memoryLow: false,
    });
    model.holds.clear();
    daemon()?.wake();
  }
}
