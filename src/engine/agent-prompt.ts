import { wasCutOff } from '../domain/agent-again.ts';
import { answerOf } from '../domain/agent-report.ts';
import { type AgentWork, isSameSeat, seated } from '../domain/agent-work.ts';
import { answeredIn, answerWords, withAnswers } from '../domain/answers-told.ts';
import type { Attempt, EndedAttempt } from '../domain/attempt.ts';
import { checklistAsk } from '../domain/checklist.ts';
import { inWords } from '../domain/outcome.ts';
import {
  type Earlier,
  type Handed,
  handedOver,
  resumed,
  withFeedback,
  withHistory,
  withSection,
} from '../domain/prompt.ts';
import { isContest } from '../domain/rounds.ts';
import { withShared } from '../domain/shared.ts';
import { criteriaText } from '../domain/significance.ts';
import { feedbackFor, lastSentBack, toPutRight, whereItIs } from '../domain/sent-back.ts';
import type { TaskSpec } from '../domain/task.ts';

type Attempting = Pick<Attempt, 'number' | 'agent' | 'workspace'>;
/** What a prompt tells of a task besides its work. */
type Asked = Pick<TaskSpec, 'checks' | 'workspace' | 'criteria'> & {
  notify?: TaskSpec['notify'];
  /** It is given the tools of the worker. */
  tools?: boolean;
  work?: Pick<AgentWork, 'requireFinish'> | TaskSpec['work'];
};

/**
 * What an attempt is given: derived from the task and the attempts before it, and so the same whenever it is asked.
 * `attempt` null = the first one, which is yet to come.
 */
export function promptOf(
  work: AgentWork,
  attempt: Attempting | null,
  earlier: readonly EndedAttempt[],
  asked: Asked = {},
): string {
  const session =
    attempt === null ? (work.resume?.sessionId ?? null) : (attempt.agent?.resumed ?? null);
  const ran = earlier.filter(({ outcome }) => outcome.kind !== 'voided');
  if (session !== null) {
    const last = ran.at(-1);
    if (last === undefined) return withRules(work.prompt, attempt, asked);
    const [question] = answeredIn([last]);
    if (lastSentBack([last]) !== null)
      return resumed(
        [feedbackFor(asked, ran) ?? [], ...checklistOf(asked)].flat().join('\n\n') || null,
      );
    if (question !== undefined) return answerWords(question);
    return isAnswered(last) ? resumed(null) : promptOf(work, last, ran.slice(0, -1), asked);
  }
  const prompt = withShared(work.resume?.fresh ?? work.prompt, attempt?.agent?.shared ?? '');
  // Those that compete know nothing of each other.
  const answers = answeredIn(ran);
  if (isContest(asked.checks?.bestOf ?? 1, ran))
    return withRules(withAnswers(prompt, answers), attempt, asked);
  const handed = handedTo(seated(work, attempt?.agent), work, ran);
  const rest = ran.filter((one) => isTold(one) && !handed.includes(one));
  const history = withHistory(
    handed.length === 0
      ? prompt
      : handedOver(
          prompt,
          handed.map((one) => handedBy(work, one)),
        ),
    rest.map((one) => tellable(work, one)),
  );
  const wrong = toPutRight(asked, ran);
  const where = whereItIs(asked, ran);
  const answered = withAnswers(history, answers);
  const told = wrong === null ? answered : withFeedback(answered, wrong);
  return withRules(
    where === null ? told : withSection(told, 'Where the work is', where),
    attempt,
    asked,
  );
}

/** The prompt with what holds for whoever works on the task. */
function withRules(prompt: string, attempt: Attempting | null, asked: Asked): string {
  const branch = attempt?.workspace?.branch ?? asked.workspace?.branch ?? null;
  const on = branch === null ? '' : `, on the branch ${JSON.stringify(branch)}`;
  const rules = [
    ...(asked.workspace?.kind === 'worktree'
      ? [
          `You work in a git work tree of your own${on}; what you leave in it is saved when you end, committed or not. Do not touch any other checkout of the repository.`,
        ]
      : []),
    ...checklistOf(asked),
    ...(asked.tools === true ? [toolsInWords(asked), ...criteriaOf(asked)] : []),
  ];
  return rules.length === 0 ? prompt : withSection(prompt, 'How to work', rules.join('\n\n'));
}

/** What is worth telling somebody of, where its worker is to say that. */
function criteriaOf({ notify = 'always', criteria }: Asked): string[] {
  const text = criteriaText({ notify, criteria });
  return text === '' ? [] : [text];
}

/** What the tools are for; how each one is used, they tell themselves. */
const toolsInWords = ({ work }: Asked): string =>
  [
    'The MCP server `tend` gives you tools for this task. Where only a person can decide, ask with its `ask_user` (or `ask_person`) instead of guessing, and end your turn as soon as it tells you to: you go on later, with the answer.',
    work !== undefined && 'requireFinish' in work && work.requireFinish === true
      ? 'Before you end you must tell the result with `finish`, and honestly which requirements are not met: without it the task counts as failed.'
      : 'When you are done, tell the result with `finish`, and honestly which requirements are not met.',
  ].join(' ');

const checklistOf = ({ checks }: Asked): string[] => {
  const ask = checklistAsk(checks?.checklist ?? []);
  return ask === '' ? [] : [ask];
};

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

function tellable(work: AgentWork, { number, outcome, output, agent }: EndedAttempt): Earlier {
  const { agent: name } = seated(work, agent);
  return {
    number,
    outcome: agent?.seat === undefined ? inWords(outcome) : `(by ${name}) ${inWords(outcome)}`,
    tail: output.errorTail === '' ? output.preview : output.errorTail,
  };
}
