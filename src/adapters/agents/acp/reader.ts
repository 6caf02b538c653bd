import { type AgentEvent, type PlanItem, summary } from '../../../domain/agent-event.ts';
import type { AgentFailure } from '../../../domain/agent-outcome.ts';
import { classify, failureOfStatus } from '../../../domain/refusal.ts';
import type { AgentReader, AgentStream } from '../../../ports/agent.ts';
import { asObject, child, flag, type Json, list, number, objectIn, text } from '../json.ts';
import { Tools } from './tools.ts';
import { costOf, Spending, tokensOf, turnTokens } from './usage.ts';

/** The protocol's own error codes. */
const AUTH_REQUIRED = -32000;

/** Understands what the holder prints. */
export class AcpReader implements AgentReader {
  readonly #notices: RegExp | null;
  readonly #tools = new Tools();
  readonly #spending = new Spending();
  #session: string | null = null;
  #message: string | null = null;
  /** The agent's own words, when nothing came after them. */
  #notice: string | null = null;

  /** `notices`: messages of the agent itself that it sends as if its model had said them. */
  constructor(notices: RegExp | null) {
    this.#notices = notices;
  }

  line(line: string, stream: AgentStream): readonly AgentEvent[] | null {
    const told = stream === 'stdout' ? objectIn(line) : null;
    if (told === null || told['acp'] !== 1) return stream === 'stdout' ? null : [];
    switch (text(told, 'type')) {
      case 'session':
        return this.#opened(told);
      case 'update':
        return this.#isOurs(told) ? this.#update(child(told, 'update')) : [];
      case 'permission':
        return this.#permission(child(told, 'asked'), child(told, 'answer'));
      case 'wrote':
        return this.#tools.wrote(text(told, 'path') ?? '', flag(told, 'isNew'));
      case 'stop':
        return this.#stop(told);
      case 'error':
        return [errorOf(told)];
      case 'noise':
        return [
          { kind: 'warning', message: summary(`not a message: ${text(told, 'text') ?? ''}`) },
        ];
      case 'interrupted':
        return [{ kind: 'warning', message: `interrupted by ${text(told, 'signal')}` }];
      case 'history':
      case 'other':
        return [];
      default:
        return null;
    }
  }

  #opened(told: Json): AgentEvent[] {
    const sessionId = text(told, 'sessionId');
    if (sessionId === null) return [];
    this.#session = sessionId;
    const version = text(child(told, 'agent'), 'version');
    return [{ kind: 'session', sessionId, model: text(told, 'model'), version }];
  }

  /** A child session's words are not the answer. */
  #isOurs(told: Json): boolean {
    const session = text(told, 'sessionId');
    return session === null || this.#session === null || session === this.#session;
  }

  #update(update: Json): AgentEvent[] {
    switch (text(update, 'sessionUpdate')) {
      case 'agent_message_chunk':
        return [...this.#chunk(update), ...this.#calls(update)];
      case 'agent_thought_chunk':
        return thought(textOf(update));
      case 'tool_call':
      case 'tool_call_update':
        this.#notice = null;
        return this.#tools.update(update);
      case 'plan':
        return planOf(update);
      case 'plan_update':
        return planOf(child(update, 'plan'));
      case 'usage_update': {
        const cost = costOf(update);
        return cost === null ? [] : this.#spending.cost(cost);
      }
      default:
        return [];
    }
  }

  /** A chunk continues the text before it, unless it says that it is of another message. */
  #chunk(update: Json): AgentEvent[] {
    const piece = textOf(update);
    if (piece === '') return [];
    this.#notice = this.#notices?.test(piece) === true ? piece : null;
    if (this.#notice !== null) return [{ kind: 'warning', message: summary(piece) }];
    const message = text(update, 'messageId');
    const isNext = message !== null && this.#message !== null && message !== this.#message;
    this.#message = message ?? this.#message;
    return [isNext ? { kind: 'text', text: piece } : { kind: 'text', text: piece, delta: true }];
  }

  /** Some agents tell the usage of each model call beside its text. */
  #calls(update: Json): AgentEvent[] {
    const tokens = tokensOf(child(child(update, '_meta'), 'usage'));
    return tokens === null ? [] : this.#spending.call(tokens);
  }

  #permission(asked: Json, answer: Json): AgentEvent[] {
    const id = text(asked, 'callId');
    const { title, kind } = asked;
    const events = id === null ? [] : this.#tools.meet({ toolCallId: id, title, kind });
    if (flag(answer, 'allowed')) return events;
    if (id !== null) this.#tools.refuse(id);
    const reason = summary(
      [text(asked, 'title'), text(answer, 'reason')].filter((part) => part).join(': '),
    );
    return [...events, { kind: 'permission_denied', tool: text(asked, 'kind'), reason }];
  }

  #stop(told: Json): AgentEvent[] {
    const usage = asObject(told['usage']);
    const tokens = turnTokens(usage, child(told, 'meta'));
    const spent = tokens === null ? [] : this.#spending.turn(tokens);
    return [
      ...this.#tools.close(),
      ...spent,
      finalOf(text(told, 'stopReason') ?? 'none', this.#notice),
    ];
  }
}

