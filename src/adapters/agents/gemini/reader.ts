import { type AgentEvent, summary, type Usage } from '../../../domain/agent-event.ts';
import type { AgentFailure } from '../../../domain/agent-outcome.ts';
import type { AgentReader, AgentStream, ReadingPlace } from '../../../ports/agent.ts';
import { asObject, child, flag, type Json, number, objectIn, text } from '../json.ts';
import { PlainLines } from '../plain.ts';
import { isResult, PrintedObject, resultEvents, STOPS } from './printed.ts';
import { refusalIn } from './refusal.ts';
import { Attempts } from './stderr.ts';
import { Calls } from './tools.ts';

const NOTHING: readonly AgentEvent[] = [];

/** A model call of which no numbers are told yet. */
const TURN: AgentEvent = {
  kind: 'usage',
  scope: 'turn',
  usage: { inputTokens: null, outputTokens: null, cachedTokens: null, costUsd: null },
  turns: 1,
};

/** Errors that are named by their class. */
const NAMED: Readonly<Record<string, AgentFailure>> = {
  FatalTurnLimitedError: 'max_turns',
  FatalAuthenticationError: 'auth_failed',
  ModelNotFoundError: 'model_unavailable',
};

/** Reads `gemini --output-format stream-json`, what `json` and `text` print, and the tries told on stderr. */
export class GeminiReader implements AgentReader {
  readonly #plain = new PlainLines();
  readonly #printed = new PrintedObject();
  readonly #attempts = new Attempts();
  readonly #calls = new Calls();
  #session: string | null = null;
  #turns = 0;
  /** The model's next word begins a call. */
  #next = true;
  /** What stopped the work, though it may be called a success. */
  #stopped: { message: string; failure: AgentFailure | null } | null = null;
  /** The result was told: what still comes changes nothing. */
  #ended = false;

  line(line: string, stream: AgentStream, place: ReadingPlace): readonly AgentEvent[] | null {
    switch (stream) {
      case 'stdout':
        return this.#stdout(line, place);
      case 'stderr':
        return this.#attempts.line(line, place);
      case 'log':
        return NOTHING;
    }
  }

  #stdout(line: string, place: ReadingPlace): readonly AgentEvent[] | null {
    const part = this.#printed.line(line);
    if (part !== null) return this.#part(part);
    const event = objectIn(line);
    const events = event === null ? null : this.#event(event, place);
    return events === null ? this.#plain.line(line) : this.#protocol(events);
  }

  #protocol(events: readonly AgentEvent[]): readonly AgentEvent[] {
    const withdrawn = this.#plain.protocol();
    return withdrawn.length === 0 ? events : [...withdrawn, ...events];
  }

  #part({ lines, object }: { lines: readonly string[]; object: Json | null }) {
    if (object !== null && isResult(object)) return this.#protocol(resultEvents(object));
    // An object that a plain answer is, or is part of.
    return lines.flatMap((line) => this.#plain.line(line) ?? NOTHING);
  }

  #event(event: Json, place: ReadingPlace): readonly AgentEvent[] | null {
    switch (text(event, 'type')) {
      case 'init':
        return this.#opened(event);
      case 'message':
        return this.#message(event);
      case 'tool_use':
        return this.#ended ? NOTHING : this.#tool(event);
      case 'tool_result':
        this.#next = true;
        return this.#ended ? NOTHING : this.#calls.finished(event);
      case 'error':
        return this.#error(event, place);
      case 'result':
        return this.#result(event, place);
      default:
        return isResult(event) ? resultEvents(event) : null;
    }
  }

  #opened(event: Json): readonly AgentEvent[] {
    const sessionId = text(event, 'session_id');
    if (sessionId === null || sessionId === this.#session) return NOTHING;
    if (this.#session !== null)
      return [{ kind: 'warning', message: `another session was named: ${summary(sessionId)}` }];
    this.#session = sessionId;
    return [{ kind: 'session', sessionId, model: text(event, 'model'), version: null }];
  }

  #message(event: Json): readonly AgentEvent[] {
    const content = text(event, 'content') ?? '';
    if (text(event, 'role') !== 'assistant' || content === '' || this.#ended) return NOTHING;
    const said: AgentEvent = flag(event, 'delta')
      ? { kind: 'text', text: content, delta: true }
      : { kind: 'text', text: content };
    const begun = this.#active();
    return begun === null ? [said] : [begun, said];
  }

  #tool(event: Json): readonly AgentEvent[] {
    const begun = this.#active();
    const started = this.#calls.started(event);
    return begun === null ? started : [begun, ...started];
  }

  /** The model did something: the event of its call, if it is the first thing of one. */
  #active(): AgentEvent | null {
    this.#stopped = null;
    if (!this.#next) return null;
    this.#next = false;
    this.#turns += 1;
    return TURN;
  }

  #error(event: Json, place: ReadingPlace): readonly AgentEvent[] {
    const raw = text(event, 'message') ?? '';
    const { message, failure, limit } = refusalIn(raw, place);
    const severe = text(event, 'severity') !== 'warning';
    const empty = /\bempty response\b/i.test(raw) ? 'no_final_answer' : null;
    if (severe || STOPS.test(raw)) this.#stopped = { message, failure: failure ?? empty };
    if (!severe) return [{ kind: 'warning', message: summary(message) }];
    const told: readonly AgentEvent[] = limit === null ? NOTHING : [{ kind: 'limit', ...limit }];
    return [...told, { kind: 'error', message, failure }];
  }

  #result(event: Json, place: ReadingPlace): readonly AgentEvent[] {
    this.#ended = true;
    const usage = this.#usage(asObject(event['stats']));
    if (text(event, 'status') === 'success' && this.#stopped === null)
      return [...usage, { kind: 'final', ok: true, text: null, failure: null, message: null }];
    const error = child(event, 'error');
    const raw = text(error, 'message');
    const told = raw === null ? null : refusalIn(raw, place);
    const named = NAMED[text(error, 'type') ?? ''] ?? null;
    const failure = named ?? told?.failure ?? this.#stopped?.failure ?? 'agent_error';
    const message = told?.message ?? this.#stopped?.message ?? 'the agent ended with an error';
    const limit = named === null ? (told?.limit ?? null) : null;
    return [
      ...usage,
      ...(limit === null ? NOTHING : [{ kind: 'limit' as const, ...limit }]),
      { kind: 'final', ok: false, text: null, failure, message },
    ];
  }

  #usage(stats: Json | null): readonly AgentEvent[] {
    if (stats === null) return NOTHING;
    const input = number(stats, 'input_tokens');
    const usage: Usage = {
      inputTokens: input,
      outputTokens: outputIn(stats, input),
      cachedTokens: number(stats, 'cached'),
      costUsd: null,
    };
    return [{ kind: 'usage', scope: 'attempt', usage, turns: this.#turns }];
  }
}

/** Thoughts are billed as output, and stand in the total alone. */
function outputIn(stats: Json, input: number | null): number | null {
  const output = number(stats, 'output_tokens');
  const total = number(stats, 'total_tokens');
  if (output === null || total === null || input === null) return output;
  return Math.max(output, total - input);
}
