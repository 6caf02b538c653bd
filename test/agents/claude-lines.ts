import { replay } from '../../src/engine/replay.ts';
import type { AgentEvent } from '../../src/domain/agent-event.ts';
import type { Exit } from '../../src/domain/attempt.ts';
import type { Agent, LaunchRequest } from '../../src/ports/agent.ts';
import { PLACE } from './recordings.ts';

export const SESSION = '11111111-1111-4111-8111-111111111111';
export const OTHER = '22222222-2222-4222-8222-222222222222';

type Line = Readonly<Record<string, unknown>>;

export const init = (more: Line = {}): Line => ({
  type: 'system',
  subtype: 'init',
  session_id: SESSION,
  model: 'a-model',
  claude_code_version: '2.1.329',
  ...more,
});

export const assistant = (content: unknown, more: Line = {}, message: Line = {}): Line => ({
  type: 'assistant',
  session_id: SESSION,
  parent_tool_use_id: null,
  message: { id: 'msg_1', model: 'a-model', content, ...message },
  ...more,
});

export const said = (text: string, more: Line = {}, message: Line = {}): Line =>
  assistant([{ type: 'text', text }], more, message);

export const call = (name: string, input: unknown, id = 'toolu_1', more: Line = {}): Line =>
  assistant([{ type: 'tool_use', id, name, input }], more);

export const returned = (block: Line, more: Line = {}): Line => ({
  type: 'user',
  session_id: SESSION,
  parent_tool_use_id: null,
  message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', ...block }] },
  ...more,
});

export const result = (more: Line = {}): Line => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  session_id: SESSION,
  num_turns: 1,
  result: 'All done.',
  usage: {
    input_tokens: 10,
    output_tokens: 5,
    cache_read_input_tokens: 3,
    cache_creation_input_tokens: 2,
  },
  ...more,
});

/** What a run comes to that prints these lines; a text is a line as it stands. */
export function run(
  agent: Agent,
  lines: readonly (Line | string)[],
  end: { exit?: Exit; stderr?: string; resumed?: string | null } = {},
) {
  const stdout = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  const { report, outcome, events } = replay(
    agent,
    {
      stdout: Buffer.from(stdout.map((line) => `${line}\n`).join('')),
      stderr: Buffer.from(end.stderr === undefined ? '' : `${end.stderr}\n`),
      exit: end.exit ?? { code: 0 },
      resumed: end.resumed ?? null,
    },
    PLACE,
  );
  const told: AgentEvent[] = events.map(({ event }) => event);
  return { report, outcome, events: told, kinds: told.map(({ kind }) => kind) };
}

export const request = (more: Partial<LaunchRequest> = {}): LaunchRequest => ({
  program: '/opt/agent',
  prompt: 'Fix the bug.',
  cwd: '/home/dev/repo',
  model: null,
  envelope: { turns: 40, costUsd: 2, minutes: 30 },
  permissions: 'workspace',
  sessionId: SESSION,
  resume: false,
  isolated: false,
  root: false,
  folder: '/tmp/attempt',
  environment: { HOME: '/home/dev' },
  ...more,
});
