import { z } from 'zod';
import { AGENT_EVENT_KINDS } from '../domain/agent-event.ts';
import { answerOf } from '../domain/agent-report.ts';
import { isDrain } from '../domain/drain.ts';
import type { Hold } from '../domain/holds.ts';
import { ending } from '../domain/outcome.ts';
import type { AgentMoment, AgentStatus, Replayed } from '../engine/facade.ts';
import { countField, durationField, flagField, idField, lineText, processText } from './fields.ts';
import { operation, streamOperation } from './operation.ts';
import { holdView, limitClass, usageView } from './schemas.ts';
import { heldView as held, isoOrNull, usageOf } from './view.ts';

const name = lineText(64).meta({ description: "The agent's name." });
const agentView = z
  .object({
    name: z.string(),
    installed: z.boolean(),
    program: z.string().nullable(),
    version: z.string().nullable(),
    verified: z.boolean().meta({ description: 'Its adapter was checked on the real program.' }),
    loggedIn: z.boolean().nullable(),
    active: z.int(),
    held: holdView.nullable().meta({ description: 'The hold that lasts longest.' }),
    holds: z.array(holdView),
    drained: z.boolean().meta({ description: 'It failed twice in a row; waits for an ack.' }),
    spentTodayUsd: z.number().meta({
      description: 'Since midnight; an attempt that told no cost counts as its ceiling.',
    }),
    capabilities: z.record(z.string(), z.boolean()),
  })
  .meta({ id: 'Agent' });

/** A hold without an end lasts longest. */
const lastsLongest = (a: Hold, b: Hold): number =>
  (b.retryAt ?? Infinity) === (a.retryAt ?? Infinity)
    ? 0
    : (b.retryAt ?? Infinity) - (a.retryAt ?? Infinity);

function view(status: AgentStatus): z.infer<typeof agentView> {
  const { name: called, program, version, verified, loggedIn, active, capabilities } = status;
  const holds = status.holds.toSorted(lastsLongest).map(held);
  return {
    name: called,
    installed: program !== null,
    program,
    version,
    verified,
    loggedIn,
    active,
    held: holds[0] ?? null,
    holds,
    drained: status.holds.some(isDrain),
    spentTodayUsd: status.spentUsd,
    capabilities: { ...capabilities },
  };
}

export const agents = operation({
  name: 'agents',
  summary: 'Every agent: installed, version, logged in, busy, held.',
  http: { method: 'POST', path: '/v1/agents', success: 200 },
  input: z.strictObject({
    env: z.record(z.string(), processText(1_000_000)).default({}).meta({
      description: 'Where to look for programs and accounts: PATH, HOME and the like.',
    }),
  }),
  output: z.object({ agents: z.array(agentView) }),
  run: async (engine, { env }) => ({ agents: (await engine.agents.list(env)).map(view) }),
});

export const agentList = operation({
  name: 'agentList',
  summary: 'Every agent, as the daemon itself would find it.',
  http: { method: 'GET', path: '/v1/agents', success: 200 },
  input: z.strictObject({}),
  output: z.object({ agents: z.array(agentView) }),
  run: async (engine) => ({
    agents: (await engine.agents.list(null)).map(view),
  }),
});

const holds = z.object({ holds: z.array(holdView) });

export const hold = operation({
  name: 'hold',
  summary: 'Lay an agent aside; its tasks wait in the queue.',
  http: { method: 'POST', path: '/v1/agents/{name}/hold', success: 200 },
  input: z.strictObject({
    name,
    for: durationField.nullable().default(null).meta({ description: 'Default: until released.' }),
    reason: lineText(300).default('held by a person'),
  }),
  output: holds,
  run: async (engine, given) => ({
    holds: (await engine.agents.hold(given.name, given.for, given.reason)).map(held),
  }),
});

export const release = operation({
  name: 'release',
  summary: 'End the holds of an agent; its tasks may start.',
  http: { method: 'POST', path: '/v1/agents/{name}/release', success: 200 },
  input: z.strictObject({ name }),
  output: holds,
  run: async (engine, given) => ({
    holds: (await engine.agents.release(given.name)).map(held),
  }),
});

const attempt = countField(1, 1_000_000).optional();

export const prompt = operation({
  name: 'prompt',
  summary: 'The prompt that an attempt of an agent was given, or will be.',
  http: { method: 'GET', path: '/v1/tasks/{id}/prompt', success: 200 },
  input: z.strictObject({ id: idField, attempt }),
  output: z.object({ attempt: z.int(), prompt: z.string() }),
  run: async (engine, given) => engine.agents.prompt(given.id, given.attempt ?? null),
});

