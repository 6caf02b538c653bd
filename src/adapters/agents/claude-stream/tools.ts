import { type AgentEvent, type PlanItem, summary } from '../../../domain/agent-event.ts';
import { asObject, flag, type Json, list, number, shown, text } from '../json.ts';

/** What is remembered of a tool's call until its result comes. */
export interface Call {
  tool: string;
  kind: ToolKind;
  /** The file or the command. */
  subject: string | null;
  /** Of a subagent that made the call; null = the main thread. */
  parent: string | null;
}

type ToolKind = 'write' | 'edit' | 'command' | 'plan' | 'subagent' | 'other';

/** By their names in lower case, of this protocol's programs and their relatives. */
const KINDS: ReadonlyMap<string, ToolKind> = new Map([
  ['write', 'write'],
  ['write_file', 'write'],
  ['create_file', 'write'],
  ['edit', 'edit'],
  ['multiedit', 'edit'],
  ['edit_file', 'edit'],
  ['replace', 'edit'],
  ['notebookedit', 'edit'],
  ['notebook_edit', 'edit'],
  ['bash', 'command'],
  ['run_shell_command', 'command'],
  ['powershell', 'command'],
  ['todowrite', 'plan'],
  ['todo_write', 'plan'],
  ['task', 'subagent'],
  ['agent', 'subagent'],
]);

/** Where the file stands in a tool's input. */
const FILE = ['file_path', 'notebook_path', 'absolute_path', 'path', 'filePath'];
/** What says most of a call, the first that is there. */
const TELLING = ['command', ...FILE, 'pattern', 'query', 'url', 'description', 'prompt', 'skill'];

const firstText = (of: Json, names: readonly string[]): string | null => {
  for (const name of names) {
    const value = text(of, name);
    if (value !== null) return value;
  }
  return null;
};

export function callOf(block: Json, parent: string | null): { call: Call; input: Json } {
  const tool = text(block, 'name') ?? 'unknown';
  const input = asObject(block['input']) ?? {};
  const kind = KINDS.get(tool.toLowerCase()) ?? 'other';
  const subject =
    kind === 'command'
      ? text(input, 'command')
      : kind === 'write' || kind === 'edit'
        ? firstText(input, FILE)
        : null;
  return { call: { tool, kind, subject, parent }, input };
}

/** The events of a call that begins. */
export function started(block: Json, { call, input }: { call: Call; input: Json }): AgentEvent[] {
  const callId = text(block, 'id');
  const told = summary(firstText(input, TELLING) ?? shown(input));
  if (call.parent !== null)
    return [
      {
        kind: 'subagent',
        id: call.parent,
        status: 'working',
        summary: summary(`${call.tool} ${told}`),
      },
    ];
  const events: AgentEvent[] = [{ kind: 'tool_started', tool: call.tool, callId, summary: told }];
  if (call.kind === 'plan') events.push({ kind: 'plan', items: planItems(input) });
  if (call.kind === 'subagent')
    events.push({
      kind: 'subagent',
      id: callId,
      status: 'started',
      summary: summary(firstText(input, ['description', 'prompt']) ?? ''),
    });
  return events;
}

const STATUSES: ReadonlyMap<string | null, PlanItem['status']> = new Map([
  ['completed', 'completed'],
  ['in_progress', 'in_progress'],
]);

const planItems = (input: Json): PlanItem[] =>
  list(input, 'todos').flatMap((value) => {
    const item = asObject(value);
    const content = item === null ? null : firstText(item, ['content', 'subject', 'text']);
    if (item === null || content === null) return [];
    return [{ text: summary(content), status: STATUSES.get(text(item, 'status')) ?? 'pending' }];
  });

/** A tool's result: its block, and what the line says beside it. */
interface ToolResult {
  callId: string | null;
  ok: boolean;
  output: string;
  /** `tool_use_result`: an object, a text or a list. */
  detail: Json;
  /** The tool was not run at all: denied, or stopped before. */
  refused: boolean;
}

export function toolResult(block: Json, line: Json): ToolResult {
  const callId = text(block, 'tool_use_id');
  const meta = list(line, 'tool_result_meta')
    .map(asObject)
    .find((entry) => entry !== null && text(entry, 'id') === callId);
  return {
    callId,
    ok: !flag(block, 'is_error'),
    output: contentText(block['content']),
    detail: asObject(line['tool_use_result']) ?? {},
    refused: meta !== undefined && meta !== null && text(meta, 'non_execution_kind') !== null,
  };
}

/** The text of a content that is a text or a list of blocks. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((block) => text(asObject(block) ?? {}, 'text'))
    .filter((part) => part !== null)
    .join('\n');
}

/** The events of a call that has ended; `null` = a call that was never seen. */
export function finished(call: Call | null, result: ToolResult): AgentEvent[] {
  const { callId, ok, output } = result;
  const events: AgentEvent[] = [];
  if (call !== null) events.push(...effects(call, result));
  if (call === null || call.parent === null)
    events.push({
      kind: 'tool_finished',
      tool: call?.tool ?? null,
      callId,
      ok,
      summary: summary(output),
    });
  return events;
}

/** What the call did to the folder or the machine. */
function effects({ kind, subject }: Call, result: ToolResult): AgentEvent[] {
  const { ok, output, refused } = result;
  if (subject === null) return [];
  if (kind === 'write' || kind === 'edit')
    return ok ? [{ kind: 'file_changed', path: subject, change: changeOf(kind, result) }] : [];
  const exitCode = exitCodeOf(result);
  if (kind !== 'command' || refused || (!ok && exitCode === null)) return [];
  return [{ kind: 'command_run', command: summary(subject), exitCode, output: summary(output) }];
}

const changeOf = (kind: ToolKind, { detail, output }: ToolResult): 'add' | 'update' =>
  kind === 'write' &&
  (text(detail, 'type') === 'create' ||
    /\bnew file\b|created successfully/i.test(output.slice(0, 200)))
    ? 'add'
    : 'update';

/** Of a command that was run; null = not told. */
function exitCodeOf({ ok, output, detail }: ToolResult): number | null {
  const told = number(detail, 'exitCode') ?? number(detail, 'exit_code');
  if (told !== null) return told;
  if (!ok) {
    const [, code] = /^Exit code:? (\d{1,3})$/im.exec(output) ?? [];
    return code === undefined ? null : Number(code);
  }
  return flag(detail, 'interrupted') || text(detail, 'backgroundTaskId') !== null ? null : 0;
}
