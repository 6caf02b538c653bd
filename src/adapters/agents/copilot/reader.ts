import { type AgentEvent, summary } from '../../../domain/agent-event.ts';
import type { AgentFailure } from '../../../domain/agent-outcome.ts';
import type { AgentReader, AgentStream, ReadingPlace } from '../../../ports/agent.ts';
import { child, type Json, list, number, objectIn, text } from '../json.ts';
import { PlainLines } from '../plain.ts';
import { type FailedCall, failedCall, limitMet, sessionError } from './failure.ts';
import { Calls, effectsOf } from './tools.ts';
import { NO_USAGE, UsageFile } from './usage.ts';

const NOTHING: readonly AgentEvent[] = [];
const HEAD = '{"type":"';

/** Lines of all other types are not looked into: there are dozens for each of these. */
const TOLD = new Set([
  'abort',
  'assistant.message',
  'assistant.turn_retry',
  'assistant.turn_start',
  'model.call_failure',
  'result',
  'session.error',
  'session.start',
  'session.warning',
  'session_limits_exhausted.requested',
  'subagent.completed',
  'subagent.failed',
  'subagent.started',
  'tool.execution_complete',
  'tool.execution_start',
]);

/** The type as it stands at the very beginning of a line, before all that a model or a tool wrote; null = not there. */
const headOf = (line: string): string | null =>
  line.startsWith(HEAD) ? line.slice(HEAD.length, line.indexOf('"', HEAD.length)) : null;

/** Reads `copilot --output-format json` and its usage file. */
export class CopilotReader implements AgentReader {
  readonly #plain = new PlainLines();
  readonly #usage = new UsageFile();
  readonly #calls = new Calls();
  #model: string | null = null;
  #failed: FailedCall | null = null;
  /** The turn has no message yet. */
  #isSilent = false;
  /** What went wrong since the model last answered. */
  #wrong: { message: string; failure: AgentFailure | null } | null = null;

  line(line: string, stream: AgentStream, place: ReadingPlace): readonly AgentEvent[] | null {
    if (stream === 'log') return this.#usage.line(line);
    if (stream === 'stderr') return NOTHING;
    const head = headOf(line);
    if (head !== null && !TOLD.has(head)) return this.#plain.protocol();
    const event = objectIn(line);
    const type = event === null ? null : text(event, 'type');
    if (event === null || type === null) return this.#plain.line(line);
    const withdrawn = this.#plain.protocol();
    const at = Date.parse(text(event, 'timestamp') ?? '');
    const events = this.#events(type, event, { ...place, now: Number.isNaN(at) ? place.now : at });
    return withdrawn.length === 0 ? events : [...withdrawn, ...events];
  }

