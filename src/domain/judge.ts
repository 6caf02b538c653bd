import type { Exit } from './attempt.ts';
import {
  type AgentFailure,
  type AgentOutcome,
  isLimit,
  type Limit,
  type LimitFailure,
} from './agent-outcome.ts';
import { type AgentReport, answerOf } from './agent-report.ts';
import { classify, limitOf } from './refusal.ts';

interface End {
  exit: Exit;
  /** The end of stderr. */
  stderr: string;
  /** The session that was to be resumed; null = none was. */
  resumed: string | null;
  place: { now: number; timeZone: string };
}

/**
 * The rules that hold for every agent: no single sign of success is trusted, and nothing that a model wrote is.
 * Null: the protocol says nothing, the exit stands as it is.
 */
export function judge(report: AgentReport, end: End): AgentOutcome | null {
  const { final, error, limit } = report;
  if (isStranger(report, end))
    return {
      kind: 'resume_unavailable',
      message: `another session was opened instead of ${end.resumed}`,
    };
  const isAnswered = final?.ok === true && answerOf(report) !== '';
  if (isAnswered) return { kind: 'ok' };
  if (limit !== null) return limited(limit.result, limit.limit);
  if (final?.ok === true)
    return { kind: 'no_final_answer', message: 'the agent ended without an answer' };
  const told = toldBy(report);
  const message = told[0] ?? lastLines(end.stderr);
  const failure = final?.failure ?? error?.failure ?? meaningOf(told, end.stderr);
  if (failure !== null) return failed(failure, message, end);
  if (final !== null) return { kind: 'agent_error', message };
  if ('signal' in end.exit) return null;
  return end.exit.code === 0
    ? {
        kind: 'no_final_answer',
        message: told[0] ?? 'the agent ended without saying that it was done',
      }
    : { kind: 'agent_error', message: message === '' ? `exit code ${end.exit.code}` : message };
}

/** A session was asked for, and another one answered. */
const isStranger = ({ sessionId }: AgentReport, { resumed }: End): boolean =>
  resumed !== null && sessionId !== null && sessionId !== resumed;

/** What the protocol says of a failure, the last word first. */
const toldBy = ({ final, error }: AgentReport): string[] =>
  [final?.message ?? '', error?.message ?? ''].filter((message) => message !== '');

/**
 * What the words mean: those of the protocol, else those of stderr, of which the last line that means anything counts,
 * because what stands before it may have been overcome.
 */
function meaningOf(told: readonly string[], stderr: string): AgentFailure | null {
  for (const words of [...told, ...stderr.split('\n').toReversed(), stderr]) {
    const failure = classify(words);
    if (failure !== null) return failure;
  }
  return null;
}

/** The outcome for a failure, with the limit that its message tells of. */
export function failed(
  failure: AgentFailure,
  message: string,
  { place }: Pick<End, 'place'>,
): AgentOutcome {
  return isLimit(failure)
    ? limited(failure, limitOf(failure, message, place))
    : { kind: failure, message };
}

const limited = (kind: LimitFailure, limit: Limit): AgentOutcome => ({
  kind,
  limit,
  message: limit.message,
});

const TAIL_LINES = 5;

/** The last lines of stderr that are not empty: where programs say why they gave up. */
export const lastLines = (stderr: string): string =>
  stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-TAIL_LINES)
    .join('\n');
