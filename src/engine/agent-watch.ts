import { beyond, isSettled } from '../domain/agent-watch.ts';
import { type AgentReport, answerOf } from '../domain/agent-report.ts';
import { type AgentWork, seated } from '../domain/agent-work.ts';
import { PREVIEW_BYTES } from '../domain/attempt.ts';
import type { AgentEvidence, AttemptEvidence, Vitals } from '../domain/evidence.ts';
import type { Live } from '../domain/lifecycle.ts';
import { amend, type Task, type TaskIn } from '../domain/task.ts';
import { AgentSource, NO_FACTS } from './agent-source.ts';
import type { Ports, Report } from './context.ts';
import type { Loop } from './loop.ts';
import type { Tasks } from './tasks.ts';

/** Between two looks while the agent writes (ms): a chatty one costs no more than a quiet one. */
const PACE = 250;
/** Between two notes of a growing bill (ms). */
const NOTE = 2_000;

interface Watched {
  source: AgentSource;
  /** Set once everything was read and decided, and while that is under way. */
  ended: AgentEvidence | null;
  ending: Promise<AgentEvidence> | null;
  /** Asked for to notice growth; undone by a call. */
  unwatch: (() => void) | null;
  timer: ReturnType<typeof setTimeout> | undefined;
  taking: Promise<boolean> | null;
  notedAt: number;
  /** Something was read of which no note was made yet. */
  unnoted: boolean;
}

/** Understands what running agents write, while they write it, and at their end. */
export class AgentWatch {
  readonly #ports: Ports;
  readonly #tasks: Tasks;
  readonly #wake: Loop['wake'];
  readonly #report: Report;
  readonly #watched = new Map<string, Promise<Watched | null>>();
  readonly #open = new Map<string, Watched>();
  #closed = false;

  constructor(ports: Ports, tasks: Tasks, wake: Loop['wake'], report: Report) {
    this.#ports = ports;
    this.#tasks = tasks;
    this.#wake = wake;
    this.#report = report;
  }

  /** Begins to read along. */
  track(task: TaskIn<'running' | 'stopping'>): void {
    if (task.spec.work.kind !== 'agent' || this.#watched.has(keyOf(task))) return;
    this.#of(task).then(
      (watched) => {
        if (watched !== null) this.#look(watched, task.id);
      },
      (error: unknown) => this.#report(error, `agent of ${task.id}`),
    );
  }

  /** What has been read so far; null = nothing. */
  seen(task: TaskIn<Live>): AgentEvidence | null {
    const watched = this.#open.get(keyOf(task));
    if (watched === undefined) return null;
    return watched.ended ?? { report: { ...watched.source.reading.report }, outcome: null };
  }

  /** The end of what the agent has said last. */
  said({ id, attempt }: Task): string {
    const report = this.#open.get(`${id}.${attempt?.number}`)?.source.reading.report;
    return report === undefined ? '' : answerOf(report).slice(-PREVIEW_BYTES);
  }

