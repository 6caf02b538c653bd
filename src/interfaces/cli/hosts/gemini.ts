/** Gemini CLI (checked with 0.61.0). */
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

/** Ms, other than elsewhere. */
const TIMEOUT = 10_000;

const hook = (place: Place, at: string, event: HookEvent, matcher?: string): Element => ({
  kind: 'element',
  at: ['hooks', at],
  value: {
    ...(matcher !== undefined && { matcher }),
    hooks: [
      {
        type: 'command',
        name: `tend-${event}`,
        command: hookLine(place, 'gemini', event),
        timeout: TIMEOUT,
      },
    ],
  },
  isOurs: (handler) => isObject(handler) && isHookLine(handler['command'], 'gemini', event),
});

/** A command line that starts tasks. */
const STARTS = /(^|[\s;&|(/])tend (run|batch|retry|resume|schedule)\b/;

/** The input with the owner in it; null = it is about nothing of ours. */
function owned(name: unknown, input: unknown, owner: string): object | null {
  if (!isObject(input)) return null;
  if (typeof name === 'string' && /^mcp_{1,2}tend_/.test(name))
    return input['owner'] === undefined ? { ...input, owner } : null;
  const { command } = input;
  if (name !== 'run_shell_command' || typeof command !== 'string' || !STARTS.test(command))
    return null;
  return { ...input, command: `export TEND_OWNER=${owner}; ${command}` };
}

export const gemini: HostKind = {
  name: 'gemini',
  title: 'Gemini CLI',
  voice: {
    session: (given) => given['session_id'],
    context: (event, text) => context(event === 'start' ? 'SessionStart' : 'BeforeAgent', text),
    stop: (reason) => ({ decision: 'deny', reason }),
    isStopping: (given) => given['stop_hook_active'] === true,
    tool: ({ tool_name: name, tool_input: input }, owner) => {
      // What a hook gives stands for the whole input.
      const whole = owned(name, input, owner);
      return whole === null
        ? null
        : { hookSpecificOutput: { hookEventName: 'BeforeTool', tool_input: whole } };
    },
    wake: null,
  },
  wishes: (place) => {
    const { home, project } = place;
    const folder = join(project ?? home, '.gemini');
    return [
      {
        kind: 'json',
        path: join(folder, 'settings.json'),
        entries: [
          mcpEntry(place, ['mcpServers', 'tend'], {}),
          hook(place, 'SessionStart', 'start'),
          hook(place, 'BeforeAgent', 'prompt'),
          hook(place, 'BeforeTool', 'tool', 'mcp_{1,2}tend_.*|run_shell_command'),
          hook(place, 'AfterAgent', 'stop'),
        ],
      },
      skillFile(place, 'gemini', join(folder, 'skills')),
    ];
  },
  notes: () => ['It cannot be woken while it is idle: news comes with your next prompt.'],
};
