import {
  type AgentEvent,
  LONGEST_SUMMARY,
  type PlanItem,
  summary,
} from '../../../domain/agent-event.ts';
import { asObject, child, flag, type Json, list, number, shown, text } from '../json.ts';

/** Items that Codex itself runs and then answers the model with: their end is the end of a model call. */
export const TOOLS: ReadonlySet<string> = new Set([
  'command_execution',
  'file_change',
  'mcp_tool_call',
  'collab_tool_call',
]);

/** What the model does; the rest is Codex's own word. */
export const isOfModel = (type: string): boolean =>
  TOOLS.has(type) || type === 'agent_message' || type === 'reasoning' || type === 'web_search';

const idOf = (item: Json): string | null => text(item, 'id');

/** The name of a tool and what it was asked; null = the item is no tool. */
function toolOf(item: Json): { tool: string; summary: string } | null {
  switch (text(item, 'type')) {
    case 'command_execution':
      return { tool: 'shell', summary: summary(text(item, 'command') ?? '') };
    case 'file_change':
      return {
        tool: 'apply_patch',
        summary: summary(
          changesOf(item)
            .map(({ path }) => path)
            .join(', '),
        ),
      };
    case 'mcp_tool_call': {
      const tool = `${text(item, 'server') ?? ''}.${text(item, 'tool') ?? ''}`;
      return { tool, summary: summary(shown(item['arguments'])) };
    }
    case 'collab_tool_call':
      return { tool: text(item, 'tool') ?? 'agent', summary: summary(text(item, 'prompt') ?? '') };
    case 'web_search':
      return { tool: 'web_search', summary: summary(text(item, 'query') ?? '') };
    default:
      return null;
  }
}

/** The events of an item that has begun; none for what is no tool. */
export function itemStarted(item: Json): AgentEvent[] {
  const tool = toolOf(item);
  if (tool === null) return text(item, 'type') === 'todo_list' ? [planOf(item)] : [];
  return [{ kind: 'tool_started', callId: idOf(item), ...tool }];
}

/** The events of an item that is done; null = an item that is not known. */
export function itemCompleted(item: Json): AgentEvent[] | null {
  switch (text(item, 'type')) {
    case 'agent_message': {
      const said = text(item, 'text') ?? '';
      return said.trim() === '' ? [] : [{ kind: 'text', text: said }];
    }
    case 'reasoning':
      return [{ kind: 'thinking', text: text(item, 'text') ?? '' }];
    case 'command_execution':
      return commandRun(item);
    case 'file_change':
      return fileChanged(item);
    case 'mcp_tool_call':
      return mcpAnswered(item);
    case 'collab_tool_call':
      return [...subagents(item), finished(item, isDone(item), '')];
    case 'web_search':
      return [finished(item, true, text(item, 'query') ?? '')];
    case 'todo_list':
      return [planOf(item)];
    case 'error':
      return [{ kind: 'warning', message: summary(text(item, 'message') ?? '') }];
    default:
      return null;
  }
}

const isDone = (item: Json): boolean => text(item, 'status') === 'completed';

const finished = (item: Json, ok: boolean, said: string): AgentEvent => ({
  kind: 'tool_finished',
  tool: toolOf(item)?.tool ?? null,
  callId: idOf(item),
  ok,
  summary: summary(said),
});

const denied = (item: Json, reason: string): AgentEvent => ({
  kind: 'permission_denied',
  tool: toolOf(item)?.tool ?? null,
  reason: summary(reason),
});

function commandRun(item: Json): AgentEvent[] {
  const command = text(item, 'command') ?? '';
  const exitCode = number(item, 'exit_code');
  const output = text(item, 'aggregated_output') ?? '';
  const end = finished(item, isDone(item) && (exitCode ?? 0) === 0, output);
  if (text(item, 'status') === 'declined')
    return [denied(item, `the command was declined: ${command}`), end];
  return [
    {
      kind: 'command_run',
      command: summary(command),
      exitCode,
      output: output.slice(-LONGEST_SUMMARY),
    },
    end,
  ];
}

type Change = Extract<AgentEvent, { kind: 'file_changed' }>;

const changesOf = (item: Json): Change[] =>
  list(item, 'changes').flatMap((value) => {
    const entry = asObject(value);
    const path = entry === null ? null : text(entry, 'path');
    if (entry === null || path === null) return [];
    const kind = text(entry, 'kind');
    const change = kind === 'add' || kind === 'delete' ? kind : 'update';
    return [{ kind: 'file_changed', path, change }];
  });

function fileChanged(item: Json): AgentEvent[] {
  const changes = changesOf(item);
  const said = changes.map(({ path }) => path).join(', ');
  const end = finished(item, isDone(item), said);
  return isDone(item) ? [...changes, end] : [end];
}

function mcpAnswered(item: Json): AgentEvent[] {
  const failure = text(child(item, 'error'), 'message');
  if (failure === null)
    return [finished(item, isDone(item), shown(child(item, 'result')['content']))];
  const end = finished(item, false, failure);
  return /\brequires approval\b|\bapproval policy\b|\buser rejected\b/i.test(failure)
    ? [denied(item, failure), end]
    : [end];
}

function subagents(item: Json): AgentEvent[] {
  return Object.entries(child(item, 'agents_states')).flatMap(([id, value]) => {
    const state = asObject(value);
    if (state === null) return [];
    return [
      {
        kind: 'subagent',
        id,
        status: SUBAGENT[text(state, 'status') ?? ''] ?? 'working',
        summary: summary(text(state, 'message') ?? ''),
      },
    ];
  });
}

const SUBAGENT: Readonly<Record<string, 'started' | 'finished' | 'failed'>> = {
  pending_init: 'started',
  completed: 'finished',
  shutdown: 'finished',
  errored: 'failed',
  interrupted: 'failed',
  not_found: 'failed',
};

function planOf(item: Json): AgentEvent {
  const items = list(item, 'items').flatMap((value): PlanItem[] => {
    const entry = asObject(value);
    const said = entry === null ? null : text(entry, 'text');
    if (entry === null || said === null) return [];
    return [{ text: said, status: flag(entry, 'completed') ? 'completed' : 'pending' }];
  });
  return { kind: 'plan', items };
}