  /** Everything that the ended attempt left, and what it came to; null = it is no agent's. */
  async ended(task: TaskIn<Live>, end: AttemptEvidence): Promise<AgentEvidence | null> {
    if (task.spec.work.kind !== 'agent') return null;
    const watched = await this.#of(task);
    if (watched === null) return null;
    watched.ending ??= this.#end(watched, end).catch((error: unknown) => {
      // The disk may answer the next time.
      watched.ending = null;
      throw error;
    });
    return watched.ending;
  }

  async #end(watched: Watched, end: AttemptEvidence): Promise<AgentEvidence> {
    this.#rest(watched);
    // One reader at a time: two that begin at the same byte would take it in twice.
    await watched.taking;
    watched.ended = await watched.source.end(end);
    return watched.ended;
  }

  /** The attempt is recorded: its reading is not needed any more. */
  forget(taskId: string, number: number): void {
    const key = `${taskId}.${number}`;
    const watched = this.#open.get(key);
    if (watched !== undefined) this.#rest(watched);
    this.#open.delete(key);
    this.#watched.delete(key);
  }

  /**
   * The signs of life of a running agent, its own log among them. Looks at what nobody told of: a notification may be
   * lost, and of the log there is none.
   */
  async vitals(task: TaskIn<'running'>, vitals: Vitals): Promise<Vitals> {
    const watched = this.#open.get(keyOf(task));
    if (watched === undefined) return vitals;
    const { source } = watched;
    const { taken } = source.reading;
    const grew = watched.taking === null && (await source.logGrew());
    if (grew) source.logAt = this.#ports.clock.now();
    const isBehind = grew || vitals.bytes > taken.stdout + taken.stderr;
    if (isBehind && watched.timer === undefined) this.#look(watched, task.id);
    return { ...vitals, lastActivityAt: Math.max(vitals.lastActivityAt, source.logAt) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#open.values()];
    for (const watched of all) this.#rest(watched);
    await Promise.all(all.map(async ({ taking }) => taking));
    this.#open.clear();
  }

  #of(task: TaskIn<Live>): Promise<Watched | null> {
    const key = keyOf(task);
    const known = this.#watched.get(key);
    if (known !== undefined) return known;
    const opened = this.#begin(task, key).catch((error: unknown) => {
      this.#watched.delete(key);
      throw error;
    });
    this.#watched.set(key, opened);
    return opened;
  }

  async #begin(task: TaskIn<Live>, key: string): Promise<Watched | null> {
    const source = await AgentSource.open(this.#ports, task);
    if (source === null) return null;
    const watched: Watched = {
      source,
      ended: null,
      ending: null,
      unwatch: null,
      timer: undefined,
      taking: null,
      notedAt: Number.NEGATIVE_INFINITY,
      unnoted: false,
    };
    if (!this.#closed) this.#open.set(key, watched);
    return watched;
  }

  #rest(watched: Watched): void {
    clearTimeout(watched.timer);
    watched.timer = undefined;
    watched.unwatch?.();
    watched.unwatch = null;
  }

  /** Reads what is there; while there was something, looks again after a pace, else when something is written. */
  #look(watched: Watched, taskId: string): void {
    if (this.#closed || watched.ending !== null || watched.taking !== null) return;
    this.#rest(watched);
    watched.taking = this.#take(watched, taskId)
      .catch((error: unknown) => {
        this.#report(error, `agent of ${taskId}`);
        return true;
      })
      .then((grew) => {
        watched.taking = null;
        const { ref, reading } = watched.source;
        const isOver = watched.ending !== null || !this.#open.has(`${ref.taskId}.${ref.number}`);
        if (this.#closed || isOver) return grew;
        const again = (): void => this.#look(watched, taskId);
        if (grew) watched.timer = setTimeout(again, PACE).unref();
        else watched.unwatch = this.#ports.output.onGrowth(ref, reading.taken, again);
        return grew;
      });
  }

  /** False = there was nothing new. What could not be noted is noted the next time, whether or not there is more. */
  async #take(watched: Watched, taskId: string): Promise<boolean> {
    const grew = await watched.source.take();
    watched.unnoted ||= grew;
    if (watched.unnoted) watched.unnoted = !(await this.#note(watched, taskId));
    return grew || watched.unnoted;
  }

  /**
   * Makes durable what must not be lost with this process, and hurries a pass where a decision may be due; false =
   * something else changed the task at the same time, or the bill grew a moment after the last note.
   */
  async #note(watched: Watched, taskId: string): Promise<boolean> {
    const { ref, reading } = watched.source;
    const task = this.#tasks.live.get(taskId);
    if (task?.state !== 'running' || task.attempt.number !== ref.number) return true;
    const now = this.#ports.clock.now();
    const { report } = reading;
    const known = task.attempt.agent ?? NO_FACTS;
    const settledAt = isSettled(report) ? (known.settledAt ?? now) : null;
    const sessionId = report.sessionId ?? known.sessionId;
    const urgent = sessionId !== known.sessionId || settledAt !== known.settledAt;
    const grew = billOf(report) !== billOf(known.report);
    const isDue = urgent || (grew && now - watched.notedAt >= NOTE);
    if (isDue) {
      // What the model said so far stands in its output: written here it would be written again and again.
      const agent = {
        ...known,
        sessionId,
        settledAt,
        report: { ...report, text: '', said: '', changed: [] },
      };
      if ((await this.#tasks.amend(amend(task, { attempt: { ...task.attempt, agent } }))) === null)
        return false;
      watched.notedAt = now;
    }
    if (urgent || beyond(seated(task.spec.work as AgentWork, task.attempt.agent), report) !== null)
      this.#wake(taskId);
    return isDue || !grew;
  }
}

const billOf = (report: AgentReport | null): string =>
  report === null ? '' : JSON.stringify([report.turns, report.usage, report.model]);

const keyOf = (task: TaskIn<Live>): string => `${task.id}.${task.attempt.number}`;
