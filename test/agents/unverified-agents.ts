import type { AgentEvent } from '../../src/domain/agent-event.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import type { Exit } from '../../src/domain/attempt.ts';
import { ENVELOPES } from '../../src/domain/envelope.ts';
import { replay } from '../../src/engine/replay.ts';
import type { Agent, Launch, LaunchRequest } from '../../src/ports/agent.ts';
import { PLACE } from './recordings.ts';

const REQUEST: LaunchRequest = {
  program: '/opt/agent',
  prompt: 'do it',
  cwd: '/work/project',
  model: null,
  envelope: ENVELOPES.standard,
  permissions: 'full',
  sessionId: null,
  resume: false,
  isolated: false,
  root: false,
  folder: '/state/attempt',
  environment: {},
};

/** How the agent is started, for a request but for what is changed. */
export const launchOf = (agent: Agent, change: Partial<LaunchRequest> = {}): Launch =>
  agent.launch({ ...REQUEST, ...change });

/** The arguments as one text. */
export const argumentsOf = (agent: Agent, change: Partial<LaunchRequest> = {}): string =>
  launchOf(agent, change).argv.slice(1).join(' ');

interface Run {
  stderr?: string;
  exit?: Exit;
  resumed?: string | null;
}

/** What a run comes to that printed these lines. */
export function seen(agent: Agent, lines: readonly (object | string)[], run: Run = {}) {
  const { stderr = '', exit = { code: 0 }, resumed = null } = run;
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  const { report, outcome, events } = replay(
    agent,
    { stdout: Buffer.from(text.join('\n')), stderr: Buffer.from(stderr), exit, resumed },
    PLACE,
  );
  return { report, outcome, events: events.map(({ event }) => event), answer: answerOf(report) };
}

/** The events of one kind. */
export const of = <K extends AgentEvent['kind']>(events: readonly AgentEvent[], kind: K) =>
  events.filter((event): event is Extract<AgentEvent, { kind: K }> => event.kind === kind);

/** A line in which the model speaks. */
export const said = (text: string, session: object): object => ({
  type: 'assistant',
  message: { role: 'assistant', content: [{ type: 'text', text }] },
  ...session,
});
