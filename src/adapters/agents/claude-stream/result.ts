import type { AgentEvent } from '../../../domain/agent-event.ts';
import type { AgentFailure } from '../../../domain/agent-outcome.ts';
import { child, flag, type Json, list, number, shown, text } from '../json.ts';
import { apiErrorIn, BILLING, failureInWords, failureOfApi } from './failure.ts';
import { textOf } from './calls.ts';

/** A model call that failed. */
export interface CallError {
  message: string;
  failure: AgentFailure | null;
}

/** A line that only looks as if the model had spoken, under the marks of all versions. */
export const isError = (line: Json): boolean =>
  text(child(line, 'message'), 'model') === '<synthetic>' ||
  flag(line, 'is_api_error_message') ||
  flag(line, 'isApiErrorMessage') ||
  (line['error'] !== undefined && line['error'] !== null && line['error'] !== false);

export function errorIn(line: Json): { error: CallError; events: AgentEvent[] } {
  const said = textOf(line);
  const message = said === '' ? (text(line, 'error') ?? 'the model could not be called') : said;
  const api = apiErrorIn(line, message);
  const told = api.codes.length > 0 || api.status !== null;
  const failure = told ? failureOfApi(api) : failureInWords(message);
  // Without a code, only words that are known make it more than a note of the program.
  const error = { message, failure: told || failure !== 'agent_error' ? failure : null };
  const event: AgentEvent = { kind: 'error', ...error };
  if (!api.codes.includes(BILLING)) return { error, events: [event] };
  const limit = { class: 'needs_person', until: null, message } as const;
  return { error, events: [{ kind: 'limit', result: 'quota_exhausted', limit }, event] };
}

type Final = Extract<AgentEvent, { kind: 'final' }>;

/** Ends of a turn that are no success, whatever else the line says. */
const BAD_END = /abort|error|limit|too_long|max_turns|budget|exhaust|breaker|refus/i;

/** The protocol's word on how the run ended. `last` = the last model call that failed. */
export function finalIn(line: Json, last: CallError | null): Final {
  if (isSuccess(line))
    return { kind: 'final', ok: true, text: answerIn(line), failure: null, message: null };
  const message = messageIn(line);
  const known = last?.message === message ? last.failure : null;
  return {
    kind: 'final',
    ok: false,
    text: null,
    failure: known ?? failureIn(line, message),
    message,
  };
}

const isSuccess = (line: Json): boolean =>
  text(line, 'subtype') === 'success' &&
  line['is_error'] !== true &&
  !BAD_END.test(text(line, 'terminal_reason') ?? '') &&
  number(line, 'api_error_status') === null &&
  text(line, 'api_error') === null;

/** Null where the answer stands in the text before. */
function answerIn(line: Json): string | null {
  const said = text(line, 'result');
  if (said !== null && said.trim() !== '') return said;
  const structured = line['structured_output'] ?? line['structured_result'];
  return structured === undefined || structured === null ? null : shown(structured);
}

function messageIn(line: Json): string {
  const told = [
    text(child(line, 'error'), 'message'),
    text(line, 'error'),
    list(line, 'errors').map(shown).join('; '),
    text(line, 'result'),
    text(line, 'terminal_reason'),
    text(line, 'subtype'),
  ].find((part) => part !== null && part.trim() !== '');
  return told ?? 'the agent reported an error';
}

function failureIn(line: Json, message: string): AgentFailure {
  const subtype = text(line, 'subtype') ?? '';
  const reason = text(line, 'terminal_reason') ?? '';
  if (subtype === 'error_max_turns' || reason === 'max_turns') return 'max_turns';
  if (subtype === 'error_max_budget_usd' || reason === 'budget_exhausted') return 'budget_exceeded';
  if (/^abort|too_long/.test(reason)) return 'agent_error';
  const api = apiErrorIn(line, message);
  return api.codes.length > 0 || api.status !== null ? failureOfApi(api) : failureInWords(message);
}
