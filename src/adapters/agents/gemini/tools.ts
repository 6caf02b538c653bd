import {
  type AgentEvent,
  LONGEST_SUMMARY,
  type PlanItem,
  summary,
} from '../../../domain/agent-event.ts';
import { asObject, child, type Json, list, shown, text } from '../json.ts';

interface Call {
  tool: string;
  parameters: Json;
}

/** Tools that change the file that their `file_path` names. */
const WRITES: ReadonlySet<string> = new Set(['write_file', 'replace', 'edit']);

/** What a tool is refused with by the approval mode, a policy or the borders of the workspace. */
const DENIED =
  /^Access denied\b|^Path not in workspace\b|\bdenied by policy\b|\b(?:user|requires?) (?:denied|rejected|approval|confirmation)\b/i;

/** The tools that run, from their call to their result. */
export class Calls {
  #open = new Map<string, Call>();

  started(event: Json): AgentEvent[] {
    const tool = text(event, 'tool_name') ?? 'tool';
    const callId = text(event, 'tool_id');
    const parameters = child(event, 'parameters');
    if (callId !== null) this.#open.set(callId, { tool, parameters });
    const begun: AgentEvent[] = [
      { kind: 'tool_started', tool, callId, summary: summaryOf(parameters) },
    ];
    if (tool === 'write_todos') begun.push(planOf(parameters));
    if (tool === 'invoke_agent') begun.push(subagent(callId, 'started', parameters));
    return begun;
  }

  finished(event: Json): AgentEvent[] {
    const callId = text(event, 'tool_id');
    const call = callId === null ? undefined : this.#open.get(callId);
    if (callId !== null) this.#open.delete(callId);
    const ok = text(event, 'status') === 'success';
    const output = text(event, 'output') ?? '';
    const said = ok ? output : (text(child(event, 'error'), 'message') ?? output);
    const tool = call?.tool ?? null;
    return [
      ...(ok ? [] : deniedBy(event, tool, said)),
      ...(call === undefined ? [] : effects(call, callId, ok, output)),
      { kind: 'tool_finished', tool, callId, ok, summary: summary(said) },
    ];
  }
}

function deniedBy(event: Json, tool: string | null, reason: string): AgentEvent[] {
  const type = text(child(event, 'error'), 'type');
  if (type !== 'policy_violation' && !DENIED.test(reason)) return [];
  return [{ kind: 'permission_denied', tool, reason: summary(reason) }];
}

/** What a tool did, as far as its call says. */
function effects(
  { tool, parameters }: Call,
  callId: string | null,
  ok: boolean,
  output: string,
): AgentEvent[] {
  const command = text(parameters, 'command');
  if (tool === 'run_shell_command' && command !== null && ok) {
    // A command that fails is a success of the tool, and its exit code is not told.
    const run = {
      command: summary(command),
      exitCode: null,
      output: output.slice(-LONGEST_SUMMARY),
    };
    return [{ kind: 'command_run', ...run }];
  }
  const path = text(parameters, 'file_path');
  if (WRITES.has(tool) && path !== null && ok)
    return [{ kind: 'file_changed', path, change: /\bnew file\b/.test(output) ? 'add' : 'update' }];
  if (tool === 'invoke_agent') return [subagent(callId, ok ? 'finished' : 'failed', parameters)];
  return [];
}

const subagent = (
  id: string | null,
  status: 'started' | 'finished' | 'failed',
  parameters: Json,
): AgentEvent => ({ kind: 'subagent', id, status, summary: summaryOf(parameters) });

/** What a call is about: the one parameter that says it, else all of them. */
function summaryOf(parameters: Json): string {
  const telling = ['command', 'file_path', 'dir_path', 'pattern', 'query', 'prompt', 'agent_name'];
  const name = telling.find((key) => text(parameters, key) !== null);
  return summary(name === undefined ? shown(parameters) : (text(parameters, name) ?? ''));
}

function planOf(parameters: Json): AgentEvent {
  const items = list(parameters, 'todos').flatMap((value): PlanItem[] => {
    const entry = asObject(value) ?? {};
    const said = text(entry, 'description');
    const status = text(entry, 'status');
    if (said === null || status === 'cancelled') return [];
    const known = status === 'completed' || status === 'in_progress' ? status : 'pending';
    return [{ text: said, status: known }];
  });
  return { kind: 'plan', items };
}
