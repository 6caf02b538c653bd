import type { AgentEvent } from '../../src/domain/agent-event.ts';
import type { Exit } from '../../src/domain/attempt.ts';
import { opencode } from '../../src/adapters/agents/opencode.ts';
import { replay } from '../../src/engine/replay.ts';
import { PLACE } from './recordings.ts';

export const SESSION = 'ses_0000000000000000000000000a';
export const AT = PLACE.now;

const line = (type: string, rest: object, sessionID = SESSION, timestamp = AT): string =>
  JSON.stringify({ type, timestamp, sessionID, ...rest });

/** What `run --format json` prints. */
export const started = (messageID = 'msg_1', session = SESSION): string =>
  line('step_start', { part: { messageID, type: 'step-start' } }, session);
export const said = (text: string, over: object = {}, session = SESSION): string =>
  line('text', { part: { messageID: 'msg_1', type: 'text', text, ...over } }, session);
export const used = (tool: string, state: object): string =>
  line('tool_use', { part: { type: 'tool', tool, callID: 'call_1', state } });
export const finished = (reason: string | null, session = SESSION): string =>
  line('step_finish', { part: { reason, tokens: TOKENS, cost: 0.5 } }, session);
export const failed = (name: string, data: object, timestamp = AT): string =>
  line('error', { error: { name, data } }, SESSION, timestamp);
export const TOKENS = { input: 800, output: 40, reasoning: 10, cache: { read: 400, write: 300 } };

/** What `--print-logs` writes. */
export const logged = (level: string, rest: string, at = AT): string =>
  `timestamp=${new Date(at).toISOString()} level=${level} run=0a0a0a0a ${rest}`;
export const callFailed = (message: string, over = '', at = AT): string =>
  logged(
    'ERROR',
    `message="stream error" providerID=p modelID=m session.id=${SESSION} ${over || 'small=false agent=build'} mode=primary error.error=${JSON.stringify(`AI_APICallError: ${message}`)}`,
    at,
  );

interface Over {
  stderr?: readonly string[];
  exit?: Exit;
  resumed?: string;
}

/** What a run with this output comes to, and its events without their places. */
export function run(stdout: readonly string[], { stderr = [], exit, resumed }: Over = {}) {
  const bytes = (lines: readonly string[]): Buffer =>
    Buffer.from(lines.map((one) => `${one}\n`).join(''));
  const { report, outcome, events } = replay(
    opencode,
    {
      stdout: bytes(stdout),
      stderr: bytes(stderr),
      exit: exit ?? { code: 0 },
      resumed: resumed ?? null,
    },
    PLACE,
  );
  return { report, outcome, events: events.map(({ event }) => event) };
}

export const kinds = (events: readonly AgentEvent[]): string[] => events.map(({ kind }) => kind);
