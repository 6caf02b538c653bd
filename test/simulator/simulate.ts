import type { Event } from '../../src/domain/lifecycle.ts';
import { type Task, step, type TaskIn } from '../../src/domain/task.ts';
import { Clock } from './clock.ts';
import { Daemon, Death } from './daemon.ts';
import type { Ground } from './evidence.ts';
import { Invariants } from './invariants.ts';
import { Model } from './model.ts';
import { Person, settingsFor } from './person.ts';
import { type Random, random } from './random.ts';
import { RULES, type Rules } from './rules.ts';
import { type Scenario, scenario } from './scenario.ts';
import { Violation } from './violation.ts';
import { type Weather, World } from './world.ts';

/** What a simulation came to. */
export interface Result {
  /** Steps of the lifecycle that were taken. */
  events: number;
  /** Of the whole history. */
  hash: string;
  /** Null = everything held. */
  violation: string | null;
  /** The last events before it. */
  tail: readonly string[];
}

export interface Options {
  seed: number;
  events: number;
  rules?: Rules;
  /** Only worlds of this kind. */
  kind?: Scenario['kind'];
}

/** So many steps of a world before all is let go and everything must end. */
const EPOCH = 1_500;
const TAIL = 30;

/** Worlds one after the other, each with its own weather, until so many steps were taken or one of them was wrong. */
export function simulate({ seed, events, rules = RULES, kind }: Options): Result {
  const log = new Log();
  for (let epoch = 0; log.events < events; epoch++) {
    const violation = new Simulation(random(seed * 1_000 + epoch), rules, log, kind).run(
      Math.min(EPOCH, events - log.events),
    );
    if (violation !== null) return { ...log.result, violation };
  }
  return { ...log.result, violation: null };
}

/** What happened, in short. */
class Log {
  events = 0;
  #hash = 0x811c9dc5;
  readonly #lines: (() => string)[] = [];

  add(event: Event, { id, state, version }: Task, now: number): void {
    this.events += 1;
    for (const part of [Number(id.slice(2)), version, event.length, event.charCodeAt(0), now])
      this.#hash = Math.imul(this.#hash ^ part, 0x01000193) >>> 0;
    this.say(() => `${(now / 1_000).toFixed(3)} s  ${id}  ${event} → ${state}`);
  }

  say(line: () => string): void {
    this.#lines.push(line);
    if (this.#lines.length > 10 * TAIL) this.#lines.splice(0, 9 * TAIL);
  }

  get result() {
    const tail = this.#lines.slice(-TAIL).map((line) => line());
    return { events: this.events, hash: this.#hash.toString(16), tail };
  }
}

class Simulation {
  readonly #random: Random;
  readonly #log: Log;
  readonly #scenario: Scenario;
  readonly #clock = new Clock();
  readonly #weather: Weather;
  readonly #model: Model;
  readonly #world: World;
  readonly #invariants: Invariants;
  readonly #person: Person;
  readonly #ground: Ground;
  #daemon: Daemon | undefined;

  constructor(chance: Random, rules: Rules, log: Log, kind: Options['kind']) {
    this.#random = chance;
    this.#log = log;
    this.#scenario = scenario(chance, kind);
    const fair = this.#scenario.kind === 'steady';
    const { longest } = this.#scenario;
    this.#weather = { fair, mishap: chance.pick([0.03, 0.12]), longest };
    this.#model = new Model(settingsFor(chance, this.#scenario), rules, (before, taken, after) => {
      log.add(taken.event, after, this.#clock.now);
      this.#invariants.step(before, taken, after);
    });
    this.#invariants = new Invariants(
      this.#model,
      this.#clock,
      rules,
      this.#scenario,
      (id, attempt) => this.#world.runs.get(`${id}.${attempt}`),
    );
    this.#world = new World(chance, this.#clock, this.#weather, (id) => {
      this.#daemon?.wake(id);
      return this.#daemon !== undefined;
    });
    const shared = { random: chance, clock: this.#clock, model: this.#model };
    this.#ground = {
      ...shared,
      rules,
      between: (task) => this.#between(task),
      isTwice: () => !this.#weather.fair && chance.once(0.02),
      rested: () => this.#rested(),
    };
    this.#person = new Person({
      ...shared,
      scenario: this.#scenario,
      daemon: () => this.#daemon,
      kill: (machine) => this.#kill(machine),
      stopped: (id) => this.#invariants.stopped(id),
    });
  }

  /** Null = everything held for so many steps, and everything ended. */
  run(events: number): string | null {
    const enough = this.#log.events + events;
    try {
      this.#restart();
      this.#person.topUp();
      if (this.#scenario.kind === 'wild') this.#meanwhile();
      while (this.#log.events < enough && this.#step());
      this.#close(enough + 50 * EPOCH);
      this.#invariants.finished();
      return null;
    } catch (error) {
      if (error instanceof Violation) return error.message;
      return error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
    }
  }

  #step(): boolean {
    try {
      return this.#clock.step();
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      this.#kill(false);
      return true;
    }
  }

  #meanwhile(): void {
    this.#clock.after(this.#random.int(0, this.#weather.longest / 5), () => {
      if (this.#weather.fair) return;
      this.#meanwhile();
      this.#person.act();
    });
  }

  /** All is let go, again and again: what asks for a person gets one. */
  #close(most: number): void {
    this.#weather.fair = true;
    const letGo = (): void => {
      this.#person.letGo();
      this.#clock.after(10 * 60_000, letGo);
    };
    if (this.#scenario.kind === 'wild') letGo();
    this.#closing = true;
    for (let left = 200_000; this.#model.open.size > 0 && left > 0; left--) {
      if (this.#log.events > most || !this.#step()) return;
    }
  }

  #closing = false;

  #rested(): void {
    this.#invariants.rested(!this.#closing && this.#scenario.kind === 'steady');
    if (!this.#closing) this.#person.topUp();
  }

  #restart(): void {
    this.#daemon = new Daemon(this.#ground, this.#world);
    this.#sweep(this.#daemon);
  }

  /** What no hint tells is found by looking. */
  #sweep(daemon: Daemon): void {
    this.#clock.after(Math.min(30_000, this.#weather.longest), () => {
      if (daemon.dead) return;
      if (this.#model.live.size > 0) daemon.wake(...this.#model.live.keys());
      this.#sweep(daemon);
    });
  }

  #kill(machine: boolean): void {
    if (machine) this.#world.reboot();
    if (this.#daemon === undefined) return;
    this.#log.say(() => `   the ${machine ? 'machine' : 'daemon'} dies`);
    this.#daemon.dead = true;
    this.#daemon = undefined;
    this.#world.unwatch();
    this.#clock.after(this.#random.int(1, 60_000), () => this.#restart());
  }

  #between(task: Task | null): void {
    if (this.#weather.fair) return;
    if (this.#random.once(0.001)) throw new Death();
    if (task?.state === 'queued' && this.#random.once(0.01)) this.#meddle(task);
  }

  /** Another door was faster: what was decided about the task is stale. */
  #meddle(task: TaskIn<'queued'>): void {
    const now = this.#clock.wall;
    const next = {
      state: 'cancelled',
      reason: 'user',
      attempt: task.attempt,
      endedAt: now,
    } as const;
    this.#model.commit([step('cancel', task, next, now)]);
    this.#daemon?.wake(task.id);
  }
}