  #events(type: string, event: Json, place: ReadingPlace): readonly AgentEvent[] {
    const data = child(event, 'data');
    const agent = text(event, 'agentId') ?? text(data, 'parentToolCallId');
    switch (type) {
      case 'assistant.turn_start':
        return this.#turn(agent);
      case 'assistant.message':
        return agent === null ? this.#message(data) : NOTHING;
      case 'tool.execution_start':
        return this.#started(data, agent);
      case 'tool.execution_complete': {
        const events = this.#calls.finished(data);
        return agent === null ? events : effectsOf(events);
      }
      case 'subagent.started':
      case 'subagent.completed':
      case 'subagent.failed':
        return [subagent(type, agent, data)];
      case 'session.start':
        return this.#session(text(data, 'sessionId'), text(data, 'copilotVersion'));
      case 'session.warning':
        return [{ kind: 'warning', message: summary(text(data, 'message') ?? '') }];
      case 'result':
        return this.#result(event);
      default:
        return agent === null
          ? this.#trouble(type, data, place)
          : this.#troubleOf(type, data, place);
    }
  }

  /** A subagent's failure is not the run's, but its limits are. */
  #troubleOf(type: string, data: Json, place: ReadingPlace): readonly AgentEvent[] {
    if (type === 'model.call_failure') return limitMet(failedCall(data), place);
    if (type !== 'session.error') return NOTHING;
    return [{ kind: 'warning', message: summary(text(data, 'message') ?? 'a subagent failed') }];
  }

  #trouble(type: string, data: Json, place: ReadingPlace): readonly AgentEvent[] {
    switch (type) {
      case 'model.call_failure':
        this.#failed = failedCall(data);
        return limitMet(this.#failed, place);
      case 'assistant.turn_retry': {
        const { attempt = null, message = null } = this.#failed ?? {};
        const reason = message ?? text(data, 'reason') ?? '';
        const next = attempt === null ? null : attempt + 1;
        return [{ kind: 'retrying', attempt: next, delay: null, message: summary(reason) }];
      }
      case 'session.error':
        return this.#wentWrong(sessionError(data, this.#failed, place));
      case 'abort':
        return this.#wentWrong([
          {
            kind: 'error',
            message: `aborted: ${text(data, 'reason') ?? 'stopped'}`,
            failure: null,
          },
        ]);
      case 'session_limits_exhausted.requested':
        return this.#wentWrong([
          {
            kind: 'error',
            message: 'the credits of the session are used up',
            failure: 'budget_exceeded',
          },
        ]);
      default:
        return NOTHING;
    }
  }

  #wentWrong(events: readonly AgentEvent[]): readonly AgentEvent[] {
    for (const event of events) if (event.kind === 'error') this.#wrong = event;
    return events;
  }

  /** A turn without a message was cut off at the longest output of the model: Copilot asks again, and says nothing. */
  #turn(agent: string | null): AgentEvent[] {
    const turn: AgentEvent = { kind: 'usage', scope: 'turn', usage: NO_USAGE, turns: 1 };
    if (agent !== null) return [turn];
    const wasCut = this.#isSilent && this.#failed === null;
    this.#isSilent = true;
    return wasCut
      ? [{ kind: 'warning', message: 'an answer was cut off, and asked for again' }, turn]
      : [turn];
  }

  #message(data: Json): AgentEvent[] {
    const said = text(data, 'content') ?? '';
    const thought = text(data, 'reasoningText') ?? '';
    this.#model = text(data, 'model') ?? this.#model;
    this.#failed = null;
    this.#isSilent = false;
    if (said !== '' || list(data, 'toolRequests').length > 0) this.#wrong = null;
    return [
      ...(thought === '' ? [] : [{ kind: 'thinking', text: thought } as const]),
      ...(said === '' ? [] : [{ kind: 'text', text: said } as const]),
    ];
  }

  #started(data: Json, agent: string | null): AgentEvent[] {
    const events = this.#calls.started(data);
    if (agent === null) return events;
    const what = text(data, 'toolName') ?? 'tool';
    return [{ kind: 'subagent', id: agent, status: 'working', summary: summary(what) }];
  }

  #session(sessionId: string | null, version: string | null): AgentEvent[] {
    return sessionId === null ? [] : [{ kind: 'session', sessionId, model: this.#model, version }];
  }

  /** The last line: `exitCode` is what Copilot makes of the run, and is 0 for some that it broke off. */
  #result(event: Json): AgentEvent[] {
    const code = number(event, 'exitCode');
    const wrong = this.#wrong;
    const ok = code === 0 && wrong === null;
    const message = wrong?.message ?? (ok ? null : `exit code ${code ?? 'unknown'}`);
    return [
      ...this.#session(text(event, 'sessionId'), null),
      { kind: 'final', ok, text: null, failure: wrong?.failure ?? null, message },
    ];
  }
}

const STATUS = {
  'subagent.started': 'started',
  'subagent.completed': 'finished',
  'subagent.failed': 'failed',
} as const;

const subagent = (type: keyof typeof STATUS, id: string | null, data: Json): AgentEvent => ({
  kind: 'subagent',
  id,
  status: STATUS[type],
  summary: summary(
    text(data, 'error') ?? text(data, 'agentDescription') ?? text(data, 'agentDisplayName') ?? '',
  ),
});
