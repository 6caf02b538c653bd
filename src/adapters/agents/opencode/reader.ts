import type { AgentEvent } from '../../../domain/agent-event.ts';
import type { AgentReader, AgentStream, ReadingPlace } from '../../../ports/agent.ts';
import { child, flag, type Json, number, objectIn, text } from '../json.ts';
import { PlainLines } from '../plain.ts';
import { errorEvents } from './error.ts';
import { LogReader } from './log.ts';
import { toolEvents } from './tools.ts';

/** Steps in a row without any outcome after which they are taken for endless. */
const MOST_EMPTY_STEPS = 5;
/** A stdout that begins so is a document, such as a list of sessions, and no run. */
const DOCUMENT = /^[[{]\s*$/;

/** What stands between two `step_start`. */
interface Step {
  message: string | null;
  texts: string[];
  tools: number;
}

/** Reads `run --format json --print-logs` of opencode and its relatives. */
export class OpencodeReader implements AgentReader {
  readonly #plain = new PlainLines();
  readonly #log = new LogReader();
  #begun = false;
  #isDocument = false;
  #session: string | null = null;
  #step: Step | null = null;
  #emptySteps = 0;
  /** The text of a step that ended the work, unless something follows. */
  #answer: string | null = null;
  /** When stdout last told of an answer or an error, epoch ms. */
  #toldAt = Number.NEGATIVE_INFINITY;

  line(line: string, stream: AgentStream, place: ReadingPlace): readonly AgentEvent[] | null {
    switch (stream) {
      case 'stdout':
        return this.#stdout(line, place);
      case 'stderr':
        return this.#log.line(line, place, this.#toldAt);
      case 'log':
        return null;
    }
  }

  /** There is no terminal event: a compaction of the session ends a step like an answer, and the work goes on. */
  end(): readonly AgentEvent[] {
    return this.#answer === null || this.#log.fellBack
      ? []
      : [{ kind: 'final', ok: true, text: this.#answer, failure: null, message: null }];
  }

  #stdout(line: string, place: ReadingPlace): readonly AgentEvent[] | null {
    const event = this.#isDocument ? null : objectIn(line);
    const sessionId = event === null ? null : text(event, 'sessionID');
    if (event === null || sessionId === null) return this.#foreign(line);
    this.#begun = true;
    const withdrawn = this.#plain.protocol();
    const at = number(event, 'timestamp') ?? place.now;
    const events =
      this.#session === null || sessionId === this.#session
        ? [...this.#opening(sessionId), ...this.#own(event, { ...place, now: at })]
        : this.#subagents(event);
    return withdrawn.length === 0 ? events : [...withdrawn, ...events];
  }

  #foreign(line: string): readonly AgentEvent[] | null {
    this.#isDocument ||= !this.#begun && DOCUMENT.test(line);
    this.#begun = true;
    return this.#isDocument ? null : this.#plain.line(line);
  }

  #opening(sessionId: string): AgentEvent[] {
    if (this.#session !== null) return [];
    this.#session = sessionId;
    return [{ kind: 'session', sessionId, model: null, version: null }];
  }

  #own(event: Json, place: ReadingPlace): AgentEvent[] {
    const part = child(event, 'part');
    switch (text(event, 'type')) {
      case 'step_start':
        this.#step = { message: text(part, 'messageID'), texts: [], tools: 0 };
        this.#answer = null;
        return [];
      case 'text':
        return this.#text(part, place.now);
      case 'reasoning':
        return [{ kind: 'thinking', text: text(part, 'text') ?? '' }];
      case 'tool_use':
        if (this.#step !== null) this.#step.tools += 1;
        this.#toldAt = place.now;
        return toolEvents(part);
      case 'step_finish':
        return this.#finish(part);
      case 'error': {
        this.#answer = null;
        this.#toldAt = place.now;
        return this.#error(child(event, 'error'), place);
      }
      default:
        return [];
    }
  }

  #text(part: Json, now: number): AgentEvent[] {
    const said = text(part, 'text') ?? '';
    const message = text(part, 'messageID');
    const current = this.#step?.message ?? message;
    // Words that opencode says to the model in the person's stead: the work goes on.
    if (flag(part, 'synthetic') || message !== current) {
      this.#answer = null;
      return [];
    }
    this.#step?.texts.push(said);
    this.#toldAt = now;
    return [{ kind: 'text', text: said }];
  }

  #finish(part: Json): AgentEvent[] {
    const { texts, tools } = this.#step ?? { texts: [], tools: 0 };
    const reason = text(part, 'reason') ?? 'unknown';
    const isEmpty = reason === 'unknown' && tools === 0;
    this.#emptySteps = isEmpty ? this.#emptySteps + 1 : 0;
    this.#answer = reason === 'stop' ? texts.join('\n\n') : null;
    return [usageOf(part), ...this.#ending(reason)];
  }

  #ending(reason: string): AgentEvent[] {
    if (reason === 'length')
      return [
        {
          kind: 'error',
          message: 'the answer was cut off at the longest output of the model',
          failure: 'no_final_answer',
        },
      ];
    if (this.#emptySteps !== MOST_EMPTY_STEPS) return [];
    const message = `the model gave ${MOST_EMPTY_STEPS} empty answers in a row`;
    return [{ kind: 'final', ok: false, text: null, failure: 'agent_error', message }];
  }

  #error(error: Json, place: ReadingPlace): AgentEvent[] {
    const cause = this.#log.causes.get(text(child(error, 'data'), 'ref') ?? '');
    if (cause !== undefined) return [{ kind: 'error', ...cause }];
    return errorEvents(error, place);
  }

  /** Another session than the run's own has a bill, but no answer. */
  #subagents(event: Json): AgentEvent[] {
    return text(event, 'type') === 'step_finish' ? [usageOf(child(event, 'part'))] : [];
  }
}

function usageOf(part: Json): AgentEvent {
  const tokens = child(part, 'tokens');
  const cache = child(tokens, 'cache');
  const cached = number(cache, 'read');
  return {
    kind: 'usage',
    scope: 'turn',
    turns: 1,
    usage: {
      inputTokens: sum(number(tokens, 'input'), cached, number(cache, 'write')),
      outputTokens: sum(number(tokens, 'output'), number(tokens, 'reasoning')),
      cachedTokens: cached,
      costUsd: number(part, 'cost'),
    },
  };
}

/** Null when nothing of it is known. */
function sum(...values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
