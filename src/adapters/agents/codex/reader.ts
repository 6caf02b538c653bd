import { type AgentEvent, summary, type Usage } from '../../../domain/agent-event.ts';
import type { AgentReader, AgentStream, ReadingPlace } from '../../../ports/agent.ts';
import { asObject, child, type Json, objectIn, text } from '../json.ts';
import { PlainLines } from '../plain.ts';
import { isOfModel, itemCompleted, itemStarted, TOOLS } from './items.ts';
import { failureOf, limitIn, readable } from './refusal.ts';
import { Rollout, usageOf } from './rollout.ts';
import { stderrLine } from './stderr.ts';
import { Turns } from './turns.ts';

const NOTHING: readonly AgentEvent[] = [];

/** `Reconnecting... 2/5 (cause)`, `Reconnecting... waiting for network (cause)`. */
const RECONNECTING = /^Reconnecting\.\.\.\s*(?:(\d+)\/\d+)?[^(]*(?:\(([\s\S]*)\))?/;
/** `cause; retrying 2/5 in 400ms…`, as older versions have it. */
const RETRYING = /^([\s\S]*?);? retrying (\d+)\/\d+ in ([\d.]+)(ms|s)\b/;

/** A model call of which no numbers are told yet. */
const TURN: AgentEvent = {
  kind: 'usage',
  scope: 'turn',
  usage: { inputTokens: null, outputTokens: null, cachedTokens: null, costUsd: null },
  turns: 1,
};

/** Reads `codex exec --json`, its stderr, and the file of its session. */
export class CodexReader implements AgentReader {
  readonly #plain = new PlainLines();
  readonly #rollout = new Rollout();
  readonly #turns = new Turns();
  #thread: string | null = null;
  /** The turn has ended: what still comes of its items changes nothing. */
  #ended = false;
  /** The refusal that was told, and whether its reset is the file's. */
  #told: { message: string; exact: boolean } | null = null;
  /** The totals with which the turn ended. */
  #total: Usage | null = null;

  line(line: string, stream: AgentStream, place: ReadingPlace): readonly AgentEvent[] | null {
    switch (stream) {
      case 'stdout':
        return this.#stdout(line, place);
      case 'stderr':
        return stderrLine(line);
      case 'log':
        return this.#log(line, place);
    }
  }

  #stdout(line: string, place: ReadingPlace): readonly AgentEvent[] | null {
    const event = objectIn(line);
    const events = event === null ? null : this.#event(event, place);
    if (events === null) return this.#plain.line(line);
    const withdrawn = this.#plain.protocol();
    return withdrawn.length === 0 ? events : [...withdrawn, ...events];
  }

  #event(event: Json, place: ReadingPlace): readonly AgentEvent[] | null {
    const type = text(event, 'type');
    switch (type) {
      case 'thread.started':
        return this.#opened(text(event, 'thread_id'), place);
      case 'turn.started':
        return this.#began();
      case 'item.started':
      case 'item.updated':
      case 'item.completed':
        return this.#ended ? NOTHING : this.#item(type, child(event, 'item'));
      case 'error':
        return this.#error(text(event, 'message') ?? '', place);
      case 'turn.completed':
        return this.#completed(event);
      case 'turn.failed':
        return this.#failed(text(child(event, 'error'), 'message') ?? '', place);
      default:
        return null;
    }
  }

  #opened(thread: string | null, { now }: ReadingPlace): readonly AgentEvent[] {
    this.#rollout.began(now);
    if (thread === null || thread === this.#thread) return NOTHING;
    if (this.#thread !== null)
      return [{ kind: 'warning', message: `another thread was named: ${summary(thread)}` }];
    this.#thread = thread;
    return this.#session();
  }

  #session(): readonly AgentEvent[] {
    if (this.#thread === null) return NOTHING;
    const { model, version } = this.#rollout;
    return [{ kind: 'session', sessionId: this.#thread, model, version }];
  }

  #began(): readonly AgentEvent[] {
    if (!this.#ended) return NOTHING;
    this.#ended = false;
    this.#rollout.another();
    // The end of an earlier turn is not the end of the work.
    const message = 'another turn was begun and not ended';
    return [{ kind: 'final', ok: false, text: null, failure: 'no_final_answer', message }];
  }

  #item(stage: 'item.started' | 'item.updated' | 'item.completed', item: Json) {
    const type = text(item, 'type') ?? '';
    const id = text(item, 'id') ?? '';
    const turn = isOfModel(type) && this.#turns.active() && !this.#countedByFile ? [TURN] : [];
    if (stage !== 'item.completed') {
      const begins = stage === 'item.started';
      if (begins && TOOLS.has(type)) this.#turns.toolStarted(id);
      return begins || type === 'todo_list' ? [...turn, ...itemStarted(item)] : turn;
    }
    const events = itemCompleted(item);
    if (events === null) return null;
    const started = TOOLS.has(type) && !this.#turns.toolEnded(id) ? itemStarted(item) : [];
    return [...turn, ...started, ...events];
  }

  get #countedByFile(): boolean {
    return (this.#rollout.totals?.calls ?? null) !== null;
  }

  #error(message: string, place: ReadingPlace): readonly AgentEvent[] {
    const retry = retryIn(message);
    if (retry !== null) {
      const { attempt, delay, cause } = retry;
      const events: AgentEvent[] = [
        { kind: 'retrying', attempt, delay, message: summary(message) },
      ];
      const refused = limitIn(cause, failureOf(cause), place, null);
      return refused === null ? events : [...events, { kind: 'limit', ...refused }];
    }
    const failure = failureOf(message);
    return [
      ...this.#refused(message, place),
      { kind: 'error', message: readable(message), failure },
    ];
  }

  /** The limit that a message tells of, once. */
  #refused(message: string, place: ReadingPlace): readonly AgentEvent[] {
    if (this.#told?.message === message) return NOTHING;
    const until = this.#rollout.resetOf(message);
    const refused = limitIn(message, failureOf(message), place, until);
    if (refused === null) return NOTHING;
    this.#told = { message, exact: until !== null };
    return [{ kind: 'limit', ...refused }];
  }

  #completed(event: Json): readonly AgentEvent[] {
    if (!this.#ended) this.#turns.active();
    this.#ended = true;
    const told = asObject(event['usage']);
    const usage = told === null ? this.#rollout.totals?.usage : usageOf(told);
    const turns = this.#rollout.totals?.calls ?? this.#turns.count;
    this.#total = usage ?? null;
    const end: AgentEvent = { kind: 'final', ok: true, text: null, failure: null, message: null };
    return usage === undefined ? [end] : [{ kind: 'usage', scope: 'session', usage, turns }, end];
  }

  #failed(message: string, place: ReadingPlace): readonly AgentEvent[] {
    this.#ended = true;
    const said = readable(message);
    return [
      ...this.#refused(message, place),
      ...this.#usage(),
      { kind: 'final', ok: false, text: null, failure: failureOf(message), message: said },
    ];
  }

  #usage(): readonly AgentEvent[] {
    const totals = this.#rollout.totals;
    if (totals === null || totals.calls === null) return NOTHING;
    // The file is read behind stdout, and its end may never be.
    if ((totals.usage.inputTokens ?? 0) < (this.#total?.inputTokens ?? 0)) return NOTHING;
    return [{ kind: 'usage', scope: 'session', usage: totals.usage, turns: totals.calls }];
  }

  #log(line: string, place: ReadingPlace): readonly AgentEvent[] {
    switch (this.#rollout.line(line)) {
      case 'session':
        return this.#session();
      case 'usage':
        return this.#usage();
      case 'refusal':
        return this.#corrected(place);
      case null:
        return NOTHING;
    }
  }

  /** The file's reset for a refusal that was told without it. */
  #corrected(place: ReadingPlace): readonly AgentEvent[] {
    const told = this.#told;
    const until = told === null || told.exact ? null : this.#rollout.resetOf(told.message);
    if (told === null || until === null) return NOTHING;
    const refused = limitIn(told.message, failureOf(told.message), place, until);
    if (refused === null) return NOTHING;
    this.#told = { ...told, exact: true };
    return [{ kind: 'limit', ...refused }];
  }
}

/** The announced next try that a message tells of; null = it tells of none. */
function retryIn(message: string) {
  const [again, attempt, cause] = RECONNECTING.exec(message) ?? [];
  if (again !== undefined) return { attempt: countOf(attempt), delay: null, cause: cause ?? '' };
  const [older, why = '', nth, delay, unit] = RETRYING.exec(message) ?? [];
  if (older === undefined) return null;
  const wait = Number(delay) * (unit === 's' ? 1000 : 1);
  return { attempt: countOf(nth), delay: Number.isFinite(wait) ? wait : null, cause: why };
}

const countOf = (digits: string | undefined): number | null =>
  digits === undefined ? null : Number(digits);
