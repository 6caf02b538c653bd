import type { AgentEvent } from '../../src/domain/agent-event.ts';
import type { Exit } from '../../src/domain/attempt.ts';
import { copilot } from '../../src/adapters/agents/copilot.ts';
import { replay } from '../../src/engine/replay.ts';
import { PLACE } from './recordings.ts';

export const SESSION = '11111111-2222-4333-8444-555555555555';
export const AT = PLACE.now;
const timestamp = new Date(AT).toISOString();

/** A line as Copilot prints it: what is `ephemeral` says so behind its data. */
export const line = (type: string, data: object, over: object = {}): string =>
  JSON.stringify({ type, data, ...over, id: 'i', timestamp, parentId: 'p' });
export const ephemeral = (type: string, data: object): string =>
  line(type, data, { ephemeral: true });

export const turn = (over: object = {}): string =>
  line('assistant.turn_start', { turnId: '0' }, over);
export const said = (
  content: string,
  toolRequests: readonly object[] = [],
  over: object = {},
): string => line('assistant.message', { content, toolRequests, model: 'gpt-5' }, over);
export const toolStarted = (toolName: string, args: object, over: object = {}): string =>
  line('tool.execution_start', { toolCallId: 'call_1', toolName, arguments: args }, over);
export const toolEnded = (data: object, over: object = {}): string =>
  line('tool.execution_complete', { toolCallId: 'call_1', ...data }, over);
export const callFailed = (errorMessage: unknown, over: object = {}): string =>
  ephemeral('model.call_failure', {
    statusCode: 429,
    retryAttempt: 0,
    errorMessage: typeof errorMessage === 'string' ? errorMessage : JSON.stringify(errorMessage),
    ...over,
  });
export const gaveUp = (errorType: string, message: string, over: object = {}): string =>
  line('session.error', { errorType, message, ...over });
export const result = (exitCode: unknown, sessionId: unknown = SESSION): string =>
  JSON.stringify({ type: 'result', timestamp, sessionId, exitCode, usage: { premiumRequests: 1 } });

interface Over {
  stderr?: readonly string[];
  log?: string;
  exit?: Exit;
  resumed?: string;
}

/** What a run with this output comes to, and its events without their places. */
export function run(stdout: readonly string[], { stderr = [], log, exit, resumed }: Over = {}) {
  const bytes = (lines: readonly string[]): Buffer =>
    Buffer.from(lines.map((one) => `${one}\n`).join(''));
  const { report, outcome, events } = replay(
    copilot,
    {
      stdout: bytes(stdout),
      stderr: bytes(stderr),
      exit: exit ?? { code: 0 },
      resumed: resumed ?? null,
      ...(log !== undefined && { log: Buffer.from(log) }),
    },
    PLACE,
  );
  return { report, outcome, events: events.map(({ event }) => event) };
}

export const kinds = (events: readonly AgentEvent[]): string[] => events.map(({ kind }) => kind);
