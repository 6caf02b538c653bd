import { stripVTControlCharacters } from 'node:util';
import type { AgentEvent } from '../../../domain/agent-event.ts';
import type { AgentReader, AgentStream } from '../../../ports/agent.ts';
import { asObject, type Json, objectIn, shown, text } from '../json.ts';
import type { AnswerFields } from './definition.ts';

/** Stdout is the answer. */
export class TextReader implements AgentReader {
  line(line: string, stream: AgentStream): readonly AgentEvent[] | null {
    if (stream !== 'stdout') return null;
    return [{ kind: 'text', text: `${stripVTControlCharacters(line)}\n`, delta: true }];
  }
}

/** Lines of JSON, one of which is the final event. */
export class JsonLinesReader implements AgentReader {
  readonly #fields: AnswerFields;
  #session: string | null = null;

  constructor(fields: AnswerFields) {
    this.#fields = fields;
  }

  line(line: string, stream: AgentStream): readonly AgentEvent[] | null {
    const event = stream === 'stdout' ? objectIn(line) : null;
    if (event === null) return null;
    return [...this.#opened(event), ...this.#ended(event)];
  }

  #opened(event: Json): AgentEvent[] {
    const { session } = this.#fields;
    const sessionId = session === null ? undefined : at(event, session);
    if (typeof sessionId !== 'string' || sessionId === '' || sessionId === this.#session) return [];
    this.#session = sessionId;
    return [{ kind: 'session', sessionId, model: null, version: null }];
  }

  #ended(event: Json): AgentEvent[] {
    const { when, text: path, error } = this.#fields;
    if (!Object.entries(when).every(([field, value]) => at(event, field) === value)) return [];
    const answer = at(event, path);
    const said = answer === null || answer === undefined ? null : shown(answer);
    const failed = error === null ? undefined : at(event, error);
    // `false`, `null`, an empty text or 0 say that there was none.
    if (!failed) return [{ kind: 'final', ok: true, text: said, failure: null, message: null }];
    const message = messageOf(failed) ?? said ?? 'the agent reported an error';
    return [{ kind: 'final', ok: false, text: null, failure: null, message }];
  }
}

/** The words of an error: a text, or the message of an object. */
function messageOf(error: unknown): string | null {
  if (error === true) return null;
  const object = asObject(error);
  return object === null ? shown(error) : (text(object, 'message') ?? shown(error));
}

/** What stands at a path such as `result.text` or `content.0.text`; undefined = nothing. */
function at(event: Json, path: string): unknown {
  return path.split('.').reduce<unknown>((of, key) => {
    if (typeof of !== 'object' || of === null || !Object.hasOwn(of, key)) return undefined;
    return (of as Json)[key];
  }, event);
}
