import { type AgentEvent, summary } from '../../../domain/agent-event.ts';
import { asObject, child, flag, type Json, list, number, shown, text } from '../json.ts';

interface Call {
  tool: string;
  command: string | null;
}

const CHANGES: Readonly<Record<string, 'add' | 'update' | 'delete'>> = {
  create: 'add',
  edit: 'update',
  delete: 'delete',
};
const DENIED = /^Permission (?:to run this tool was )?denied\b/;

/** The calls of an attempt: where one ends, its name is not told again. */
export class Calls {
  readonly #open = new Map<string, Call>();

  started(data: Json): AgentEvent[] {
    const callId = text(data, 'toolCallId');
    const tool = text(data, 'toolName') ?? 'tool';
    const input = child(data, 'arguments');
    const command = text(input, 'command');
    if (callId !== null) this.#open.set(callId, { tool, command });
    const what =
      command ?? text(input, 'path') ?? text(input, 'description') ?? shown(data['arguments']);
    return [{ kind: 'tool_started', tool, callId, summary: summary(what) }];
  }

  finished(data: Json): AgentEvent[] {
    const callId = text(data, 'toolCallId');
    const call = callId === null ? undefined : this.#open.get(callId);
    if (callId !== null) this.#open.delete(callId);
    const tool = call?.tool ?? null;
    const error = child(data, 'error');
    const reason = text(error, 'message');
    const exitCode = number(child(data, 'shellExecution'), 'exitCode');
    const output = summary(reason ?? text(child(data, 'result'), 'content') ?? '');
    const ok = flag(data, 'success') && (exitCode ?? 0) === 0;
    return [
      ...(isDenial(error) ? [{ kind: 'permission_denied', tool, reason: output } as const] : []),
      ...list(data, 'fileEdits').flatMap((edit) => changed(asObject(edit) ?? {})),
      ...(call !== undefined && call.command !== null && exitCode !== null
        ? [{ kind: 'command_run', command: call.command, exitCode, output } as const]
        : []),
      { kind: 'tool_finished', tool, callId, ok, summary: output },
    ];
  }
}

const isDenial = (error: Json): boolean =>
  text(error, 'code') === 'denied' || DENIED.test(text(error, 'message') ?? '');

function changed(edit: Json): AgentEvent[] {
  const path = text(edit, 'path');
  if (path === null) return [];
  return [{ kind: 'file_changed', path, change: CHANGES[text(edit, 'kind') ?? ''] ?? 'update' }];
}

/** A subagent's tools are its own affair, but not what they did. */
export const effectsOf = (events: readonly AgentEvent[]): AgentEvent[] =>
  events.filter(({ kind }) => kind !== 'tool_started' && kind !== 'tool_finished');
