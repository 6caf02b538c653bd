import {
  type AgentFailure,
  isLimit,
  type Limit,
  limitFor,
  type LimitFailure,
} from '../../../domain/agent-outcome.ts';
import { classify, failureOfStatus, limitOf } from '../../../domain/refusal.ts';
import type { ReadingPlace } from '../../../ports/agent.ts';
import { asObject, type Json, list, number, objectIn, text } from '../json.ts';

/** What a message of Gemini or of its provider says. */
export interface Refusal {
  /** Without wrapping and advice. */
  message: string;
  failure: AgentFailure | null;
  limit: { result: LimitFailure; limit: Limit } | null;
}

/** Said with every quota, whatever it is of: it would make each of them a matter of money. */
const ADVICE = [
  /,? ?please check your plan and billing details\.?/gi,
  / ?For more information on this error, head to: \S+/gi,
];

/** Windows that end sooner than this are rate limits, in seconds. */
const SOON = 300;

/** What `message` tells; `status` = the HTTP status that is known from elsewhere. */
export function refusalIn(raw: string, place: ReadingPlace, status: number | null = null): Refusal {
  const { message, code, reasons } = providerError(unwrapped(raw));
  const said = ADVICE.reduce((rest, advice) => rest.replace(advice, ''), message).trim();
  const failure = failureIn(said, code ?? status, reasons);
  return { message: said, failure, limit: limitIn(said, failure, reasons, place) };
}

const WRAPPING = '[API Error: ';

function unwrapped(raw: string): string {
  const end = raw.lastIndexOf(']');
  return raw.startsWith(WRAPPING) && end !== -1 ? raw.slice(WRAPPING.length, end) : raw;
}

interface ProviderError {
  message: string;
  code: number | null;
  /** Machine-readable words: the status and the reasons of its details. */
  reasons: string;
}

/** The provider's answer within a message; often one stands within another. */
function providerError(message: string, depth = 0): ProviderError {
  const body = objectIn(message.slice(message.indexOf('{'), message.lastIndexOf('}') + 1));
  const error = body === null ? null : (asObject(body['error']) ?? body);
  const inner = error === null ? null : text(error, 'message');
  if (error === null || inner === null) return { message, code: null, reasons: '' };
  const deeper = depth < 3 ? providerError(inner, depth + 1) : null;
  const reasons = [text(error, 'status') ?? '', ...list(error, 'details').map(reasonOf)].join(' ');
  return {
    message: deeper?.message ?? inner,
    code: deeper?.code ?? number(error, 'code'),
    reasons: `${reasons} ${deeper?.reasons ?? ''}`.trim(),
  };
}

function reasonOf(detail: unknown): string {
  const of: Json = asObject(detail) ?? {};
  const quotas = list(of, 'violations').map(
    (value) => text(asObject(value) ?? {}, 'quotaId') ?? '',
  );
  return [text(of, 'reason') ?? '', ...quotas].join(' ');
}

/** A quota of nothing is one that was never bought. */
const NO_QUOTA = /\blimit:\s*0(?![\d.])/;

function failureIn(said: string, code: number | null, reasons: string): AgentFailure | null {
  if (/BILLING|CREDITS|QUOTA_EXHAUSTED|PerDay/.test(reasons)) return 'quota_exhausted';
  if (/API_KEY/.test(reasons)) return 'auth_failed';
  if (/CAPACITY_EX|UNAVAILABLE/.test(reasons)) return 'overloaded';
  if (/\bmax(?:imum)? session turns\b/i.test(said)) return 'max_turns';
  const failure = classify(said);
  const quota = failure === 'quota_exhausted' || failure === 'rate_limited';
  if (quota && NO_QUOTA.test(said)) return 'quota_exhausted';
  if (quota && (secondsIn(said) ?? Infinity) <= SOON) return 'rate_limited';
  return failure ?? (code === null ? null : failureOfStatus(code));
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** Seconds to wait, as the provider told. */
function secondsIn(said: string): number | null {
  const [, amount, unit] = /\bretry (?:in|after) (\d+(?:\.\d+)?)(ms|s|m|h)\b/i.exec(said) ?? [];
  return amount === undefined ? null : Number(amount) * (UNITS[unit?.toLowerCase() ?? ''] ?? 1);
}

function limitIn(
  said: string,
  failure: AgentFailure | null,
  reasons: string,
  place: ReadingPlace,
): Refusal['limit'] {
  if (failure === null || !isLimit(failure)) return null;
  const needsPerson =
    /BILLING|CREDITS/.test(reasons) || (failure === 'quota_exhausted' && NO_QUOTA.test(said));
  const limit: Limit = needsPerson
    ? { ...limitFor(failure, said), class: 'needs_person' }
    : limitOf(failure, said, place);
  return { result: failure, limit };
}
