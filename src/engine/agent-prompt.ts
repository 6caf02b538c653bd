import { wasCutOff } from '../domain/agent-again.ts';
import { answerOf } from '../domain/agent-report.ts';
import { type AgentWork, isSameSeat, seated } from '../domain/agent-work.ts';
import type { Attempt, EndedAttempt } from '../domain/attempt.ts';
import { type Earlier, type Handed, handedOver, resumed, withHistory } from '../domain/prompt.ts';

/**
 * What an attempt is given: derived from the task and the attempts before it, and so the same whenever it is asked.
 * `attempt` null = the first one, which is yet to come.
 */
export function promptOf(
  work: AgentWork,
  attempt: Pick<Attempt, 'number' | 'agent'> | null,
  earlier: readonly EndedAttempt[],
): string {
  const session =
    attempt === null ? (work.resume?.sessionId ?? null) : (attempt.agent?.resumed ?? null);
  const ran = earlier.filter(({ outcome }) => outcome.kind !== 'voided');
  if (session !== null) {
    const last = ran.at(-1);
    if (last === undefined) return work.prompt;
    return isAnswered(last) ? resumed(null) : promptOf(work, last, ran.slice(0, -1));
  }
  const prompt = work.resume?.fresh ?? work.prompt;
  const handed = handedTo(seated(work, attempt?.agent), work, ran);
  const rest = ran.filter((one) => isTold(one) && !handed.includes(one));
  return withHistory(
    handed.length === 0
      ? prompt
      : handedOver(
          prompt,
          handed.map((one) => handedBy(work, one)),
        ),
    rest.map((one) => told(work, one)),
  );
}

/** Words that were refused before the model answered any of them may not be in its session: they are said again. */
const isAnswered = ({ agent }: EndedAttempt): boolean => {
  const report = agent?.report ?? null;
  if (report === null) return false;
  // A call that was refused may be counted as a turn, but nothing came of it.
  return answerOf(report) !== '' || (report.usage?.outputTokens ?? report.turns) > 0;
};

/** A refusal tells nothing about the work, and neither does a session that could not be loaded. */
const isTold = ({ outcome }: EndedAttempt): boolean =>
  !('limit' in outcome) && outcome.kind !== 'resume_unavailable';

/** The attempts that were cut off, where another agent than the one of `seat` had part in them. */
function handedTo(
  seat: AgentWork,
  work: AgentWork,
  ran: readonly EndedAttempt[],
): readonly EndedAttempt[] {
  const isOwn = ({ agent }: EndedAttempt): boolean => isSameSeat(seated(work, agent), seat);
  return ran.every(isOwn) ? [] : ran.filter(wasCutOff);
}

function handedBy(work: AgentWork, { number, agent, outcome, output }: EndedAttempt): Handed {
  const report = agent?.report ?? null;
  const isRefused = 'limit' in outcome;
  // What a refused agent printed last is the refusal.
  const answer = report === null ? '' : isRefused ? report.text : answerOf(report);
  const said = answer.trim() === '' ? (report?.said ?? '') : answer;
  return {
    number,
    agent: seated(work, agent).agent,
    ended: isRefused
      ? 'stopped because of its limit, which is no failure of the work'
      : inWords(outcome),
    words: said === '' && !isRefused ? output.preview : said,
    changed: report?.changed ?? [],
  };
}

function told(work: AgentWork, { number, outcome, output, agent }: EndedAttempt): Earlier {
  const { agent: name } = seated(work, agent);
  return {
    number,
    outcome: agent?.seat === undefined ? inWords(outcome) : `(by ${name}) ${inWords(outcome)}`,
    tail: output.errorTail === '' ? output.preview : output.errorTail,
  };
}

function inWords(outcome: EndedAttempt['outcome']): string {
  switch (outcome.kind) {
    case 'exited':
      return `ended with exit code ${outcome.code}`;
    case 'signaled':
      return `was ended by ${outcome.signal}`;
    case 'stopped':
      return `was stopped (${outcome.reason.replaceAll('_', ' ')})`;
    case 'lost':
      return 'was lost: its process is gone';
    case 'spawn_failed':
      return 'could not be started';
    default:
      return `failed (${outcome.kind.replaceAll('_', ' ')})`;
  }
}
