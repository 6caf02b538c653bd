import type { AgentEvent } from '../../../domain/agent-event.ts';
import type { AgentFailure } from '../../../domain/agent-outcome.ts';
import { asObject, child, type Json, number, objectIn, text } from '../json.ts';
import {
  bodyIn,
  failureOfProvider,
  givenUp,
  limitInPassing,
  type ProviderError,
  type Told,
} from '../provider-error.ts';
import { isLimit } from '../../../domain/agent-outcome.ts';

/** A failed call of a model, and which try it was. */
export interface FailedCall extends ProviderError {
  attempt: number | null;
}

/** What a `model.call_failure` tells; its text is the provider's error object, or words in quotes. */
export function failedCall(data: Json): FailedCall {
  const written = text(data, 'errorMessage') ?? '';
  const body = bodyIn(written);
  const code = text(body, 'code') ?? text(data, 'errorCode');
  const until = resetOfQuota(child(data, 'quotaSnapshots'));
  return {
    message: text(body, 'message') ?? unquoted(written),
    status: number(data, 'statusCode'),
    headers: {},
    body: {
      ...body,
      ...(code !== null && { code }),
      ...(until !== null && { resets_at: until }),
    },
    attempt: number(data, 'retryAttempt'),
  };
}

/** The limit that a failed call runs into while Copilot tries it again. */
export function limitMet(call: FailedCall, told: Told): AgentEvent[] {
  const failure = failureOfProvider(call);
  return isLimit(failure)
    ? [{ kind: 'limit', result: failure, limit: limitInPassing(failure, call, told) }]
    : [];
}

/** `session.error`: Copilot gave up; the failed call before it says more exactly why. */
export function sessionError(data: Json, call: FailedCall | null, told: Told): AgentEvent[] {
  const message = text(data, 'message') ?? 'the session failed';
  const code = text(data, 'errorCode') ?? text(data, 'providerErrorType');
  const status = number(data, 'statusCode');
  const cause = status === null || status === call?.status ? call : null;
  const error: ProviderError = {
    message,
    status: status ?? cause?.status ?? null,
    headers: {},
    body: { ...cause?.body, ...(code !== null && { code }) },
  };
  return givenUp(failureOf(text(data, 'errorType'), error), error, told);
}

function failureOf(type: string | null, error: ProviderError): AgentFailure {
  switch (type) {
    case 'authentication':
    case 'authorization':
    case 'policy':
      return 'auth_failed';
    case 'quota':
      return 'quota_exhausted';
    case 'context_limit':
      return 'agent_error';
    case 'rate_limit':
      return failureOfProvider({ ...error, status: 429 });
    default:
      return failureOfProvider(error);
  }
}

/** When the quota that is used up fills again, in seconds since 1970. */
function resetOfQuota(snapshots: Json): number | null {
  for (const value of Object.values(snapshots)) {
    const snapshot = asObject(value) ?? {};
    const isSpent = number(snapshot, 'remainingPercentage') === 0 || snapshot['hasQuota'] === false;
    const end = Date.parse(text(snapshot, 'resetDate') ?? '');
    if (isSpent && !Number.isNaN(end)) return end / 1000;
  }
  return null;
}

function unquoted(written: string): string {
  const [value] = Object.values(objectIn(`{"":${written}}`) ?? {});
  return typeof value === 'string' ? value : written;
}
