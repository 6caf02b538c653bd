/** Cursor (after its documentation: it does not run without its own service). */
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

const hook = (place: Place, at: string, event: HookEvent, more: object = {}): Element => ({
  kind: 'element',
  at: ['hooks', at],
  value: { command: hookLine(place, 'cursor', event), ...more },
  isOurs: (handler) => isObject(handler) && isHookLine(handler['command'], 'cursor', event),
});

export const cursor: HostKind = {
  name: 'cursor',
  title: 'Cursor',
  voice: {
    session: (given) => given['conversation_id'] ?? given['session_id'],
    // Before a prompt it takes nothing but a veto.
    context: (event, text, owner) =>
      event === 'start' ? { additional_context: text, env: { TEND_OWNER: owner } } : null,
    stop: (text) => ({ followup_message: text }),
    isStopping: (given) => typeof given['loop_count'] === 'number' && given['loop_count'] > 0,
    tool: ({ tool_input: input }, owner) =>
      isObject(input) && input['owner'] === undefined
        ? { updated_input: { ...input, owner } }
        : null,
    wake: null,
  },
  wishes: (place) => {
    const folder = join(place.project ?? place.home, '.cursor');
    return [
      {
        kind: 'json',
        path: join(folder, 'mcp.json'),
        entries: [mcpEntry(place, ['mcpServers', 'tend'], {})],
      },
      {
        kind: 'json',
        path: join(folder, 'hooks.json'),
        entries: [
          { kind: 'wanted', at: ['version'], value: 1 },
          hook(place, 'sessionStart', 'start'),
          hook(place, 'preToolUse', 'tool', { matcher: 'MCP:task_.*' }),
          hook(place, 'stop', 'stop'),
        ],
      },
      skillFile(place, 'cursor', join(folder, 'skills')),
    ];
  },
  notes: () => [
    'Not tried with Cursor itself: its files are written after its documentation.',
    'News comes at the end of a turn and when a session starts; with a prompt, and to an idle session, it cannot be told.',
  ],
};
