import type { AgentEvent } from '../../../domain/agent-event.ts';
import { summary } from '../../../domain/agent-event.ts';
import { child, flag, type Json, number, text } from '../json.ts';

/** Larger than any epoch in seconds, smaller than any in ms. */
const SECONDS = 100_000_000_000;

/** Events of a `rate_limit_event`: what the provider says of the account's plan. */
export function rateLimit(line: Json): AgentEvent[] {
  const info = child(line, 'rate_limit_info');
  const window = text(info, 'rateLimitType');
  const name = window?.replaceAll('_', ' ') ?? null;
  const status = text(info, 'status');
  if (status === 'allowed_warning') {
    const used = number(info, 'utilization');
    return [
      warning(`${name ?? 'plan'} limit is near${used === null ? '' : `: ${percent(used)} used`}`),
    ];
  }
  if (status !== 'rejected') return [];
  if (flag(info, 'isUsingOverage'))
    return [warning(`${name ?? 'plan'} limit reached, paid usage goes on`)];
  const until = resetIn(info, window);
  const message = name === null ? 'the provider limits requests' : `${name} limit reached`;
  return [
    {
      kind: 'limit',
      // Without a window and an end, it is the provider that is busy and not the plan that is spent.
      result: window === null && until === null ? 'rate_limited' : 'quota_exhausted',
      limit: {
        class: until !== null ? 'until' : window === null ? 'transient' : 'windowed',
        until,
        message: until === null ? message : `${message}, resets ${new Date(until).toISOString()}`,
      },
    },
  ];
}

function resetIn(info: Json, window: string | null): number | null {
  const inWindow =
    window === null ? null : number(child(child(info, 'unifiedWindows'), window), 'resetsAt');
  const at = number(info, 'resetsAt') ?? inWindow;
  if (at === null || at <= 0 || at >= SECONDS * 1000) return null;
  return Math.round(at < SECONDS ? at * 1000 : at);
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const warning = (message: string): AgentEvent => ({ kind: 'warning', message: summary(message) });

/** Announced waits: `system/api_retry`, and `system/retry` with its facts in `data`. */
export function retrying(line: Json): AgentEvent[] {
  const data = child(line, 'data');
  const status = number(line, 'error_status');
  const reason = text(line, 'error') ?? text(data, 'reason') ?? 'retry';
  return [
    {
      kind: 'retrying',
      attempt: number(line, 'attempt') ?? number(data, 'attempt'),
      delay: number(line, 'retry_delay_ms') ?? number(data, 'delayMs'),
      message: summary(status === null ? reason : `${reason} (${status})`),
    },
  ];
}

/** Another model took over. */
export const modelFallback = (line: Json): AgentEvent[] => [
  warning(
    text(line, 'content') ??
      `${text(line, 'original_model') ?? 'the model'} was replaced by ${text(line, 'fallback_model') ?? 'another one'}`,
  ),
];
