import { EXPECTATIONS, type Expected, type Row } from './expectations.ts';
import type { Seen } from './seen.ts';

/** What the stub bills for one answer. */
const PER_ANSWER = { inputTokens: 1200, cachedTokens: 400, outputTokens: 50 };
/** Agents whose usage counts the small calls without tools, too: the choice of a model. */
const COUNTS_ALL = new Set(['gemini']);

export function rowOf(scenario: string): Row {
  const row = EXPECTATIONS[scenario];
  if (row === undefined) throw new RangeError(`nothing is expected of ${scenario}`);
  return row;
}

export const expectedOf = (agent: string, scenario: string): Expected => {
  const { all, but } = rowOf(scenario);
  return but?.[agent]?.[0] ?? all;
};

/** Everything in which a cell is not as expected; empty = as expected. */
export function mismatches(agent: string, scenario: string, seen: Seen): string[] {
  const expected = expectedOf(agent, scenario);
  const found = new Found();
  ENDS[expected.to](found, expected as never, seen);
  if (seen.requests.all === 0) found.list.push('the provider was never asked');
  if (expected.to === 'completed') usage(found, agent, scenario, seen);
  const { leaves = '', leavesBut } = rowOf(scenario);
  found.is('work', seen.leaves, leavesBut?.[agent]?.[0] ?? leaves);
  return [...found.list, ...seen.wrong];
}

class Found {
  readonly list: string[] = [];

  is(what: string, seen: unknown, expected: unknown): void {
    if (seen !== expected)
      this.list.push(`${what} is ${JSON.stringify(seen)}, not ${JSON.stringify(expected)}`);
  }
}

/** Of failures; 1 otherwise. */
const EXITS: Readonly<Record<string, number>> = {
  timed_out: 124,
  rate_limited: 75,
  quota_exhausted: 75,
};

type Of<T extends Expected['to']> = Extract<Expected, { to: T }>;

const ENDS: { [T in Expected['to']]: (found: Found, expected: Of<T>, seen: Seen) => void } = {
  completed(found, { answer, attempts }, seen) {
    state(found, seen, 'completed', null, 'delivered', 0);
    found.is('outcome', seen.outcome, 'ok');
    found.is('attempts', seen.attempts, attempts ?? 1);
    if (typeof answer === 'string') found.is('answer', seen.answer, answer);
    else if (!answer.test(seen.answer))
      found.list.push(`answer is ${JSON.stringify(seen.answer)}, not like ${String(answer)}`);
    if (seen.sessionId === null) found.list.push('no session id');
  },
  failed(found, { reason }, seen) {
    const isLate = reason === 'timed_out';
    state(found, seen, 'failed', reason, isLate ? 'timed_out' : 'failed', EXITS[reason] ?? 1);
    // What agents do not stop at by themselves, Tend does.
    if (!isLate && seen.outcome !== 'stopped') found.is('outcome', seen.outcome, reason);
  },
  held(found, expected, seen) {
    state(found, seen, 'queued', null, 'pending', 75);
    found.is('queue reason', seen.queueReason, 'held');
    found.is('outcome', seen.outcome, expected.outcome);
    found.is('class of the limit', seen.limit?.class, expected.class);
    if (expected.class === 'until') resets(found, expected.resetsIn, seen);
    else found.is('reset', seen.limit?.until ?? null, null);
  },
  cancelled(found, _, seen) {
    state(found, seen, 'cancelled', 'user', 'cancelled', 1);
    found.is('outcome', seen.outcome, 'stopped');
  },
};

/** The stub counts from the last full minute, some agents tell no seconds, and the run itself took its time. */
const TOLERANCE = 120;

function resets(found: Found, expected: number, { limit, endedAt }: Seen): void {
  const seconds = ((limit?.until ?? 0) - endedAt) / 1000;
  if (Math.abs(seconds - expected) > TOLERANCE)
    found.list.push(`the limit ends in ${Math.round(seconds)} s, not in ${expected} s`);
}

function state(
  found: Found,
  seen: Seen,
  ...[name, reason, verdict, exit]: [string, string | null, string, number]
): void {
  found.is('state', seen.state, name);
  found.is('reason', seen.reason, reason);
  found.is('verdict', seen.verdict, verdict);
  if (seen.exit !== null) found.is('exit code', seen.exit, exit);
}

function usage(found: Found, agent: string, scenario: string, seen: Seen): void {
  if (rowOf(scenario).usageBut?.[agent] !== undefined) return;
  const answers = COUNTS_ALL.has(agent) ? seen.requests.answered : seen.requests.withTools;
  const { inputTokens, cachedTokens, outputTokens } = PER_ANSWER;
  found.is('inputTokens', seen.usage?.inputTokens ?? null, answers * inputTokens);
  found.is('cachedTokens', seen.usage?.cachedTokens ?? null, answers * cachedTokens);
  found.is('outputTokens', seen.usage?.outputTokens ?? null, answers * outputTokens);
}