export const agentEventView = z
  .looseObject({
    id: z.string().meta({ description: 'A stream goes on after this event when told it.' }),
    kind: z.enum(AGENT_EVENT_KINDS),
    at: z.iso.datetime().nullable(),
    attempt: z.int(),
    stream: z.string(),
    offset: z.int().meta({ description: 'Where the line of the event begins in its stream.' }),
  })
  .meta({ id: 'AgentEvent' });

const eventView = ({
  event,
  id,
  at,
  attempt: of,
  stream,
  offset,
}: AgentMoment): z.input<typeof agentEventView> => ({
  ...event,
  // A subagent has an id of its own.
  ...('id' in event && { subagent: event.id }),
  id,
  at: isoOrNull(at),
  attempt: of,
  stream,
  offset,
});

export const agentEvents = streamOperation({
  name: 'agentEvents',
  summary: 'What an agent told: text, tools, files, usage, limits, until its task has ended.',
  http: { method: 'GET', path: '/v1/tasks/{id}/agent-events', success: 200 },
  input: z.strictObject({
    id: idField,
    attempt,
    follow: flagField.default(true),
    after: lineText(100).optional().meta({ description: 'The id of the last event received.' }),
  }),
  position: 'after',
  item: agentEventView,
  async *stream(engine, given, signal) {
    const options = {
      after: given.after ?? null,
      attempt: given.attempt ?? null,
      follow: given.follow,
    };
    for await (const moment of engine.agents.events(given.id, options, signal))
      yield { id: moment.id, event: 'agent', data: eventView(moment) };
  },
});

export const recording = streamOperation({
  name: 'recording',
  summary: 'One attempt of an agent as the lines of a recording: its bytes and their times.',
  http: { method: 'GET', path: '/v1/tasks/{id}/recording', success: 200 },
  input: z.strictObject({ id: idField, attempt, after: countField(0, 1e9).optional() }),
  position: 'after',
  item: z.object({ line: z.string() }),
  async *stream(engine, given) {
    let count = 0;
    for await (const line of engine.agents.recording(given.id, given.attempt ?? null)) {
      count += 1;
      if (count > (given.after ?? 0))
        yield { id: String(count), event: 'line', data: { line: line.trimEnd() } };
    }
  },
});

const EXIT = /^(?:(\d{1,3})|(?:SIG)?([A-Z][A-Z0-9]{1,9}))$/i;

const exit = z.union([z.string(), z.int().min(0).max(255)]).transform((given, context) => {
  const [, code, signal] = EXIT.exec(String(given)) ?? [];
  if (code !== undefined && Number(code) <= 255) return { code: Number(code) };
  if (signal !== undefined) return { signal: `SIG${signal.toUpperCase()}` };
  context.addIssue({
    code: 'custom',
    message: 'is no exit code (0 to 255) and no signal (SIGTERM)',
  });
  return z.NEVER;
});

const file = processText(4_096)
  .startsWith('/', 'must be an absolute path')
  .meta({ description: 'Absolute path of a file on the machine of the daemon.' });

export const replay = operation({
  name: 'replay',
  summary: "What a recorded run of an agent comes to with today's adapter; nothing is run.",
  http: { method: 'POST', path: '/v1/replay', success: 200 },
  input: z.strictObject({
    agent: name,
    stdout: file,
    stderr: file.optional(),
    exit: exit.prefault('0'),
    resumed: lineText(200).nullable().default(null).meta({
      description: 'The session that the run was to resume.',
    }),
  }),
  output: z.object({
    outcome: z.string(),
    reason: z.string().nullable(),
    message: z.string().nullable(),
    sessionId: z.string().nullable(),
    finalText: z.string().nullable(),
    usage: usageView,
    limit: z.object({ class: limitClass, until: z.iso.datetime().nullable() }).nullable(),
    events: z.int(),
    unknownLines: z.int(),
  }),
  run: async (engine, { agent, stderr, ...recorded }) => {
    const files = { ...recorded, stderr: stderr ?? null };
    return replayView(await engine.agents.replay(agent, files), recorded.exit);
  },
});

function replayView({ report, outcome, events }: Replayed, ended: z.output<typeof exit>) {
  const came =
    outcome ??
    ('code' in ended
      ? { kind: 'exited' as const, code: ended.code }
      : { kind: 'signaled' as const, signal: ended.signal });
  const end = ending(came);
  const answer = answerOf(report);
  return {
    outcome: came.kind,
    reason: 'reason' in end ? end.reason : null,
    message: 'message' in came ? came.message : null,
    sessionId: report.sessionId,
    finalText: answer === '' ? null : answer,
    usage: usageOf(report.usage, report.turns),
    limit: 'limit' in came ? { class: came.limit.class, until: isoOrNull(came.limit.until) } : null,
    events,
    unknownLines: report.unknownLines,
  };
}
