import { type AgentEvent, summary } from '../../../domain/agent-event.ts';
import { child, type Json, list, asObject, text } from '../json.ts';
import { type Call, callOf, contentText, finished, started, toolResult } from './tools.ts';

/** Remembers the calls of tools and subagents until they have ended, and what was denied. */
export class Calls {
  readonly #open = new Map<string, Call>();
  readonly #agents = new Set<string>();
  readonly #denied = new Set<string>();

  /** A call by the main thread, or by the subagent `parent`. */
  begins(block: Json, parent: string | null): AgentEvent[] {
    const made = callOf(block, parent);
    const id = text(block, 'id');
    if (id !== null) {
      this.#open.set(id, made.call);
      if (made.call.kind === 'subagent' && parent === null) this.#agents.add(id);
    }
    return started(block, made);
  }

  /** The result that stands in a block of `line`. */
  ends(block: Json, line: Json): AgentEvent[] {
    const result = toolResult(block, line);
    const { callId, ok, output, detail } = result;
    const call = callId === null ? null : (this.#open.get(callId) ?? null);
    if (callId !== null) this.#open.delete(callId);
    if (call === null && text(line, 'parent_tool_use_id') !== null) return [];
    const events = finished(call, result);
    // A subagent in the background goes on after its call has ended.
    if (call?.kind === 'subagent' && !/launched/.test(text(detail, 'status') ?? ''))
      events.push(...this.#agentEnds(callId, ok, output));
    return events;
  }

  taskBegins(line: Json): AgentEvent[] {
    const id = taskId(line);
    const isAgent =
      text(line, 'task_type') === 'local_agent' || text(line, 'subagent_type') !== null;
    if (id === null || !isAgent || this.#agents.has(id)) return [];
    this.#agents.add(id);
    return [
      {
        kind: 'subagent',
        id,
        status: 'started',
        summary: summary(text(line, 'description') ?? ''),
      },
    ];
  }

  taskEnds(line: Json): AgentEvent[] {
    return this.#agentEnds(
      taskId(line),
      text(line, 'status') === 'completed',
      text(line, 'summary') ?? '',
    );
  }

  #agentEnds(id: string | null, ok: boolean, told: string): AgentEvent[] {
    if (id === null || !this.#agents.delete(id)) return [];
    return [{ kind: 'subagent', id, status: ok ? 'finished' : 'failed', summary: summary(told) }];
  }

  /** A call was denied; the result line tells of it once more. */
  denied(denial: Json): AgentEvent[] {
    const id = text(denial, 'tool_use_id');
    if (id !== null && this.#denied.has(id)) return [];
    if (id !== null) this.#denied.add(id);
    const reason = summary(text(denial, 'message') ?? 'no permission was given');
    return [{ kind: 'permission_denied', tool: text(denial, 'tool_name'), reason }];
  }

  /** The calls that were denied, by the result's own list. */
  allDenied(line: Json): AgentEvent[] {
    return list(line, 'permission_denials').flatMap((value) => {
      const denial = asObject(value);
      return denial === null ? [] : this.denied(denial);
    });
  }
}

const taskId = (line: Json): string | null => text(line, 'tool_use_id') ?? text(line, 'task_id');

/** A message's blocks; a text alone is one of them. */
export function blocksOf(line: Json): Json[] {
  const { content } = child(line, 'message');
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return list(child(line, 'message'), 'content')
    .map(asObject)
    .filter((block) => block !== null);
}

/** All text of a message. */
export const textOf = (line: Json): string => contentText(child(line, 'message')['content']);
