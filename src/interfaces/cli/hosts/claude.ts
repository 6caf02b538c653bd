/** Claude Code (checked with 2.1.329). */
import { join } from 'node:path';
import {
  type HookEvent,
  hookLine,
  type HostKind,
  isHookLine,
  isObject,
  type Place,
} from './host.ts';
import { mcpEntry, skillFile } from './server-and-skill.ts';
import type { Element } from './wish.ts';

const context = (hookEventName: string, additionalContext: string): object => ({
  hookSpecificOutput: { hookEventName, additionalContext },
});

/** A day: how long an idle session can be woken. */
const LONGEST_WAKE = 86_400;

const hook = (
  place: Place,
  at: string,
  event: HookEvent,
  more: object,
  matcher?: string,
): Element => ({
  kind: 'element',
  at: ['hooks', at],
  value: {
    ...(matcher !== undefined && { matcher }),
    hooks: [{ type: 'command', command: hookLine(place, 'claude', event), timeout: 10, ...more }],
  },
  isOurs: (handler) => isObject(handler) && isHookLine(handler['command'], 'claude', event),
});

export const claude: HostKind = {
  name: 'claude',
  title: 'Claude Code',
  voice: {
    session: (given) => given['session_id'],
    context: (event, text) =>
      context(event === 'start' ? 'SessionStart' : 'UserPromptSubmit', text),
    stop: (reason) => ({ decision: 'block', reason }),
    isStopping: (given) => given['stop_hook_active'] === true,
    tool: ({ tool_input: input }, owner) =>
      isObject(input) && input['owner'] === undefined
        ? { hookSpecificOutput: { hookEventName: 'PreToolUse', updatedInput: { ...input, owner } } }
        : null,
    wake: {
      // Without a person it would be waited for: a hook in the background is there for sessions that stay open.
      idle: (env) => env['CLAUDE_CODE_SESSION_ATTENDED'] === '1',
      answer: (words) => ({ words, exitCode: 2 }),
    },
  },
  wishes: (place) => {
    const { home, project, env } = place;
    const own = env['CLAUDE_CONFIG_DIR'];
    const folder = project === null ? own || join(home, '.claude') : join(project, '.claude');
    const servers =
      project === null ? join(own || home, '.claude.json') : join(project, '.mcp.json');
    return [
      {
        kind: 'json',
        path: servers,
        entries: [mcpEntry(place, ['mcpServers', 'tend'], { type: 'stdio' })],
      },
      {
        kind: 'json',
        path: join(folder, 'settings.json'),
        entries: [
          hook(place, 'SessionStart', 'start', {}),
          hook(place, 'UserPromptSubmit', 'prompt', {}),
          hook(place, 'PreToolUse', 'tool', {}, 'mcp__tend__.*'),
          hook(place, 'Stop', 'stop', {}),
          hook(place, 'Stop', 'wake', { asyncRewake: true, timeout: LONGEST_WAKE }),
        ],
      },
      skillFile(place, 'claude', join(folder, 'skills')),
    ];
  },
  notes: ({ project }) => [
    'Sessions that are open now take it up when they are started anew.',
    ...(project === null
      ? []
      : ['Claude Code asks each person once whether to use the servers of .mcp.json.']),
  ],
};
