import { type AgentEvent, summary } from '../../../domain/agent-event.ts';
import { asObject, child, type Json, list, number, shown, text } from '../json.ts';
import { told } from './policy.ts';

interface Call {
  /** Everything that was told of it so far. */
  fields: Json;
  isRefused: boolean;
}

/** The tool calls of one attempt: what their updates mean together. */
export class Tools {
  readonly #running = new Map<string, Call>();
  readonly #ended = new Set<string>();
  /** Files that were written through us: their call tells of them once more. */
  readonly #written = new Set<string>();

  /** A `tool_call` or a `tool_call_update`. */
  update(update: Json): AgentEvent[] {
    const id = text(update, 'toolCallId') ?? '';
    if (this.#ended.has(id)) return [];
    const events: AgentEvent[] = [];
    const before = this.#running.get(id);
    const call: Call = before ?? { fields: {}, isRefused: false };
    call.fields = { ...call.fields, ...told(update) };
    if (before === undefined) {
      this.#running.set(id, call);
      events.push({
        kind: 'tool_started',
        tool: toolOf(call.fields),
        callId: id,
        summary: titleOf(call.fields),
      });
    }
    const status = text(call.fields, 'status');
    if (status !== 'completed' && status !== 'failed') return events;
    this.#running.delete(id);
    this.#ended.add(id);
    return [...events, ...this.#end(id, call, status === 'completed')];
  }

  /** A call that is asked about: it may not have been told of before. */
  meet(call: Json): AgentEvent[] {
    return this.#running.has(text(call, 'toolCallId') ?? '') ? [] : this.update(call);
  }

  refuse(id: string): void {
    const call = this.#running.get(id);
    if (call !== undefined) call.isRefused = true;
  }

  /** The turn is over: of a call that was refused, some agents tell nothing more. */
  close(): AgentEvent[] {
    const refused = [...this.#running].filter(([, { isRefused }]) => isRefused);
    return refused.flatMap(([id]) => this.update({ toolCallId: id, status: 'failed' }));
  }

  wrote(path: string, isNew: boolean): AgentEvent[] {
    this.#written.add(path);
    return [{ kind: 'file_changed', path, change: isNew ? 'add' : 'update' }];
  }

  #end(id: string, { fields, isRefused }: Call, ok: boolean): AgentEvent[] {
    const output = outputOf(fields);
    const finished: AgentEvent = {
      kind: 'tool_finished',
      tool: toolOf(fields),
      callId: id,
      ok,
      summary: summary(output === '' ? titleOf(fields) : output),
    };
    const isCommand = text(fields, 'kind') === 'execute' && !isRefused;
    return [
      finished,
      ...(isCommand ? [commandOf(fields, output)] : []),
      ...(ok ? this.#changes(fields) : []),
    ];
  }

  #changes(fields: Json): AgentEvent[] {
    return changesOf(fields).filter((event) => !this.#written.delete(event.path));
  }
}

const toolOf = (fields: Json): string =>
  text(fields, 'name') ??
  text(child(fields, '_meta'), 'toolName') ??
  text(fields, 'kind') ??
  'tool';

const titleOf = (fields: Json): string => summary(text(fields, 'title') ?? '');

/** What the call answered, as text. */
function outputOf(fields: Json): string {
  const pieces = list(fields, 'content')
    .map(asObject)
    .map((piece) => (piece === null ? null : text(child(piece, 'content'), 'text')))
    .filter((piece) => piece !== null);
  if (pieces.length > 0) return pieces.join('\n');
  const raw = asObject(fields['rawOutput']);
  if (raw === null) return shown(fields['rawOutput']);
  return (
    text(raw, 'output') ?? text(raw, 'content') ?? text(raw, 'error') ?? text(raw, 'message') ?? ''
  );
}

function commandOf(fields: Json, output: string): AgentEvent {
  const { command = fields['title'] } = child(fields, 'rawInput');
  const line = Array.isArray(command) ? command.map(shown).join(' ') : shown(command);
  const raw = child(fields, 'rawOutput');
  const places = [raw, child(raw, 'metadata'), ...list(raw, 'contents').map(asObject)];
  const codes = places
    .filter((place) => place !== null)
    .flatMap((place) => ['exitCode', 'exit_code', 'exit'].map((name) => number(place, name)));
  const exitCode = codes.find((code) => code !== null) ?? null;
  return { kind: 'command_run', command: summary(line), exitCode, output: summary(output) };
}

type FileChanged = Extract<AgentEvent, { kind: 'file_changed' }>;

/** The files that a call changed: by its diffs, else by the places that it touched. */
function changesOf(fields: Json): FileChanged[] {
  const diffs = list(fields, 'content')
    .map(asObject)
    .filter((piece) => piece !== null)
    .filter((piece) => text(piece, 'type') === 'diff')
    .map((diff) =>
      changed(text(diff, 'path'), (text(diff, 'oldText') ?? '') === '' ? 'add' : 'update'),
    );
  const change = { edit: 'update', move: 'update', delete: 'delete' } as const;
  const kind = text(fields, 'kind') ?? '';
  if (diffs.length > 0 || !isChange(kind, change)) return diffs.filter((event) => event !== null);
  return list(fields, 'locations')
    .map(asObject)
    .map((place) => changed(place === null ? null : text(place, 'path'), change[kind]))
    .filter((event) => event !== null);
}

const isChange = <T extends object>(kind: string, change: T): kind is keyof T & string =>
  Object.hasOwn(change, kind);

const changed = (path: string | null, change: FileChanged['change']): FileChanged | null =>
  path === null ? null : { kind: 'file_changed', path, change };
