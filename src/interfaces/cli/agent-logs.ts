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

/** All events, or those to come too, or the last `lines` of them; of the last attempt, if not told otherwise. */
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
    const kept: AgentEventView[] = [];
    for await (const { data } of client.agentEvents(input, { signal })) {
      if (lines === undefined || follow) await put(data);
      else {
        kept.push(data);
        if (kept.length > lines) kept.shift();
      }
    }
    for (const event of kept) await put(event);
    return 0;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    await shown.end();
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
  let kept: AgentEventView[] = [];
  try {
    for await (const { data } of client.agentEvents({ id }, { signal })) {
      if (answerApart && data.kind === 'text') kept.push(data);
      else if (!SILENT.has(data.kind)) {
        for (const event of [...kept, data]) await lines.write(event);
        kept = [];
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Kinds that say nothing to a person, and so follow no words. */
const SILENT: ReadonlySet<string> = new Set(['usage', 'session', 'thinking', 'final']);

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
