/** `tend logs` of an agent's task: what it told, for people or as NDJSON. */
import type { Client } from '../client/index.ts';
import { type AgentEventView, AgentLines } from './agent-lines.ts';
import type { Context } from './context.ts';
import { EXIT, hasEnded } from './exit.ts';

interface Options {
  follow?: boolean;
  lines?: number;
  attempt?: number;
  events?: boolean;
}

/** All events, or the last `lines` of them, then those to come; of all attempts, if not told otherwise. */
export async function agentLogs(
  context: Context,
  client: Client,
  id: string,
  options: Options,
): Promise<number> {
  const { out, signal } = context;
  const { attempt, lines, follow = false } = options;
  const input = { id, follow, ...(attempt !== undefined && { attempt }) };
  const shown = new AgentLines(out);
  const put = (event: AgentEventView): Promise<void> =>
    options.events === true ? out.json(event) : shown.write(event);
  try {
    let after: string | undefined;
    if (lines !== undefined) {
      const last = new Last(lines, options.events === true ? null : shown);
      for await (const { data } of client.agentEvents({ ...input, follow: false }, { signal })) {
        last.push(data);
        after = data.id;
      }
      for (const event of last.events) await put(event);
      if (!follow) return 0;
    }
    const rest = { ...input, ...(after !== undefined && { after }) };
    for await (const { data } of client.agentEvents(rest, { signal })) await put(data);
    return 0;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    await shown.end();
  }
}

/** The last so many events; `shown` = of those that are shown, where pieces of one text are one. */
class Last {
  readonly #count: number;
  readonly #shown: AgentLines | null;
  readonly #groups: AgentEventView[][] = [];

  constructor(count: number, shown: AgentLines | null) {
    this.#count = count;
    this.#shown = shown;
  }

  push(event: AgentEventView): void {
    if (this.#shown?.shows(event) === false) return;
    const group = this.#groups.at(-1);
    if (this.#shown !== null && event['delta'] === true && group?.[0]?.kind === 'text')
      group.push(event);
    else this.#groups.push([event]);
    if (this.#groups.length > this.#count) this.#groups.shift();
  }

  get events(): AgentEventView[] {
    return this.#groups.flat();
  }
}

/**
 * Tells what the agent does until its task has ended or `signal` aborts. Where the answer is told apart, the words
 * that may be it are kept back until something follows them.
 */
export async function tellEvents(
  client: Client,
  id: string,
  lines: AgentLines,
  { answerApart, signal }: { answerApart: boolean; signal: AbortSignal },
): Promise<void> {
  const last = new LastWords(lines);
  try {
    for await (const { data } of client.agentEvents({ id }, { signal })) {
      if (answerApart && data.kind === 'text') await last.keep(data);
      else if (data.kind === 'final' && data['ok'] !== true) await last.tell();
      else if (data.kind === 'final') last.areTheAnswer = true;
      else if (!SILENT.has(data.kind)) {
        await last.tell();
        await lines.write(data);
      }
    }
    if (!last.areTheAnswer) await last.tell();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** What an agent said last, kept back until it is known whether that is its answer. */
class LastWords {
  areTheAnswer = false;
  readonly #lines: AgentLines;
  #kept: AgentEventView[] = [];

  constructor(lines: AgentLines) {
    this.#lines = lines;
  }

  /** Words that do not continue those before take their place. */
  async keep(event: AgentEventView): Promise<void> {
    if (event['delta'] !== true) await this.tell();
    this.areTheAnswer = false;
    this.#kept.push(event);
  }

  async tell(): Promise<void> {
    this.areTheAnswer = false;
    for (const event of this.#kept.splice(0)) await this.#lines.write(event);
  }
}

/** Kinds that say nothing to a person, and so follow no words. */
const SILENT: ReadonlySet<string> = new Set(['usage', 'session', 'thinking']);

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** True once the task waits for its account; false when it has ended or `signal` aborts. */
export async function untilHeld(client: Client, id: string, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const { data } of client.taskEvents({ id }, { signal })) {
      if (data.state !== 'queued') continue;
      const task = await client.show({ id }, { signal });
      if (task.queueReason === 'held') return true;
      if (hasEnded(task)) return false;
    }
    return false;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
