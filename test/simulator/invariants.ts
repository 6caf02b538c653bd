import type { Block, Capacity } from '../../src/domain/admission.ts';
import { PATIENCE } from '../../src/domain/kept.ts';
import { laneKey } from '../../src/domain/lane.ts';
import {
  type Event,
  isTerminal,
  LIFECYCLE,
  type QueueReason,
  type State,
} from '../../src/domain/lifecycle.ts';
import type { Step, Task, TaskId } from '../../src/domain/task.ts';
import { capacityIn } from './claims.ts';
import type { Clock } from './clock.ts';
import type { Model } from './model.ts';
import {
  against,
  couldStart,
  dependenciesOf,
  isOn,
  keptAs,
  type Other,
  others,
  refusals,
} from './oracle.ts';
import type { Rules } from './rules.ts';
import type { Scenario } from './scenario.ts';
import { Violation } from './violation.ts';
import type { Run } from './world.ts';
import { AGING } from '../../src/domain/turns.ts';

/** What must hold whatever happens. Throws Violation. */
export class Invariants {
  readonly #model: Model;
  readonly #clock: Clock;
  readonly #rules: Rules;
  readonly #scenario: Scenario;
  readonly #runOf: (id: TaskId, attempt: number) => Run | undefined;
  /** When each of them was stopped: time passed. */
  readonly #stopped = new Map<TaskId, number>();

  /** When the end of a process was asked for last, for whatever reason. */
  readonly #asked = new Map<TaskId, number>();

  constructor(
    model: Model,
    clock: Clock,
    rules: Rules,
    scenario: Scenario,
    runOf: (id: TaskId, attempt: number) => Run | undefined,
  ) {
    this.#runOf = runOf;
    this.#model = model;
    this.#clock = clock;
    this.#rules = rules;
    this.#scenario = scenario;
  }

