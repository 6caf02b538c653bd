import { codex } from '../../src/adapters/agents/codex.ts';
import { AgentReading } from '../../src/engine/agent-reading.ts';
import type { AgentEvent, AgentStream, Usage } from '../../src/ports/agent.ts';
import { comesTo, PLACE, type RecordedRun } from './recordings.ts';

export const THREAD = '01a1fbb1-9130-7510-b4a3-32209359cd2d';
export const OPENED = [{ type: 'thread.started', thread_id: THREAD }, { type: 'turn.started' }];
export const USAGE = { input_tokens: 10, cached_input_tokens: 4, output_tokens: 2 };
export const COMPLETED = { type: 'turn.completed', usage: USAGE };
export const failedWith = (message: string) => ({ type: 'turn.failed', error: { message } });
export const item = (of: object, stage = 'completed') => ({ type: `item.${stage}`, item: of });
export const says = (said: string) => item({ id: 'm', type: 'agent_message', text: said });
export const runs = (id: string, stage = 'completed') =>
  item({ id, type: 'command_execution', command: 'ls', exit_code: 0, status: 'completed' }, stage);

export const lines = (...of: readonly (object | string)[]): Buffer =>
  Buffer.from(
    of.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  );
export const run = (stdout: Buffer, over: Partial<RecordedRun> = {}): RecordedRun => ({
  argv: [],
  stdout,
  stderr: Buffer.alloc(0),
  log: null,
  exit: { code: 0 },
  ...over,
});
export const outcomeOf = (...of: readonly (object | string)[]): string =>
  comesTo(codex, run(lines(...OPENED, ...of))).outcome;

/** All events of lines that arrive one after the other, each on its stream, with the report at the end. */
export function reading(
  before: Usage | null,
  ...parts: readonly (readonly [AgentStream, Buffer, number?])[]
) {
  const reader = new AgentReading(codex, before);
  const events = parts.flatMap(([stream, bytes, now = PLACE.now]) =>
    reader.push(stream, bytes, { ...PLACE, now }),
  );
  return { report: reader.report, events: events.map(({ event }) => event) };
}
export const kinds = (events: readonly AgentEvent[], kind: AgentEvent['kind']): AgentEvent[] =>
  events.filter((event) => event.kind === kind);
