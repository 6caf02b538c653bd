import { type AgentEvent, type PlanItem, summary } from '../../../domain/agent-event.ts';
import { asObject, child, type Json, list, number, shown, text } from '../json.ts';

const COMMANDS = new Set(['bash', 'shell']);
const WRITERS = new Set(['write', 'edit', 'multiedit', 'patch', 'apply_patch']);
/** How a tool fails that a rule of the configuration forbids. */
const FORBIDDEN = /^The user has specified a rule which prevents you from using[^.]*/;

/** A tool call: its line comes when it has ended. */
export function toolEvents(part: Json): AgentEvent[] {
  const tool = text(part, 'tool') ?? 'tool';
  const callId = text(part, 'callID');
  const state = child(part, 'state');
  const input = child(state, 'input');
  const error = text(state, 'error');
  const completed = text(state, 'status') === 'completed';
  const what = summary(text(state, 'title') || told(input));
  const exitCode = number(child(state, 'metadata'), 'exit');
  const ok = completed && (exitCode ?? 0) === 0;
  const result = summary(error ?? shown(state['output']));
  return [
    { kind: 'tool_started', tool, callId, summary: what },
    ...denial(tool, error ?? ''),
    ...(completed ? effects(tool, state, input, exitCode) : []),
    ...(tool === 'task' ? [subagent(state, completed)] : []),
    { kind: 'tool_finished', tool, callId, ok, summary: result },
  ];
}

function denial(tool: string, error: string): AgentEvent[] {
  const [reason] = FORBIDDEN.exec(error) ?? [];
  return reason === undefined ? [] : [{ kind: 'permission_denied', tool, reason }];
}

const told = (input: Json): string =>
  text(input, 'command') ?? path(input) ?? text(input, 'description') ?? shown(input);

const path = (of: Json): string | null =>
  text(of, 'filePath') ?? text(of, 'path') ?? text(of, 'file');

/** What a tool did to the world, or to the plan. */
function effects(tool: string, state: Json, input: Json, exitCode: number | null): AgentEvent[] {
  if (COMMANDS.has(tool)) {
    const output = summary(shown(state['output']));
    return [{ kind: 'command_run', command: text(input, 'command') ?? '', exitCode, output }];
  }
  if (tool === 'todowrite') return [{ kind: 'plan', items: planIn(input) }];
  return WRITERS.has(tool) ? changes(tool, child(state, 'metadata'), input) : [];
}

function changes(tool: string, metadata: Json, input: Json): AgentEvent[] {
  const files = list(metadata, 'files').flatMap((one) => {
    const file = asObject(one);
    const name = file === null ? null : path(file);
    return file === null || name === null ? [] : [changed(name, changeOf(file))];
  });
  if (files.length > 0) return files;
  const name = text(metadata, 'filepath') ?? path(input);
  if (name === null) return [];
  return [changed(name, tool === 'write' && metadata['exists'] === false ? 'add' : 'update')];
}

const changed = (name: string, change: 'add' | 'update' | 'delete'): AgentEvent => ({
  kind: 'file_changed',
  path: name,
  change,
});

function changeOf(file: Json): 'add' | 'update' | 'delete' {
  const word = text(file, 'type') ?? text(file, 'status') ?? '';
  if (/^(?:add|create)/.test(word)) return 'add';
  return /^(?:delete|remove)/.test(word) ? 'delete' : 'update';
}

function planIn(input: Json): PlanItem[] {
  return list(input, 'todos').flatMap((one) => {
    const item = asObject(one);
    const content = item === null ? null : text(item, 'content');
    return item === null || content === null
      ? []
      : [{ text: content, status: statusOf(text(item, 'status')) }];
  });
}

function statusOf(word: string | null): PlanItem['status'] {
  if (word === 'in_progress') return word;
  return word === 'completed' || word === 'cancelled' ? 'completed' : 'pending';
}

const subagent = (state: Json, completed: boolean): AgentEvent => ({
  kind: 'subagent',
  id: text(child(state, 'metadata'), 'sessionId'),
  status: completed ? 'finished' : 'failed',
  summary: summary(told(child(state, 'input'))),
});
