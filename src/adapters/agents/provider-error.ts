import { type AgentEvent, summary } from '../../domain/agent-event.ts';
import {
  type AgentFailure,
  isLimit,
  type Limit,
  type LimitFailure,
} from '../../domain/agent-outcome.ts';
import type { AgentReport } from '../../domain/agent-report.ts';
import { LONGEST_RETRY_WAIT } from '../../domain/agent-watch.ts';
import { classify, failureOfStatus, limitOf } from '../../domain/refusal.ts';
import { FURTHEST_RESET, resetTime } from '../../domain/reset.ts';
import { asObject, type Json, number, objectIn, text } from './json.ts';

/** A failed call of a model as its provider told it: never the words of a model. */
export interface ProviderError {
  message: string;
  /** Of HTTP; null = there was no answer, or it is not told. */
  status: number | null;
  /** Names in lower case. */
  headers: Json;
  /** The error object of the answer. */
  body: Json;
}

/** When and where the error was told. */
export interface Told {
  now: number;
  timeZone: string;
}

const CODES: ReadonlyMap<string, AgentFailure> = new Map([
  ['usage_limit_reached', 'quota_exhausted'],
  ['insufficient_quota', 'quota_exhausted'],
  ['quota_exceeded', 'quota_exhausted'],
  ['session_quota_exceeded', 'quota_exhausted'],
  ['billing_not_configured', 'quota_exhausted'],
  ['billing_error', 'quota_exhausted'],
  ['user_weekly_rate_limited', 'quota_exhausted'],
  ['authentication_error', 'auth_failed'],
  ['permission_error', 'auth_failed'],
  ['invalid_api_key', 'auth_failed'],
  ['overloaded_error', 'overloaded'],
  ['server_is_overloaded', 'overloaded'],
  ['model_overloaded', 'overloaded'],
  ['model_not_found', 'model_unavailable'],
  ['context_length_exceeded', 'agent_error'],
  ['model_max_prompt_tokens_exceeded', 'agent_error'],
]);

/** A plan's window is told in these words, a rate of requests is the organization's. */
const PLAN = /\byour account's rate limit/i;
const RATE = /^(?:rate_limit|tokens|requests)/;
const UNIFIED = 'anthropic-ratelimit-unified';

/** Anthropic's word that the plan itself is used up. */
const isRejected = (headers: Json): boolean => text(headers, `${UNIFIED}-status`) === 'rejected';

/** The error object in a provider's answer, or in its text. */
export function bodyIn(answer: string | Json): Json {
  const whole = typeof answer === 'string' ? (objectIn(answer) ?? {}) : answer;
  return asObject(whole['error']) ?? whole;
}

export const lowerCased = (headers: Json): Json =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** What a failed call means. */
export function failureOfProvider({ message, status, headers, body }: ProviderError): AgentFailure {
  const codes = [text(body, 'code'), text(body, 'type'), text(body, 'status')];
  for (const code of codes) {
    const failure = code === null ? undefined : CODES.get(code.toLowerCase());
    if (failure !== undefined) return failure;
  }
  if (isRejected(headers) || PLAN.test(message)) return 'quota_exhausted';
  const words = classify(message);
  if (codes.some((code) => code !== null && RATE.test(code)) || status === 429)
    return words === 'quota_exhausted' ? words : 'rate_limited';
  return words ?? (status === null ? null : failureOfStatus(status)) ?? 'agent_error';
}

/** The limit of a failed call, with its reset when the provider told one. */
function limitOfProvider(failure: LimitFailure, error: ProviderError, told: Told): Limit {
  const { message } = error;
  const needsPerson = limitOf(failure, message, told, null).class === 'needs_person';
  const until = needsPerson
    ? null
    : (resetIn(error, told.now) ?? resetTime(message, told.now, told.timeZone));
  return { ...limitOf(failure, message, told, until), message: summary(message) };
}

/** The limit of a call that the agent tries again by itself: one that is over soon is its own affair. */
export function limitInPassing(failure: LimitFailure, error: ProviderError, told: Told): Limit {
  const limit = limitOfProvider(failure, error, told);
  const isSoon = limit.until !== null && limit.until <= told.now + LONGEST_RETRY_WAIT;
  return isSoon ? { ...limit, class: 'transient', until: null } : limit;
}

/** A failed call with which the agent gave up. */
export function givenUp(failure: AgentFailure, error: ProviderError, told: Told): AgentEvent[] {
  const event: AgentEvent = { kind: 'error', message: summary(error.message), failure };
  if (!isLimit(failure)) return [event];
  return [{ kind: 'limit', result: failure, limit: limitOfProvider(failure, error, told) }, event];
}

/** A failure that ended the run says more than a limit before it, which was overcome. */
export function lastWord(report: AgentReport): AgentReport {
  const failure = report.final?.failure ?? report.error?.failure ?? null;
  return failure === null || isLimit(failure) ? report : { ...report, limit: null };
}

/** The reset that the answer's own fields tell, epoch ms; null = none. */
function resetIn({ headers, body }: ProviderError, now: number): number | null {
  const found =
    epoch(numeric(body, 'resets_at')) ??
    later(now, seconds(numeric(body, 'resets_in_seconds'))) ??
    spentWindow(headers) ??
    (isRejected(headers) ? epoch(numeric(headers, `${UNIFIED}-reset`)) : null) ??
    retryAfter(headers, now);
  return found !== null && found > now - A_MOMENT && found <= now + FURTHEST_RESET ? found : null;
}

/** A reset so shortly ago is one: clocks differ. */
const A_MOMENT = 60_000;

/** The end of the window that is used up, or of the last of them. */
function spentWindow(headers: Json): number | null {
  const ends = ['primary', 'secondary']
    .filter((name) => (numeric(headers, `x-codex-${name}-used-percent`) ?? 0) >= 100)
    .map((name) => epoch(numeric(headers, `x-codex-${name}-reset-at`)))
    .filter((end) => end !== null);
  return ends.length === 0 ? null : Math.max(...ends);
}

function retryAfter(headers: Json, now: number): number | null {
  const exact = later(now, numeric(headers, 'retry-after-ms'));
  if (exact !== null) return exact;
  const wait = later(now, seconds(numeric(headers, 'retry-after')));
  if (wait !== null) return wait;
  const date = Date.parse(text(headers, 'retry-after') ?? '');
  return Number.isNaN(date) ? null : date;
}

const seconds = (value: number | null): number | null => (value === null ? null : value * 1000);
const later = (now: number, wait: number | null): number | null =>
  wait === null ? null : now + wait;

/** Seconds or milliseconds since 1970, whichever it must be. */
const epoch = (value: number | null): number | null =>
  value === null ? null : value < 1e11 ? value * 1000 : value;

/** A number that may be written as text. */
function numeric(of: Json, name: string): number | null {
  const value = text(of, name);
  if (value === null) return number(of, name);
  return /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : null;
}