  /** A stop was asked for and answered: from now on nothing of the task may start. */
  stopped(id: TaskId): void {
    if (this.#model.open.has(id) && !this.#stopped.has(id)) this.#stopped.set(id, this.#clock.now);
  }

  step(before: Task | null, { event, at }: Pick<Step, 'event' | 'at'>, after: Task): void {
    const { id } = after;
    const { from, to } = LIFECYCLE[event] as { from: readonly State[]; to: readonly State[] };
    if (before !== null && !from.includes(before.state))
      throw new Violation(`${id}: ${event} in ${before.state}`);
    if (!to.includes(after.state)) throw new Violation(`${id}: ${event} leads to ${after.state}`);
    if (before !== null && after.version !== before.version + 1)
      throw new Violation(`${id}: version ${after.version} after ${before.version}`);
    if (this.#stopped.has(id) && ['claim', 'release', 'requeue'].includes(event))
      throw new Violation(`${id}: ${event} after it was stopped`);
    if (event === 'requestStop') this.#asked.set(id, this.#clock.now);
    if (isTerminal(after.state)) this.#ended(after, this.#stopped.get(id) ?? Infinity);
    if (event === 'claim' && before?.state === 'queued') this.#claim(before, after, at);
    if (event === 'exit') this.#refused(after, at);
    if (before?.state === 'finishing') saved(before);
    if (event === 'release' || event === 'submit') this.#released(before, event, after);
  }

  #released(before: Task | null, event: Event, { id, attempt, spec }: Task): void {
    if (attempt !== null) return;
    const found = dependenciesOf(this.#model, spec.after);
    if (found !== 'met')
      throw new Violation(
        `${id}: ${event} from ${before?.state} while its dependencies are ${found}`,
      );
  }

  #claim({ queuedAt }: Extract<Task, { state: 'queued' }>, after: Task, at: number): void {
    const { id, spec, attempt } = after;
    const { lane, key } = this.#model.laneOf(spec);
    const seat = spec.work.kind === 'agent' ? (attempt?.agent?.seat ?? spec.work) : null;
    const on = lane.seats.find(
      ({ agent, account, costUsd }) =>
        agent === seat?.agent && account === seat.account && costUsd === seat.envelope.costUsd,
    );
    if (seat !== null && on === undefined)
      throw new Violation(`${id}: claimed for ${seat.account}, which it may not use`);
    const found = against(this.#model, lane, on ?? null, others(this.#model, id), at);
    for (const [reason, what] of found)
      throw new Violation(`${id}: claimed in spite of ${reason} ${what ?? ''}`);
    for (const other of this.#model.live.values())
      if (other.id !== id && isSamePlace(other.spec, spec))
        throw new Violation(`${id}: claimed while ${other.id} works in the same files`);
    const older = this.#model.lanes.get(key)?.tasks[0];
    if (older !== undefined && older.queuedAt < queuedAt)
      throw new Violation(`${id}: claimed before ${older.id}, which is older and no different`);
  }

  #refused({ id, spec, attempt }: Task, at: number): void {
    if (spec.work.kind !== 'agent' || attempt === null || attempt.outcome === null) return;
    if (!('limit' in attempt.outcome)) return;
    const { account } = attempt.agent?.seat ?? spec.work;
    const hold = this.#model.holds.get(account);
    if (hold === undefined || !isOn(hold, at))
      throw new Violation(`${id}: ${account} was refused, but is not held`);
  }

  /** Nothing is left to do for now: what waits, waits for a reason that is true. `isEndless`: work keeps coming. */
  rested(isEndless: boolean): void {
    const now = this.#clock.wall;
    const capacity = capacityIn({ model: this.#model, rules: this.#rules, clock: this.#clock });
    const running = others(this.#model, null);
    const kept = this.#kept(capacity, now);
    for (const { lane, tasks } of this.#model.lanes.values()) {
      const [id] = tasks.map((task) => task.id);
      const beside = kept === null || kept.lane === lane ? running : [...running, kept];
      const place = this.#rules.placeFor(lane, capacity, now);
      if (!('reason' in place)) throw new Violation(`${id} could start, and was left out`);
      const found = refusals(this.#model, lane, beside, now);
      if (couldStart(lane, found))
        throw new Violation(
          `${id} could start, but is told to wait: ${place.reason} ${place.what}`,
        );
      if (!found.some((reasons) => isTrue(place, reasons)))
        throw new Violation(`${id} waits for no true reason: ${place.reason} ${place.what}`);
    }
    this.#waiting(now);
    if (isEndless) this.#steady(now);
  }

  /** Only who needs several limits and has waited for long keeps the others from anything. */
  #kept({ kept }: Capacity, now: number): Other | null {
    if (!kept) return null;
    const [task] = this.#model.lanes.get(laneKey(kept.lane))?.tasks ?? [];
    if (task === undefined || now - task.queuedAt < PATIENCE)
      throw new Violation(`limits are kept for ${task?.id}, which has not waited for long`);
    return keptAs(kept.lane, task);
  }

  #waiting(now: number): void {
    for (const task of this.#model.open.values()) {
      if (task.state === 'awaiting_children' && this.#model.children(task.id).open === 0)
        throw new Violation(`${task.id} has no children to wait for, and has not ended`);
      if (task.state !== 'waiting') continue;
      const { id, spec, attempt, runAt } = task;
      const found = attempt === null ? dependenciesOf(this.#model, spec.after) : 'met';
      if (found === 'never') throw new Violation(`${id} can never start, and was not skipped`);
      if (found === 'met' && (runAt === null || runAt <= now))
        throw new Violation(`${id} has nothing to wait for, and was not released`);
    }
  }

  /** Where the same work keeps coming, whoever has some gets the same share of the slots, and nobody waits for ever. */
  #steady(now: number): void {
    const { slots, streams, labels } = this.#scenario;
    const isCrowded = Object.keys(labels).length > 0;
    const most = streams.reduce((sum, { waiting }) => sum + waiting, 0);
    const top = Math.max(...streams.map(({ priority }) => priority));
    for (const { lane, tasks } of this.#model.lanes.values())
      for (const { id, queuedAt } of tasks)
        if (now - queuedAt > longestWait(top - lane.priority, most, isCrowded))
          throw new Violation(`${id} has waited for ${(now - queuedAt) / 60_000} min`);
    if (
      isCrowded ||
      streams.some(({ priority }) => priority !== 0) ||
      this.#model.live.size < slots
    )
      return;
    this.#equal(
      'owner',
      streams.map(({ owner }) => owner),
    );
    if (new Set(streams.map(({ owner }) => owner)).size === 1)
      this.#equal(
        'group',
        streams.map(({ group }) => group),
      );
  }

  #equal(by: 'owner' | 'group', names: readonly (string | null)[]): void {
    const shares = new Map(names.map((name) => [name, 0]));
    for (const { spec } of this.#model.live.values())
      shares.set(spec[by], (shares.get(spec[by]) ?? 0) + 1);
    const counts = [...shares.values()];
    if (Math.max(...counts) - Math.min(...counts) > 1)
      throw new Violation(`unequal shares by ${by}: ${JSON.stringify([...shares])}`);
  }

  /** What was stopped is cancelled, or came to what it had come to before. */
  #ended({ id, state, attempt }: Task, at: number): void {
    if (at === Infinity || (state !== 'completed' && state !== 'failed')) return;
    const run = this.#runOf(id, attempt?.number ?? 0);
    const endedBefore = run !== undefined && run.endedAfter <= at + FILE_TIME_LAG;
    const isDone = run?.report?.final?.ok === true;
    // Where the clock on the wall was set since, nobody can tell what came first.
    const wasSet = this.#clock.setAfter >= (this.#asked.get(id) ?? at);
    if (!endedBefore && !isDone && !wasSet)
      throw new Violation(`${id} was stopped, and is ${state}`);
  }

  finished(): void {
    for (const { id, state } of this.#model.tasks.values())
      if (!isTerminal(state)) throw new Violation(`${id} never ended: it is ${state}`);
  }
}

/** Nothing becomes of an attempt before its work is saved. */
function saved({ id, attempt }: Extract<Task, { state: 'finishing' }>): void {
  if (attempt.workspace && attempt.workspace.prepared !== null && attempt.product === undefined)
    throw new Violation(`${id}: its work was not saved`);
}

/** In the same checkout of a person, or on the same branch of a repository. */
function isSamePlace({ workspace: a }: Task['spec'], { workspace: b }: Task['spec']): boolean {
  if (!a || !b || a.kind !== b.kind) return false;
  if (a.kind === 'in_place') return a.checkout === b.checkout;
  return a.branch !== null && a.branch === b.branch && a.repository === b.repository;
}

/** The reason holds, and of what it names. */
const isTrue = (
  { reason, what }: Block,
  reasons: ReadonlyMap<QueueReason, string | null>,
): boolean =>
  reasons.has(reason) &&
  (!['agent_limit', 'group_limit', 'exclusive', 'workspace_busy'].includes(reason) ||
    reasons.get(reason) === what);

/** Times of files come from a slower clock (ms). */
const FILE_TIME_LAG = 10;

/** Longest run of a process in a steady world, with its launch (ms). */
const LONGEST_RUN = 61_000;

/**
 * How long a task may wait at most where the others are endless, `most` wait at any time and nothing runs for longer
 * than R. After the time that raises it to the highest priority it is behind tasks of owners (and groups) that have less
 * running than its own; within R its own have ended, and then only those go first that are older: less than `most`,
 * each of which keeps a slot for at most R, before which its owner's others take at most R to end. Where it needs several
 * limits at once, that begins when they are kept for it.
 */
const longestWait = (points: number, most: number, isCrowded: boolean): number =>
  (isCrowded ? PATIENCE : 0) + points * AGING + (most + 1) * 2 * LONGEST_RUN;
