import {
  type AgentFailure,
  isLimit,
  type Limit,
  limitFor,
  type LimitFailure,
} from '../../../domain/agent-outcome.ts';
import { classify, failureOfStatus, limitOf } from '../../../domain/refusal.ts';
import type { ReadingPlace } from '../../../ports/agent.ts';
import { child, objectIn, text } from '../json.ts';

const STATUS = /\b(?:unexpected status|last status:) (\d{3})\b/;

/** A cap that the owner of the workspace set: no waiting helps. */
const SPEND_CAP = /\bspend(?:ing)? cap\b/i;

/** What an error message of Codex means; null = nothing that is known. */
export function failureOf(message: string): AgentFailure | null {
  if (SPEND_CAP.test(message)) return 'quota_exhausted';
  if (/^Missing environment variable\b/i.test(message)) return 'auth_failed';
  const status = STATUS.exec(message)?.[1];
  return classify(message) ?? (status === undefined ? null : failureOfStatus(Number(status)));
}

/** The message within the provider's answer, which Codex sometimes prints as it is. */
export function readable(message: string): string {
  const body = objectIn(message);
  if (body === null) return message;
  return (
    text(child(body, 'error'), 'message') ??
    text(body, 'message') ??
    text(body, 'detail') ??
    message
  );
}

/** The refusal that a message tells of; null = it tells of none. `until` = the reset as the session's file has it. */
export function limitIn(
  message: string,
  failure: AgentFailure | null,
  place: ReadingPlace,
  until: number | null,
): { result: LimitFailure; limit: Limit } | null {
  if (failure === null || !isLimit(failure)) return null;
  const said = readable(message);
  const limit: Limit = SPEND_CAP.test(said)
    ? { ...limitFor(failure, said), class: 'needs_person' }
    : limitOf(failure, said, place);
  const exact = until !== null && isSameReset(limit.until, until) ? until : limit.until;
  return {
    result: failure,
    limit: { ...limit, ...(exact !== null && { class: 'until', until: exact }) },
  };
}

/** The file knows the second of the minute that was told; a window that ends at another time is not the one meant. */
const isSameReset = (told: number | null, exact: number): boolean =>
  told === null || Math.abs(told - exact) <= SAME_RESET;
const SAME_RESET = 2 * 60_000;
