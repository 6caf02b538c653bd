import { type AgentFacts, seated } from '../domain/agent-work.ts';
import type { AgentEvidence, AttemptEvidence } from '../domain/evidence.ts';
import type { Live } from '../domain/lifecycle.ts';
import type { TaskIn, TaskSpec } from '../domain/task.ts';
import type { Agent, ReadingPlace, Trace } from '../ports/agent.ts';
import type { Mark } from '../ports/output.ts';
import type { AttemptRef } from '../ports/supervisor.ts';
import { AgentReading } from './agent-reading.ts';
import { timed } from './agent-times.ts';
import type { Ports } from './context.ts';
import { attemptRef } from './observe.ts';
import { STDERR_TAIL } from './replay.ts';

/** Read at a time, bytes. */
const PORTION = 256 * 1024;
/** Bytes of a trace that an outcome is decided from. */
const TRACE_TAIL = 256 * 1024;

export const NO_FACTS: AgentFacts = {
  sessionId: null,
  resumed: null,
  before: null,
  report: null,
  settledAt: null,
};

/** One attempt's output and traces, read from their first byte on. One reader at a time. */
export class AgentSource {
  readonly ref: AttemptRef;
  readonly reading: AgentReading;
  /** When its own log was last seen to have grown, epoch ms. */
  logAt = 0;
  readonly #ports: Ports;
  readonly #agent: Agent;
  readonly #facts: AgentFacts;
  readonly #environment: Readonly<Record<string, string>>;
  #logPath: string | null = null;
  #markedAt = 0;
  #marks: readonly Mark[] | null = null;

  private constructor(
    ports: Ports,
    agent: Agent,
    task: TaskIn<Live>,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#ports = ports;
    this.#agent = agent;
    this.#environment = environment;
    this.#facts = task.attempt.agent ?? NO_FACTS;
    this.ref = attemptRef(task.id, task.attempt);
    this.reading = new AgentReading(agent, this.#facts.before);
  }

  /** Null when the task is no agent's, or there is no such agent any more. */
  static async open(ports: Ports, task: TaskIn<Live>): Promise<AgentSource | null> {
    const { work } = task.spec;
    if (work.kind !== 'agent') return null;
    const agent = ports.agents.get(seated(work, task.attempt.agent).agent);
    if (agent === null) return null;
    return new AgentSource(ports, agent, task, await environmentOf(ports, agent, task.spec));
  }

  /** Takes in the next portion of every stream; false = there was nothing new. `now` = it was there by then. */
  async take(now = this.#ports.clock.now()): Promise<boolean> {
    const { output } = this.#ports;
    // An earlier daemon saw some of it when it was written: words such as "until 3 pm" mean that day.
    this.#marks ??= await output.marks(this.ref);
    let grew = false;
    for (const stream of ['stdout', 'stderr'] as const) {
      const offset = this.reading.taken[stream];
      const { data } = await output.read(this.ref, stream, offset, PORTION);
      for (const piece of timed(this.#marks, stream, offset, data, now))
        this.reading.push(stream, piece.data, this.#place(piece.at));
      grew ||= data.byteLength > 0;
    }
    const { taken } = this.reading;
    // An attempt of hours has tens of thousands, which tell nothing of what is still to come.
    if (this.#marks.every((mark) => mark.stdout <= taken.stdout && mark.stderr <= taken.stderr))
      this.#marks = [];
    // The time of the exit record may lie a moment before the last look.
    this.#markedAt = Math.max(this.#markedAt, now);
    if (grew) await output.mark(this.ref, this.#markedAt, taken);
    return (await this.#takeLog(this.#place(now))) || grew;
  }

  async #takeLog(place: ReadingPlace): Promise<boolean> {
    const { log } = this.#traces();
    if (log === undefined) return false;
    const { agents } = this.#ports;
    this.#logPath ??= await agents.locate(log);
    if (this.#logPath === null) return false;
    const data = await agents.read(this.#logPath, this.reading.taken.log, PORTION);
    if (data.byteLength === 0) return false;
    this.logAt = place.now;
    this.reading.push('log', data, place);
    return true;
  }

  /** Whether there is more in its own log than was read. */
  async logGrew(): Promise<boolean> {
    if (this.#logPath === null) return false;
    const { agents } = this.#ports;
    return (await agents.read(this.#logPath, this.reading.taken.log, 1)).byteLength > 0;
  }

  /** Everything that is left of the ended attempt, and what it came to. */
  async end(end: AttemptEvidence): Promise<AgentEvidence> {
    const at = 'at' in end ? end.at : this.#ports.clock.now();
    while (await this.take(at));
    const [stderr, traces] = await Promise.all([this.#tail(), this.#contents()]);
    const place = this.#place(at);
    this.reading.end(place);
    const { report } = this.reading;
    const hasSaid = report.final !== null || report.limit !== null;
    const isKnown = end.kind === 'exited' || (end.kind === 'gone' && hasSaid);
    const exit = end.kind === 'exited' ? end.exit : { signal: 'SIGKILL' };
    const { resumed } = this.#facts;
    const left = { exit, stderr, resumed, traces, place };
    return { report: { ...report }, outcome: isKnown ? this.#agent.outcome(report, left) : null };
  }

  #traces(): Readonly<Record<string, Trace>> {
    return this.#agent.traces({
      environment: this.#environment,
      folder: this.#ports.output.agentFolder(this.ref),
      sessionId: this.reading.report.sessionId ?? this.#facts.sessionId,
    });
  }

  async #contents(): Promise<Record<string, string>> {
    const { agents } = this.#ports;
    const found: Record<string, string> = {};
    for (const [name, trace] of Object.entries(this.#traces())) {
      const path = await agents.locate(trace);
      if (path === null) continue;
      found[name] = new TextDecoder().decode(await agents.read(path, 0, TRACE_TAIL));
    }
    return found;
  }

  async #tail(): Promise<string> {
    const { data } = await this.#ports.output.tail(this.ref, 'stderr', STDERR_TAIL);
    return new TextDecoder().decode(data);
  }

  #place(now: number): ReadingPlace {
    return { now, timeZone: zoneOf(this.#ports, this.#environment) };
  }
}

/** The environment that the agent of a task is started with, as far as it is still stored. */
export async function environmentOf(
  { environments, agents }: Ports,
  agent: Agent,
  { environment }: Pick<TaskSpec, 'environment'>,
): Promise<Readonly<Record<string, string>>> {
  const stored = environment === null ? null : await environments.get(environment);
  return { ...stored, ...agents.override(agent.name).env };
}

/** The time zone in which an agent with this environment tells times. */
export const zoneOf = (
  { agents }: Pick<Ports, 'agents'>,
  environment: Readonly<Record<string, string>>,
): string => environment['TZ'] || agents.timeZone;
