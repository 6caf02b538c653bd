import { ERRORS, isTendError } from '../domain/errors.ts';
import { isTerminal } from '../domain/lifecycle.ts';
import {
  type Calendar,
  failed,
  fired,
  isForgettable,
  keyOf,
  left,
  meets,
  paused,
  plan,
  type Schedule,
  unpaused,
  upcoming,
} from '../domain/schedule.ts';
import type { TaskId } from '../domain/task.ts';
import type { Submitted } from '../ports/store.ts';
import type { Ports, Report, Settings } from './context.ts';
import type { SubmitRequest } from './facade.ts';
import type {
  NewSchedule,
  ScheduledRequest,
  ScheduleStatus,
  ScheduleVerbs,
} from './schedule-facade.ts';
import { findSchedule, newSchedule } from './schedule-make.ts';
import { resolved } from './submit.ts';

/** A timer stands still while the machine is suspended, and the time of day goes on (ms). */
const LONGEST_REST = 60_000;
/** A firing that could not be submitted now, but may be soon, is tried again after this long (ms). */
const AGAIN = 10_000;
/** Firings that are told ahead. */
const TOLD = 5;
/** Schedules that are done are looked through this often (ms). */
const FORGET_EVERY = 3_600_000;

/** Submits what is to be run in a stored environment. */
type Submit = (request: SubmitRequest, environment: string) => Promise<Submitted>;

type Own = Schedule<ScheduledRequest>;

/** Submits the tasks of schedules at their times; one timer, to the next of them. */
export class Schedules implements ScheduleVerbs {
  readonly #ports: Ports;
  readonly #settings: Settings;
  readonly #report: Report;
  readonly #submit: Submit;
  readonly #calendar: Calendar;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | null = null;
  #again = false;
  #closed = false;
  /** When there is something to do, epoch ms. */
  #nextAt = Infinity;
  #forgotAt = Number.NEGATIVE_INFINITY;
  /** Schedules whose firing failed for a while, and when they are tried again, epoch ms. */
  readonly #troubled = new Map<string, number>();
  /** One change of a schedule at a time: one that is removed while it fires stays removed. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ports: Ports, settings: Settings, report: Report, submit: Submit) {
    this.#ports = ports;
    this.#settings = settings;
    this.#report = report;
    this.#submit = submit;
    this.#calendar = (cron, timeZone, after) => ports.calendar.next(cron, timeZone, after);
  }

  /** Makes up for what was missed, as each schedule says, then goes on until `close`. */
  start(): void {
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await this.#turn;
  }

