import { stripVTControlCharacters } from 'node:util';
import { type AgentEvent, summary } from '../../../domain/agent-event.ts';
import { type AgentFailure, isLimit } from '../../../domain/agent-outcome.ts';
import { failureOfProvider, limitInPassing, type ProviderError } from '../provider-error.ts';
import type { ReadingPlace } from '../../../ports/agent.ts';
import { failureOfName } from './error.ts';

const LOG = /^timestamp=(\S+) level=(\w+) /;
const REJECTED = /^! +(permission requested: (\S+) .*); auto-rejecting/;
const NOT_TAKEN = /^! +agent ".*" (?:not found|is a subagent).*Falling back to default agent/;
/** `AI_APICallError: message`: the class, then its words. */
const THROWN = /^(\w+): ([\s\S]*)$/;

/** What stderr tells while stdout is silent: the session's id, and calls that failed and are tried again. */
export class LogReader {
  #session: string | null = null;
  #model: string | null = null;
  /** Causes of errors that stdout knows by their reference only. */
  readonly causes = new Map<string, { message: string; failure: AgentFailure }>();
  /** The program did not take the agent that has the permissions that were asked for. */
  fellBack = false;

  /** The events of one line; `since` = when stdout last told more than this line can (epoch ms). */
  line(raw: string, { timeZone, now }: ReadingPlace, since: number): readonly AgentEvent[] {
    const line = stripVTControlCharacters(raw);
    const [head, stamp = '', level] = LOG.exec(line) ?? [];
    if (head === undefined) return this.#words(line);
    if (level !== 'ERROR')
      return /\bmessage=(?:created|loop|stream) /.test(line) ? this.#facts(fieldsOf(line)) : [];
    const told = Date.parse(stamp);
    const place = { timeZone, now: Number.isNaN(told) ? now : told };
    return this.#failure(fieldsOf(line), place, since);
  }

  #words(line: string): AgentEvent[] {
    const [, reason, tool = null] = REJECTED.exec(line) ?? [];
    if (reason !== undefined) return [{ kind: 'permission_denied', tool, reason: summary(reason) }];
    if (!NOT_TAKEN.test(line)) return [];
    this.fellBack = true;
    return [
      {
        kind: 'final',
        ok: false,
        text: null,
        failure: 'agent_error',
        message: summary(line.slice(1)),
      },
    ];
  }

  /** A run has one session, which is told first; others are its subagents'. */
  #facts(fields: ReadonlyMap<string, string>): AgentEvent[] {
    const kind = fields.get('message');
    const id = fields.get('id') ?? fields.get('session.id');
    if (id === undefined || (this.#session !== null && id !== this.#session)) return [];
    const isNew = this.#session === null;
    this.#session = id;
    const model = kind === 'stream' ? modelIn(fields) : null;
    const isKnown = model === null || model === this.#model;
    if (!isNew && isKnown) return [];
    this.#model = model ?? this.#model;
    const version = kind === 'created' ? (fields.get('version') ?? null) : null;
    return [{ kind: 'session', sessionId: id, model, version }];
  }

  #failure(fields: ReadonlyMap<string, string>, place: ReadingPlace, since: number): AgentEvent[] {
    const [, name = '', message = ''] = THROWN.exec(thrownIn(fields)) ?? [];
    if (name === '') return [];
    const reference = fields.get('ref');
    if (reference !== undefined) return this.#cause(reference, name, message);
    // The title is written by a call of its own, which the work does not wait for.
    if (fields.get('small') === 'true' || fields.get('message') !== 'stream error') return [];
    return place.now <= since ? [] : retried(message, place);
  }

  /** Why the server failed: stdout has no more than the reference. */
  #cause(reference: string, name: string, message: string): AgentEvent[] {
    const failure = failureOfName(name) ?? 'agent_error';
    this.causes.set(reference, { message: summary(message), failure });
    return [{ kind: 'error', message: summary(message), failure }];
  }
}

const thrownIn = (fields: ReadonlyMap<string, string>): string =>
  fields.get('error.error') ?? fields.get('error') ?? '';

const modelIn = (fields: ReadonlyMap<string, string>): string | null => {
  const [provider, model] = [fields.get('providerID'), fields.get('modelID')];
  const isTitle = fields.get('small') === 'true';
  return provider === undefined || model === undefined || isTitle ? null : `${provider}/${model}`;
};

/** A failed call that is tried again; others end the run and are told on stdout. */
function retried(words: string, place: ReadingPlace): AgentEvent[] {
  const message = summary(words);
  const error: ProviderError = { message, status: null, headers: {}, body: {} };
  const failure = failureOfProvider(error);
  const again: AgentEvent = { kind: 'retrying', attempt: null, delay: null, message };
  if (isLimit(failure))
    return [
      again,
      { kind: 'limit', result: failure, limit: limitInPassing(failure, error, place) },
    ];
  return failure === 'agent_error' ? [again] : [];
}

/** Words without spaces stand as they are, others in quotes as in JSON; the first of a name counts. */
function fieldsOf(line: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [, name = '', value = ''] of line.matchAll(/([\w.]+)=("(?:[^"\\]|\\.)*"|\S*)/g))
    if (!fields.has(name)) fields.set(name, value.startsWith('"') ? unquoted(value) : value);
  return fields;
}

function unquoted(value: string): string {
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1);
  }
}

/** How the program begins to say what went wrong; before it stand its log, tools' output and a model's commands. */
const COMPLAINT = /^(?:\w*Error|error|panic)\b/;

/** What the program itself says at the end of stderr; empty = nothing. */
export function complaintIn(stderr: string): string {
  const lines = stripVTControlCharacters(stderr)
    .split('\n')
    .filter((line) => !LOG.test(line));
  const from = lines.findLastIndex((line) => COMPLAINT.test(line));
  return from === -1 ? '' : lines.slice(from).join('\n');
}
