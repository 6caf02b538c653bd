import type { AgentFacts } from '../domain/agent-work.ts';
import type { AgentEvidence, AttemptEvidence } from '../domain/evidence.ts';
import type { Live } from '../domain/lifecycle.ts';
import type { TaskIn } from '../domain/task.ts';
import type { Agent, ReadingPlace, Trace } from '../ports/agent.ts';
import type { AttemptRef } from '../ports/supervisor.ts';
import { AgentReading } from './agent-reading.ts';
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
    const { work, environment } = task.spec;
    const agent = work.kind === 'agent' ? ports.agents.get(work.agent) : null;
    if (agent === null) return null;
    const stored = environment === null ? null : await ports.environments.get(environment);
    const all = { ...stored, ...ports.agents.override(agent.name).env };
    return new AgentSource(ports, agent, task, all);
  }

  /** Takes in the next portion of every stream; false = there was nothing new. */
  async take(): Promise<boolean> {
    const { output, clock } = this.#ports;
    const place = this.#place(clock.now());
    let grew = false;
    for (const stream of ['stdout', 'stderr'] as const) {
      const { data } = await output.read(this.ref, stream, this.reading.taken[stream], PORTION);
      if (data.byteLength === 0) continue;
      this.reading.push(stream, data, place);
      grew = true;
    }
    if (grew) await output.mark(this.ref, place.now, this.reading.taken);
    return (await this.#takeLog(place)) || grew;
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
    while (await this.take());
    const [stderr, traces] = await Promise.all([this.#tail(), this.#contents()]);
    const place = this.#place('at' in end ? end.at : this.#ports.clock.now());
    this.reading.end(place);
    const { report } = this.reading;
    const isKnown = end.kind === 'exited' || (end.kind === 'gone' && report.final !== null);
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
    return { now, timeZone: this.#environment['TZ'] || this.#ports.agents.timeZone };
  }
}