const STOPS: Readonly<Record<string, readonly [AgentFailure, string]>> = {
  max_turn_requests: ['max_turns', 'the agent reached its number of model calls'],
  max_tokens: ['agent_error', 'the answer was cut off by the token limit'],
  refusal: ['agent_error', 'the model refused to go on'],
  cancelled: ['agent_error', 'the turn was cancelled'],
};

/** Only the model's own words end a turn well. */
function finalOf(reason: string, notice: string | null): AgentEvent {
  if (reason === 'end_turn' && notice === null)
    return { kind: 'final', ok: true, text: null, failure: null, message: null };
  const unknown = ['agent_error', `the agent stopped for an unknown reason: ${reason}`] as const;
  const [failure, why] = (Object.hasOwn(STOPS, reason) ? STOPS[reason] : null) ?? unknown;
  const message = summary(notice ?? why);
  return { kind: 'final', ok: false, text: null, failure, message };
}

const textOf = (update: Json): string => text(child(update, 'content'), 'text') ?? '';

const thought = (piece: string): AgentEvent[] =>
  piece === '' ? [] : [{ kind: 'thinking', text: piece, delta: true }];

function planOf(plan: Json): AgentEvent[] {
  const items = list(plan, 'entries')
    .map(asObject)
    .filter((entry) => entry !== null)
    .map((entry) => ({
      text: text(entry, 'content') ?? '',
      status: statusOf(text(entry, 'status')),
    }));
  return Array.isArray(plan['entries']) ? [{ kind: 'plan', items }] : [];
}

const statusOf = (status: string | null): PlanItem['status'] =>
  status === 'completed' || status === 'in_progress' ? status : 'pending';

/** The holder's error: the agent's refusal, or why it could not be spoken to. */
function errorOf(told: Json): AgentEvent {
  const code = number(told, 'code');
  const data = asObject(told['data']) ?? {};
  const message = [text(told, 'message'), detailsIn(told['data'])]
    .filter((part) => part)
    .join(': ');
  const status = number(data, 'statusCode') ?? number(data, 'status') ?? code;
  const meaning = code === AUTH_REQUIRED ? 'auth_failed' : classify(message);
  const known = meaning ?? (status === null ? null : failureOfStatus(status));
  return {
    kind: 'error',
    message: summary(message),
    failure: known ?? failureOfPhase(text(told, 'phase')),
  };
}

/** Where agents put the words of the error that they met. */
function detailsIn(data: unknown): string | null {
  if (typeof data === 'string') return data;
  const fields = asObject(data) ?? {};
  return (
    text(fields, 'details') ??
    text(fields, 'message') ??
    text(fields, 'error') ??
    text(child(fields, 'error'), 'message')
  );
}

function failureOfPhase(phase: string | null): AgentFailure | null {
  switch (phase) {
    case 'resume':
      return 'resume_unavailable';
    case 'model':
      return 'model_unavailable';
    default:
      return null;
  }
}