  /** Looks when a firing is due by the clock as it is now: it may have jumped since the timer was set. */
  tick(): void {
    if (this.#ports.clock.now() >= this.#nextAt) this.#wake();
  }

  async add(given: NewSchedule): Promise<ScheduleStatus> {
    const { environment } = given;
    const schedule = newSchedule(this.#ports, this.#calendar, given);
    // What would be refused at its first firing is refused now.
    await resolved(this.#ports, this.#settings, schedule.request.spec, environment);
    const stored = { ...schedule, environment: await this.#ports.environments.put(environment) };
    await this.#exclusively(() => this.#ports.store.putSchedule(stored));
    this.#wake();
    return this.#status(stored);
  }

  async list(): Promise<ScheduleStatus[]> {
    const schedules = (await this.#ports.store.schedules()) as Own[];
    return Promise.all(schedules.map((schedule) => this.#status(schedule)));
  }

  async find(prefix: string): Promise<ScheduleStatus> {
    return this.#status(await this.#named(prefix));
  }

  remove(prefix: string): Promise<ScheduleStatus> {
    return this.#exclusively(async () => {
      const schedule = await this.#named(prefix);
      await this.#ports.store.dropSchedule(schedule.id);
      return this.#status(schedule);
    });
  }

  pause(prefix: string): Promise<ScheduleStatus> {
    return this.#changed(prefix, paused);
  }

  unpause(prefix: string): Promise<ScheduleStatus> {
    const now = this.#ports.clock.now();
    return this.#changed(prefix, (schedule) => unpaused(schedule, now, this.#calendar));
  }

  nextFiring(): Promise<number | null> {
    return this.#ports.store.nextFiring();
  }

  async #changed(prefix: string, change: (schedule: Own) => Own): Promise<ScheduleStatus> {
    const changed = await this.#exclusively(async () => {
      const schedule = change(await this.#named(prefix));
      await this.#ports.store.putSchedule(schedule);
      return schedule;
    });
    this.#wake();
    return this.#status(changed);
  }

  async #named(prefix: string): Promise<Own> {
    return findSchedule((await this.#ports.store.schedules()) as Own[], prefix);
  }

  async #status(schedule: Own): Promise<ScheduleStatus> {
    const { lastTask } = schedule;
    const next = upcoming(schedule, TOLD, this.#calendar);
    return {
      schedule,
      next,
      last: lastTask === null ? null : await this.#ports.store.get(lastTask),
    };
  }

  #exclusively<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #wake(): void {
    this.#again = true;
    if (this.#looking !== null || this.#closed) return;
    this.#looking = this.#look()
      .catch((error: unknown) => {
        this.#report(error, 'schedules');
        return AGAIN;
      })
      .then((wait) => {
        this.#looking = null;
        this.#rest(this.#again ? 0 : wait);
      });
  }

  #rest(wait: number | null): void {
    clearTimeout(this.#timer);
    if (this.#closed || wait === null) return;
    this.#timer = setTimeout(() => this.#wake(), Math.min(wait, LONGEST_REST));
    this.#timer.unref();
  }

  /** Fires what is due; answers the ms until the next look, null = there is nothing to wait for. */
  async #look(): Promise<number | null> {
    const { store, clock } = this.#ports;
    while (this.#again && !this.#closed) {
      this.#again = false;
      const now = clock.now();
      const due = ((await store.dueSchedules(now)) as Own[]).filter(({ id }) =>
        this.#mayTry(id, now),
      );
      // Each for itself: one that fails delays no other.
      await Promise.all(due.map((one) => this.#fireAll(one, now)));
    }
    await this.#forget();
    const now = clock.now();
    this.#nextAt = await this.#nextLook(now);
    return this.#nextAt === Infinity ? null : Math.max(this.#nextAt - now, 0);
  }

  #mayTry(id: string, now: number): boolean {
    return (this.#troubled.get(id) ?? 0) <= now;
  }

  /** When something is to be done, epoch ms: the next firing, or another try. */
  async #nextLook(now: number): Promise<number> {
    const { store } = this.#ports;
    const next = (await store.nextFiring()) ?? Infinity;
    if (this.#troubled.size === 0) return next;
    // Whatever is in trouble is due: it is among these, unless it was removed or paused.
    const soon = await store.dueSchedules(now + AGAIN);
    for (const id of this.#troubled.keys())
      if (!soon.some((one) => one.id === id)) this.#troubled.delete(id);
    if (soon.length === 0) return next;
    return Math.min(
      ...soon.map(({ id, nextAt }) => Math.max(nextAt ?? Infinity, this.#troubled.get(id) ?? 0)),
    );
  }

  /** Every due firing of a schedule, the oldest first; after one that fails, the rest is tried again later. */
  async #fireAll(schedule: Own, now: number): Promise<void> {
    const { id } = schedule;
    try {
      const { fire, missed } = plan(schedule, now, this.#calendar);
      if (missed !== null)
        await this.#decide(id, missed, async (one) => left(one, missed, 'missed', this.#calendar));
      for (const at of fire) {
        if (this.#closed) return;
        await this.#decide(id, at, (one) => this.#fire(one, at));
      }
      this.#troubled.delete(id);
    } catch (error) {
      this.#report(error, `schedule ${id}`);
      this.#troubled.set(id, this.#ports.clock.now() + AGAIN);
    }
  }

  /** Stores what became of the firing, unless that is decided already. */
  #decide(id: string, at: number, decide: (schedule: Own) => Promise<Own>): Promise<void> {
    return this.#exclusively(async () => {
      const schedule = (await this.#ports.store.schedule(id)) as Own | null;
      if (schedule === null || schedule.nextAt === null || schedule.nextAt > at) return;
      await this.#ports.store.putSchedule(await decide(schedule));
    });
  }

  /**
   * The task first, then the schedule: whoever dies in between finds that task by its key. Throws for what may go away
   * by itself, such as a full disk.
   */
  async #fire(schedule: Own, at: number): Promise<Own> {
    try {
      const task = await this.#submitted(schedule, at);
      return task === null
        ? left(schedule, at, 'overlap', this.#calendar)
        : fired(schedule, at, task, this.#calendar);
    } catch (error) {
      if (!isTendError(error) || ERRORS[error.code].retryable) throw error;
      this.#report(error, `schedule ${schedule.id}`);
      return failed(schedule, at, error.message, this.#calendar);
    }
  }

  /** The task of the firing; null = the one before is in its way. */
  async #submitted(schedule: Own, at: number): Promise<TaskId | null> {
    const { store } = this.#ports;
    const key = keyOf(schedule, at);
    const known = (await store.keyed([key])).get(key);
    if (known !== undefined) return known.id;
    const { request, environment, lastTask } = schedule;
    const state = lastTask === null ? undefined : (await store.states([lastTask])).get(lastTask);
    const previous = state === undefined ? null : { isOpen: !isTerminal(state) };
    const how = meets(schedule.overlap, previous);
    if (how === 'skip') return null;
    const after =
      how === 'after' && lastTask !== null ? [{ task: lastTask, when: 'always' as const }] : [];
    const spec = { ...request.spec, key, schedule: schedule.id, after };
    const { task } = await this.#submit(
      { id: null, spec, environment: {}, runAt: null },
      environment,
    );
    return task.id;
  }

  /** Drops what has been done for long. */
  async #forget(): Promise<void> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    if (now - this.#forgotAt < FORGET_EVERY) return;
    this.#forgotAt = now;
    for (const schedule of await store.schedules())
      if (isForgettable(schedule, now)) await store.dropSchedule(schedule.id);
  }
}
