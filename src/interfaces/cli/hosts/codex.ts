/** Codex (checked with 0.169.0). */
import { join } from 'node:path';
import {
  type HookEvent,
  hookLine,
  type HostKind,
  isHookLine,
  isObject,
  type Place,
} from './host.ts';
import { skillFile } from './server-and-skill.ts';
import type { Element } from './wish.ts';

const context = (hookEventName: string, additionalContext: string): object => ({
  hookSpecificOutput: { hookEventName, additionalContext },
});

const hook = (place: Place, at: string, event: HookEvent): Element => ({
  kind: 'element',
  at: ['hooks', at],
  value: { hooks: [{ type: 'command', command: hookLine(place, 'codex', event), timeout: 10 }] },
  isOurs: (handler) => isObject(handler) && isHookLine(handler['command'], 'codex', event),
});

/** It gives its servers little of its own environment: what decides where Tend's state is must be named. */
const PASSED = [
  'TEND_HOME',
  'TEND_OWNER',
  'TEND_TASK_ID',
  'XDG_RUNTIME_DIR',
  'XDG_STATE_HOME',
  'XDG_CONFIG_HOME',
];

const toml = (value: unknown): string => JSON.stringify(value);

export const codex: HostKind = {
  name: 'codex',
  title: 'Codex',
  voice: {
    session: (given) => given['session_id'],
    context: (event, text) =>
      context(event === 'start' ? 'SessionStart' : 'UserPromptSubmit', text),
    stop: (reason) => ({ decision: 'block', reason }),
    isStopping: (given) => given['stop_hook_active'] === true,
    // It takes changed input only together with its permission, which is not ours to give; it names its thread itself.
    tool: () => null,
    wake: null,
  },
  wishes: (place) => {
    const { home, project, env, command } = place;
    const folder =
      project === null ? env['CODEX_HOME'] || join(home, '.codex') : join(project, '.codex');
    const [program, ...args] = [...command, 'mcp'];
    return [
      {
        kind: 'toml',
        path: join(folder, 'config.toml'),
        table: ['mcp_servers', 'tend'],
        lines: [
          `command = ${toml(program)}`,
          `args = [${args.map(toml).join(', ')}]`,
          `env_vars = [${PASSED.map(toml).join(', ')}]`,
        ],
      },
      {
        kind: 'json',
        path: join(folder, 'hooks.json'),
        entries: [
          hook(place, 'SessionStart', 'start'),
          hook(place, 'UserPromptSubmit', 'prompt'),
          hook(place, 'Stop', 'stop'),
        ],
      },
      skillFile(
        place,
        'codex',
        project === null ? join(folder, 'skills') : join(project, '.agents', 'skills'),
      ),
    ];
  },
  notes: ({ project }) => [
    'Codex runs new hooks only after you have trusted them: start codex, then /hooks.',
    ...(project === null ? [] : ['It reads the files of a repository only when you trust that.']),
    'It cannot be woken while it is idle: news comes with your next prompt.',
  ],
};
