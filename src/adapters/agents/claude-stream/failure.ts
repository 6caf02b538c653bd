import type { AgentFailure } from '../../../domain/agent-outcome.ts';
import { classify, failureOfStatus } from '../../../domain/refusal.ts';
import { child, type Json, number, text } from '../json.ts';

/** What an error line or a result line says of a failed model call. */
interface ApiError {
  /** The codes it carries, the most exact first. */
  codes: readonly string[];
  /** Of HTTP. */
  status: number | null;
  message: string;
}

const CODES: ReadonlyMap<string, AgentFailure> = new Map([
  ['usage_limit_reached', 'quota_exhausted'],
  ['billing_error', 'quota_exhausted'],
  ['authentication_failed', 'auth_failed'],
  ['authentication_error', 'auth_failed'],
  ['permission_error', 'auth_failed'],
  ['oauth_org_not_allowed', 'auth_failed'],
  ['overloaded', 'overloaded'],
  ['overloaded_error', 'overloaded'],
  ['model_not_found', 'model_unavailable'],
  ['not_found_error', 'model_unavailable'],
  ['max_output_tokens', 'agent_error'],
  ['connection_failed', 'agent_error'],
]);

const RATE = new Set(['rate_limit', 'rate_limit_error']);
export const BILLING = 'billing_error';

/** The codes and the status that stand in a line, under the names of all versions. */
export const apiErrorIn = (line: Json, message: string): ApiError => ({
  codes: ['api_error', 'error', 'api_error_type']
    .map((name) => text(line, name) ?? text(child(line, name), 'type'))
    .filter((code) => code !== null),
  status: number(line, 'api_error_status'),
  message,
});

/** What a failed model call means; never asked of what a model wrote. */
export function failureOfApi({ codes, status, message }: ApiError): AgentFailure {
  for (const code of codes) {
    const failure = CODES.get(code);
    if (failure !== undefined) return failure;
    if (RATE.has(code)) return rateOrQuota(message);
  }
  const byStatus = status === null ? null : failureOfStatus(status);
  if (byStatus === 'rate_limited') return rateOrQuota(message);
  return byStatus ?? failureInWords(message);
}

/** What an error message without any code means. */
export const failureInWords = (message: string): AgentFailure => classify(message) ?? 'agent_error';

const rateOrQuota = (message: string): AgentFailure =>
  classify(message) === 'quota_exhausted' ? 'quota_exhausted' : 'rate_limited';
