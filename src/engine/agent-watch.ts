import { beyond, isSettled } from '../domain/agent-watch.ts';
import type { AgentFacts, AgentWork } from '../domain/agent-work.ts';
import { type AgentReport, answerOf } from '../domain/agent-report.ts';
import { PREVIEW_BYTES } from '../domain/attempt.ts';
import type { AgentEvidence, AttemptEvidence } from '../domain/evidence.ts';
import type { Live } from '../domain/lifecycle.ts';
import { amend, type Task, type TaskIn } from '../domain/task.ts';
import type { Agent, ReadingPlace } from '../ports/agent.ts';
import type { AttemptRef } from '../ports/supervisor.ts';
import { AgentReading } from './agent-reading.ts';
import type { Ports, Report } from './context.ts';
import type { Loop } from './loop.ts';
import { attemptRef } from './observe.ts';
import { STDERR_TAIL } from './replay.ts';
import type { Tasks } from './tasks.ts';

/** Read at a time, bytes. */
const PORTION = 256 * 1024;
/** Between two looks while the agent writes (ms): a chatty one costs no more than a quiet one. */
const PACE = 250;
/** Between two notes of a growing bill (ms). */
const NOTE = 2_000;
/** Bytes of a trace that an outcome is decided from. */
const TRACE_TAIL = 256 * 1024;

