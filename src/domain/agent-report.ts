import type { AgentEvent, Usage } from './agent-event.ts';
import type { AgentFailure, Limit, LimitFailure } from './agent-outcome.ts';
import { noteTrail, type Trail } from './agent-trail.ts';
import { endOf } from './cut.ts';
import { outsideOf } from './side-effects.ts';

/** What is known of an attempt from its events: everything that decisions and displays need. */
export interface AgentReport extends Trail {
  /** As the agent printed it; null = not yet. */
  sessionId: string | null;
  model: string | null;
  version: string | null;
  /** Model calls so far. */
  turns: number;
  /** Of this attempt alone; null = nothing was told. */
  usage: Usage | null;
  /** The session's totals as printed, to be subtracted when the session is resumed; null = not told. */
  session: Usage | null;
  /** What the model said last: pieces since the last tool or the final answer itself. */
  text: string;
  /** The protocol's terminal event, the last one. */
  final: {
    ok: boolean;
    text: string | null;
    failure: AgentFailure | null;
    message: string | null;
  } | null;
  /** The last limit that was told and not overcome since. */
  limit: { result: LimitFailure; limit: Limit } | null;
  /** The last error. */
  error: { message: string; failure: AgentFailure | null } | null;
  /** Announced waits for another try, since the model last answered. */
  retries: number;
  /** The wait that was announced last, ms; null = none since the model last answered. */
  wait: number | null;
  denied: number;
  events: number;
  unknownLines: number;
  /** The first act outside the folder of the task that its events show, in a line; left out = none. */
  outside?: string | null;
}

export const EMPTY_REPORT: AgentReport = {
  sessionId: null,
  model: null,
  version: null,
  turns: 0,
  usage: null,
  session: null,
  text: '',
  final: null,
  limit: null,
  error: null,
  retries: 0,
  wait: null,
  denied: 0,
  events: 0,
  unknownLines: 0,
};

/** Longest answer that is kept, in characters: longer ones keep their end. */
export const LONGEST_ANSWER = 100_000;

const plus = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : a + b;
const minus = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? a : Math.max(0, a - b);

const combine = (
  a: Usage | null,
  b: Usage | null,
  how: (x: number | null, y: number | null) => number | null,
): Usage | null =>
  a === null || b === null
    ? (a ?? b)
    : {
        inputTokens: how(a.inputTokens, b.inputTokens),
        outputTokens: how(a.outputTokens, b.outputTokens),
        cachedTokens: how(a.cachedTokens, b.cachedTokens),
        costUsd: how(a.costUsd, b.costUsd),
      };

/** The sum of two usages; what is unknown in both stays unknown. */
export const addUsage = (a: Usage | null, b: Usage | null): Usage | null => combine(a, b, plus);

const keepEnd = (text: string): string =>
  text.length <= 2 * LONGEST_ANSWER ? text : endOf(text, LONGEST_ANSWER);

/** Adds one event to `report`, in place: an attempt has thousands. `before` = the session's totals when it began. */
export function fold(report: AgentReport, event: AgentEvent, before: Usage | null): void {
  report.events += 1;
  noteTrail(report, event);
  noteOutside(report, event);
  switch (event.kind) {
    case 'session':
      report.sessionId = event.sessionId;
      report.model = event.model ?? report.model;
      report.version = event.version ?? report.version;
      return;
    case 'text':
      report.text = event.delta === true ? keepEnd(report.text + event.text) : keepEnd(event.text);
      overcome(report);
      return;
    case 'tool_started':
      report.text = '';
      overcome(report);
      return;
    case 'usage':
      foldUsage(report, event, before);
      return;
    case 'limit':
      report.limit = { result: event.result, limit: event.limit };
      return;
    case 'retrying':
      report.retries += 1;
      report.wait = event.delay;
      return;
    case 'permission_denied':
      report.denied += 1;
      return;
    case 'error':
      report.error = { message: event.message, failure: event.failure };
      return;
    case 'final': {
      const { ok, text, failure, message } = event;
      report.final = { ok, text, failure, message };
      return;
    }
    default:
      return;
  }
}

function noteOutside(report: AgentReport, event: AgentEvent): void {
  const outside = (report.outside ?? null) === null ? outsideOf(event) : null;
  if (outside !== null) report.outside = outside;
}

/** The model answered: what stood in its way stands there no more. */
function overcome(report: AgentReport): void {
  report.retries = 0;
  report.wait = null;
  report.limit = null;
  report.error = null;
}

function foldUsage(
  report: AgentReport,
  { scope, usage, turns }: Extract<AgentEvent, { kind: 'usage' }>,
  before: Usage | null,
): void {
  switch (scope) {
    case 'turn':
      report.usage = addUsage(report.usage, usage);
      report.turns += turns ?? 1;
      return;
    case 'attempt':
      report.usage = usage;
      report.turns = turns ?? report.turns;
      return;
    case 'session':
      report.session = usage;
      report.usage = combine(usage, before, minus);
      report.turns = turns ?? report.turns;
      return;
  }
}

/** The answer as it stands: the terminal event's own text, else what the model said last. */
export const answerOf = (report: AgentReport): string =>
  endOf((report.final?.text ?? report.text).trim(), LONGEST_ANSWER);

/** What is told of an attempt in few words: its answer, else what went wrong as the agent says it. */
export const wordsOf = (report: AgentReport): string =>
  answerOf(report) || (report.final?.message ?? report.error?.message ?? '');

interface SessionFacts {
  sessionId: string | null;
  before: Usage | null;
  report: AgentReport | null;
}

/**
 * The session that an attempt surely opened: the one that was printed, or the one that we chose once a model had
 * answered in it; some agents print it in their last line alone. Null = it may never have been there.
 */
export function openedSession({ sessionId, report }: SessionFacts): string | null {
  const isOpen = report !== null && (report.sessionId !== null || report.turns > 0);
  return isOpen ? sessionId : null;
}

/** What the session of an attempt had used in all when the attempt ended; one that was cut off may not have told. */
export const sessionTotals = ({ report, before }: SessionFacts): Usage | null =>
  report === null ? before : (report.session ?? addUsage(before, report.usage));
