import { join } from 'node:path';
import { type AgentEvent, summary } from '../../domain/agent-event.ts';
import type { AgentFailure } from '../../domain/agent-outcome.ts';
import { TendError } from '../../domain/errors.ts';
import { judge } from '../../domain/judge.ts';
import type {
  Agent,
  AgentOutcome,
  AgentReader,
  AgentReport,
  AgentStream,
  AttemptEnd,
  Launch,
  LaunchRequest,
  ReadingPlace,
} from '../../ports/agent.ts';
import { flagValue, promptPlace } from './arguments.ts';
import { child, flag, type Json, objectIn, shown, text } from './json.ts';
import { bodyIn, failureOfProvider, givenUp } from './provider-error.ts';
import { SURROUNDINGS } from './surroundings.ts';

/** Factory's Droid, by `droid exec`, as its help and documentation describe it. */
export const droid: Agent = {
  name: 'droid',
  programs: ['droid'],
  verified: false,
  capabilities: {
    streams: true,
    resume: true,
    ownSessionId: false,
    maxTurns: false,
    maxBudget: false,
    input: false,
    reportsCost: false,
    needsPty: false,
    logFile: false,
    tools: false,
    asks: false,
  },
  accountVariables: ['HOME', 'FACTORY_API_KEY'],
  versionArguments: ['--version'],
  modelArguments: null,
  launch,
  reader: () => new DroidReader(),
  outcome,
  loggedIn: (given) => ((given['FACTORY_API_KEY'] ?? '') === '' ? null : true),
  traces: () => ({}),
};

const PROMPT_FILE = 'prompt.txt';

function launch(request: LaunchRequest): Launch {
  if (request.isolated)
    throw unsupported(
      'droid cannot be isolated',
      'no documented flag masks instructions, skills and servers: run it without isolation',
    );
  const { argument, stdin } = promptPlace(request.prompt, { subcommands: false });
  const argv = [
    request.program,
    'exec',
    '--output-format',
    'stream-json',
    ...permitted(request),
    ...(request.model === null ? [] : ['--model', flagValue('model', request.model)]),
    ...session(request),
    ...(stdin === null ? argument : ['--file', join(request.folder, PROMPT_FILE)]),
  ];
  const files = stdin === null ? {} : { [PROMPT_FILE]: stdin };
  return { argv, env: {}, unset: SURROUNDINGS, files, stdin: null };
}

const unsupported = (message: string, hint: string): TendError =>
  new TendError('unsupported', message, hint);

/** It only reads unless it is told otherwise. */
function permitted({ permissions }: LaunchRequest): readonly string[] {
  switch (permissions) {
    case 'read-only':
      return [];
    case 'full':
      return ['--skip-permissions-unsafe'];
    case 'workspace':
      throw unsupported(
        'droid cannot be kept to its folder: its levels of autonomy allow edits elsewhere, too',
        'ask for the permissions "read-only" or "full"',
      );
  }
}

function session({ sessionId, resume }: LaunchRequest): string[] {
  if (!resume) return [];
  if (sessionId !== null) return ['--session-id', flagValue('session id', sessionId)];
  throw unsupported(
    'droid cannot go on with a session whose id is not known',
    'start the task afresh',
  );
}

/** One object a line: `system`, `message`, `tool_call`, `tool_result`, `completion`, `error`. */
class DroidReader implements AgentReader {
  #session: string | null = null;
  readonly #tools = new Map<string, string>();

  line(line: string, stream: AgentStream, place: ReadingPlace): readonly AgentEvent[] | null {
    const event = stream === 'stdout' ? objectIn(line) : null;
    if (event === null) return null;
    const events = this.#events(event, place);
    return events === null ? null : [...this.#opened(event), ...events];
  }

  #opened(event: Json): AgentEvent[] {
    const sessionId = text(event, 'session_id') ?? '';
    if (sessionId === '' || this.#session !== null) return [];
    this.#session = sessionId;
    return [{ kind: 'session', sessionId, model: text(event, 'model'), version: null }];
  }

  #events(event: Json, place: ReadingPlace): readonly AgentEvent[] | null {
    switch (text(event, 'type')) {
      case 'system':
        return [];
      case 'message':
        return said(event);
      case 'tool_call':
        return this.#started(event);
      case 'tool_result':
        return this.#ended(event);
      case 'completion':
        return [done(text(event, 'finalText'))];
      case 'result':
        return [flag(event, 'is_error') ? failed(event) : done(text(event, 'result'))];
      case 'error':
        return errors(event, place);
      default:
        return null;
    }
  }

  #started(event: Json): AgentEvent[] {
    const tool = text(event, 'toolName') ?? text(event, 'toolId') ?? 'unknown';
    const callId = text(event, 'id');
    if (callId !== null) this.#tools.set(callId, tool);
    const parameters = child(event, 'parameters');
    const subject =
      text(parameters, 'command') ?? text(parameters, 'file_path') ?? shown(parameters);
    return [{ kind: 'tool_started', tool, callId, summary: summary(subject) }];
  }

  #ended(event: Json): AgentEvent[] {
    const callId = text(event, 'id');
    const tool = text(event, 'toolName') ?? (callId === null ? null : this.#tools.get(callId));
    return [
      {
        kind: 'tool_finished',
        tool: tool ?? text(event, 'toolId'),
        callId,
        ok: !flag(event, 'isError'),
        summary: summary(shown(event['value'])),
      },
    ];
  }
}

function said(event: Json): AgentEvent[] {
  const words = text(event, 'text') ?? '';
  return text(event, 'role') === 'assistant' && words !== '' ? [{ kind: 'text', text: words }] : [];
}

const done = (answer: string | null): AgentEvent => ({
  kind: 'final',
  ok: true,
  text: answer,
  failure: null,
  message: null,
});

const failed = (event: Json): AgentEvent => ({
  kind: 'final',
  ok: false,
  text: null,
  failure: null,
  message: text(event, 'result') ?? 'the agent reported an error',
});

/** A status of HTTP, and the provider's answer. */
const REFUSED = /^(\d{3})\s+(\{[\s\S]*)$/;
/** The plan's own words, which stand behind several statuses. */
const PLAN = /\b(?:allowance|usage limit|standard usage|reload your tokens)\b/i;

function errors(event: Json, place: ReadingPlace): AgentEvent[] {
  const message = text(event, 'message') ?? shown(event['error']);
  const [, status, answer] = REFUSED.exec(message) ?? [];
  if (status === undefined || answer === undefined)
    return [{ kind: 'error', message, failure: null }];
  const body = bodyIn(answer);
  const told = text(body, 'detail') ?? text(body, 'message') ?? message;
  const error = { message: told, status: Number(status), headers: {}, body };
  const failure: AgentFailure = PLAN.test(told) ? 'quota_exhausted' : failureOfProvider(error);
  return givenUp(failure, error, place);
}

function outcome(report: AgentReport, end: AttemptEnd): AgentOutcome | null {
  const judged = judge(report, end);
  // A session that it does not find ends it without a word.
  const silent = report.events === 0 && end.stderr.trim() === '';
  return end.resumed !== null && silent && judged?.kind === 'agent_error'
    ? { kind: 'resume_unavailable', message: `the session ${end.resumed} was not opened` }
    : judged;
}