interface Watched {
  ref: AttemptRef;
  agent: Agent;
  facts: AgentFacts;
  reading: AgentReading;
  environment: Readonly<Record<string, string>>;
  folder: string;
  logPath: string | null;
  /** Set once everything was read and decided, and while that is under way. */
  ended: AgentEvidence | null;
  ending: Promise<AgentEvidence> | null;
  /** Asked for to notice growth; undone by a call. */
  unwatch: (() => void) | null;
  timer: ReturnType<typeof setTimeout> | undefined;
  taking: Promise<boolean> | null;
  notedAt: number;
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
    void this.#of(task).then((watched) => {
      if (watched !== null) this.#look(watched, task.id);
    });
  }

  /** What has been read so far; null = nothing. */
  seen(task: TaskIn<Live>): AgentEvidence | null {
    const watched = this.#open.get(keyOf(task));
    return watched === undefined
      ? null
      : (watched.ended ?? { report: { ...watched.reading.report }, outcome: null });
  }

  /** The end of what the agent has said last. */
  said({ id, attempt }: Task): string {
    const report = this.#open.get(`${id}.${attempt?.number}`)?.reading.report;
    return report === undefined ? '' : answerOf(report).slice(-PREVIEW_BYTES);
  }

  /** Everything that the ended attempt left, and what it came to. */
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
    while (await this.#take(watched));
    const [stderr, traces] = await Promise.all([this.#tail(watched), this.#traces(watched)]);
    const place = this.#place(watched, 'at' in end ? end.at : this.#ports.clock.now());
    watched.reading.end(place);
    const { report } = watched.reading;
    const outcome =
      end.kind === 'exited' || (end.kind === 'gone' && report.final !== null)
        ? watched.agent.outcome(report, {
            exit: end.kind === 'exited' ? end.exit : { signal: 'SIGKILL' },
            stderr,
            resumed: watched.facts.resumed,
            traces,
            place,
          })
        : null;
    watched.ended = { report: { ...report }, outcome };
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

  /** Looks at what nobody told of: a notification may be lost. */
  look(task: TaskIn<'running'>): void {
    const watched = this.#open.get(keyOf(task));
    if (watched !== undefined && watched.timer === undefined) this.#look(watched, task.id);
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
    const opened = this.#begin(task, key);
    this.#watched.set(key, opened);
    return opened;
  }

  async #begin(task: TaskIn<Live>, key: string): Promise<Watched | null> {
    const work = task.spec.work as AgentWork;
    const agent = this.#ports.agents.get(work.agent);
    if (agent === null) return null;
    const { environment: name } = task.spec;
    const stored = name === null ? null : await this.#ports.environments.get(name);
    const facts: AgentFacts = task.attempt.agent ?? NO_FACTS;
    const ref = attemptRef(task.id, task.attempt);
    const watched: Watched = {
      ref,
      agent,
      facts,
      reading: new AgentReading(agent, facts.before),
      environment: { ...stored, ...this.#ports.agents.override(work.agent).env },
      folder: this.#ports.output.agentFolder(ref),
      logPath: null,
      ended: null,
      ending: null,
      unwatch: null,
      timer: undefined,
      taking: null,
      notedAt: Number.NEGATIVE_INFINITY,
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
    watched.taking = this.#take(watched)
      .then(async (grew) => {
        if (grew) await this.#note(watched, taskId);
        return grew;
      })
      .catch((error: unknown) => {
        this.#report(error, `agent of ${taskId}`);
        return true;
      })
      .then((grew) => {
        watched.taking = null;
        if (this.#closed || watched.ending !== null || !this.#open.has(nameOf(watched.ref)))
          return grew;
        if (grew) watched.timer = setTimeout(() => this.#look(watched, taskId), PACE).unref();
        else this.#wait(watched, taskId);
        return grew;
      });
  }

  #wait(watched: Watched, taskId: string): void {
    watched.unwatch = this.#ports.output.onGrowth(watched.ref, watched.reading.taken, () =>
      this.#look(watched, taskId),
    );
  }

  /** Takes in the next portion of every stream; false = there was nothing new. */
  async #take(watched: Watched): Promise<boolean> {
    const { reading, ref } = watched;
    const place = this.#place(watched, this.#ports.clock.now());
    let grew = false;
    for (const stream of ['stdout', 'stderr'] as const) {
      const { data } = await this.#ports.output.read(ref, stream, reading.taken[stream], PORTION);
      if (data.byteLength === 0) continue;
      reading.push(stream, data, place);
      grew = true;
    }
    if (grew) await this.#ports.output.mark(ref, place.now, reading.taken);
    return (await this.#takeLog(watched, place)) || grew;
  }

  async #takeLog(watched: Watched, place: ReadingPlace): Promise<boolean> {
    const { agent, environment, folder, reading, facts } = watched;
    const sessionId = reading.report.sessionId ?? facts.sessionId;
    const { log } = agent.traces({ environment, folder, sessionId });
    if (log === undefined) return false;
    const { agents } = this.#ports;
    watched.logPath ??= await agents.locate(log);
    if (watched.logPath === null) return false;
    const data = await agents.read(watched.logPath, reading.taken.log, PORTION);
    if (data.byteLength > 0) reading.push('log', data, place);
    return data.byteLength > 0;
  }

  async #traces(watched: Watched): Promise<Record<string, string>> {
    const { agent, environment, folder, reading, facts } = watched;
    const sessionId = reading.report.sessionId ?? facts.sessionId;
    const found: Record<string, string> = {};
    for (const [name, trace] of Object.entries(agent.traces({ environment, folder, sessionId }))) {
      const path = await this.#ports.agents.locate(trace);
      if (path === null) continue;
      const data = await this.#ports.agents.read(path, 0, TRACE_TAIL);
      found[name] = new TextDecoder().decode(data);
    }
    return found;
  }

  async #tail({ ref }: Watched): Promise<string> {
    const { data } = await this.#ports.output.tail(ref, 'stderr', STDERR_TAIL);
    return new TextDecoder().decode(data);
  }

  #place({ environment }: Watched, now: number): ReadingPlace {
    return { now, timeZone: environment['TZ'] || this.#ports.agents.timeZone };
  }

  /** Makes durable what must not be lost with this process, and hurries a pass where a decision may be due. */
  async #note(watched: Watched, taskId: string): Promise<void> {
    const task = this.#tasks.live.get(taskId);
    if (task?.state !== 'running' || task.attempt.number !== watched.ref.number) return;
    const now = this.#ports.clock.now();
    const { report } = watched.reading;
    const known = task.attempt.agent ?? NO_FACTS;
    const settledAt = isSettled(report) ? (known.settledAt ?? now) : null;
    const sessionId = report.sessionId ?? known.sessionId;
    const urgent = sessionId !== known.sessionId || settledAt !== known.settledAt;
    const isLate = now - watched.notedAt >= NOTE && billOf(report) !== billOf(known.report);
    if (urgent || isLate) {
      watched.notedAt = now;
      // What the model said so far stands in its output: written here it would be written again and again.
      const agent = { ...known, sessionId, settledAt, report: { ...report, text: '' } };
      await this.#tasks.amend(amend(task, { attempt: { ...task.attempt, agent } }));
    }
    if (urgent || beyond(task.spec.work as AgentWork, report) !== null) this.#wake(taskId);
  }
}

const NO_FACTS: AgentFacts = {
  sessionId: null,
  resumed: null,
  before: null,
  report: null,
  settledAt: null,
};

const billOf = (report: AgentReport | null): string =>
  report === null ? '' : JSON.stringify([report.turns, report.usage, report.model]);

const keyOf = (task: TaskIn<Live>): string => `${task.id}.${task.attempt.number}`;
const nameOf = ({ taskId, number }: AttemptRef): string => `${taskId}.${number}`;
