import type { AgentEvent, Usage } from '../../src/domain/agent-event.ts';
import type { Place } from './place.ts';
import type { Seen } from './seen.ts';
import { Tend, until } from './tend.ts';

interface Outcome {
  kind: string;
  limit?: { class: string; until: number | null };
}

/** The part of a task's JSON that is looked at. */
export interface AgentTask {
  id: string;
  state: string;
  reason: string | null;
  queueReason: string | null;
  verdict: string;
  endedAt: string | null;
  answer: string | null;
  question: { id: string; state: string } | null;
  finish: { summary: string } | null;
  gaps: readonly string[];
  agent: { name: string; sessionId: string | null };
  attempts: readonly {
    number: number;
    outcome: Outcome | null;
    endedAt: string | null;
    sessionId: string | null;
    resumed: string | null;
    exitCode: number | null;
    signal: string | null;
    survivors: readonly unknown[];
    usage: (Usage & { turns: number }) | null;
  }[];
  output: { path: string | null; stderrPath: string | null };
}

interface Played {
  task: AgentTask;
  exit: number | null;
}

type MomentOf = AgentEvent & { id: string; stream: string; attempt: number };

interface Replayed {
  events: number;
  usage: Usage;
}

/** Who is told of the end. */
const OWNER = 'test';

/** One place's Tend, and what it shows. */
export class Watch {
  readonly #tend: Tend;

  constructor(place: Place) {
    this.#tend = new Tend(place);
  }

  async run(agent: string, prompt: string, options: readonly string[] = []): Promise<Played> {
    const args = ['run', '--json', '--wait', '--owner', OWNER, ...options, agent, prompt];
    const { value, code } = await this.#tend.json<AgentTask>(args);
    return { task: await this.show(value.id), exit: code };
  }

  /** Starts it and answers its id. */
  async start(agent: string, prompt: string, options: readonly string[] = []): Promise<string> {
    const args = ['run', '--json', '--owner', OWNER, ...options, agent, prompt];
    return (await this.#tend.json<AgentTask>(args)).value.id;
  }

  async resume(id: string, prompt: string): Promise<Played> {
    const args = ['resume', '--json', '--wait', id, prompt];
    const { value, code } = await this.#tend.json<AgentTask>(args);
    return { task: await this.show(value.id), exit: code };
  }

  async show(id: string): Promise<AgentTask> {
    return (await this.#tend.json<AgentTask>(['show', '--json', id])).value;
  }

  async wait(id: string): Promise<Played> {
    const { code } = await this.#tend.run(['wait', '--json', id]);
    return { task: await this.show(id), exit: code };
  }

  /** The task, once it waits for an answer. */
  async parked(id: string): Promise<AgentTask> {
    const look = async (): Promise<AgentTask | null> => {
      const task = await this.show(id);
      if (task.endedAt !== null) throw new Error(`ended as ${task.state}: ${task.reason}`);
      return task.state === 'awaiting_input' ? task : null;
    };
    return until('it waits for an answer', look, 90_000);
  }

  async answer(question: string, words: string): Promise<void> {
    const { code, stdout, stderr } = await this.#tend.run(['answer', question, words]);
    if (code !== 0) throw new Error(`tend answer ended with ${code}: ${stdout}${stderr}`);
  }

  async stop(id: string): Promise<Played> {
    await this.#tend.run(['stop', '--wait', id]);
    return this.wait(id);
  }

  async stopDaemon(): Promise<void> {
    const { code, stderr } = await this.#tend.run(['daemon', 'stop']);
    if (code !== 0) throw new Error(`tend daemon stop ended with ${code}: ${stderr}`);
  }

  async killDaemon(): Promise<void> {
    const { stdout } = await this.#tend.run(['daemon', 'status', '-q']);
    process.kill(Number(stdout), 'SIGKILL');
  }

  /** The last attempt and its task. */
  seen(task: AgentTask): Omit<Seen, 'exit' | 'requests' | 'leaves' | 'wrong'> {
    const last = task.attempts.at(-1);
    const { outcome = null, usage = null, endedAt = null } = last ?? {};
    return {
      state: task.state,
      reason: task.reason,
      queueReason: task.queueReason,
      verdict: task.verdict,
      outcome: outcome?.kind ?? null,
      limit: outcome?.limit ?? null,
      answer: task.answer ?? '',
      usage,
      sessionId: task.agent.sessionId,
      attempts: task.attempts.length,
      endedAt: endedAt === null ? 0 : Date.parse(endedAt),
    };
  }

  /** What no task may show, whatever it comes to. */
  async wrong(task: AgentTask): Promise<string[]> {
    const events = await this.#tend.lines<MomentOf>(['logs', task.id, '--events', '--json']);
    return [
      ...doubled(events),
      ...(await this.#replayed(task, events)),
      ...(await this.#completions(task)),
    ];
  }

  /** Reading the output again gives the same. */
  async #replayed(task: AgentTask, events: readonly MomentOf[]): Promise<string[]> {
    const last = task.attempts.at(-1);
    const { path, stderrPath } = task.output;
    if (!last?.outcome || path === null || stderrPath === null) return [];
    const exit = last.signal ?? `${last.exitCode ?? 0}`;
    const args = ['replay', '--json', '--agent', task.agent.name, '--exit', exit];
    const files = ['--stdout', path, '--stderr', stderrPath];
    const { value } = await this.#tend.json<Replayed>([...args, ...files]);
    const told = events.filter(
      ({ stream, attempt }) => stream !== 'log' && attempt === last.number,
    );
    const kinds = told.map(({ kind }) => kind).join(' ');
    const wrong =
      value.events === told.length
        ? []
        : [`${told.length} events told, ${value.events} in the output: ${kinds}`];
    // Of a resumed session the output may tell the totals; what the output does not tell, other files do.
    if (last.resumed !== null || value.usage.inputTokens === null) return wrong;
    const [kept, read] = [tokens(last.usage), tokens(value.usage)];
    return kept === read ? wrong : [...wrong, `the usage was ${kept}, read again it is ${read}`];
  }

  /** An ended task is told of once, a held one not at all. */
  async #completions(task: AgentTask): Promise<string[]> {
    const args = ['inbox', '--json', '--owner', OWNER];
    const { value } = await this.#tend.json<{ deliveries: { kind: string; taskId: string }[] }>(
      args,
    );
    const told = value.deliveries.filter(
      ({ kind, taskId }) => kind === 'completion' && taskId === task.id,
    ).length;
    const expected = task.endedAt === null ? 0 : 1;
    return told === expected ? [] : [`told of its end ${told} times, not ${expected}`];
  }
}

const tokens = (usage: Usage | null): string =>
  `${usage?.inputTokens} in, ${usage?.cachedTokens} cached, ${usage?.outputTokens} out`;

function doubled(events: readonly MomentOf[]): string[] {
  const ids = events.map(({ id }) => id);
  return new Set(ids).size === ids.length ? [] : ['an event was told twice'];
}
