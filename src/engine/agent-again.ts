import { TendError } from '../domain/errors.ts';
import { openedSession, sessionTotals } from '../domain/agent-report.ts';
import {
  type AgentFacts,
  type AgentWork,
  isSameSeat,
  seated,
  seatOf,
  seatsOf,
} from '../domain/agent-work.ts';
import { answeredIn, unansweredWords, withAnswers } from '../domain/answers-told.ts';
import { workspaceAgain } from '../domain/again.ts';
import { AUTO } from '../domain/choice.ts';
import { folded, resumed, withFeedback } from '../domain/prompt.ts';
import type { EndedTask } from '../domain/task.ts';
import { resultTold, toldIn } from '../domain/told-result.ts';
import type { Ports } from './context.ts';
import { agentNamed } from './agent-ask.ts';
import type { RetryChange, SubmitRequest } from './facade.ts';

type Spec = SubmitRequest['spec'];

/** Neither its key nor what it waited for is the new task's; it works where the old one did. */
function afresh(task: EndedTask) {
  const { ancestors: _ancestors, ...rest } = task.spec;
  return { ...rest, key: null, after: [], parent: null, workspace: workspaceAgain(task) };
}

/** The same work once more, with what the person wants to be different. Throws `unsupported` for a command. */
export async function retried(
  ports: Ports,
  task: EndedTask,
  { feedback, agent }: RetryChange,
): Promise<Spec> {
  const spec = { ...afresh(task), retryOf: task.id, resumeOf: null };
  const { work } = spec;
  if (work.kind !== 'agent') {
    if (feedback === null && agent === null) return spec;
    throw noAgent(task.id, 'takes neither feedback nor another agent');
  }
  const answers = answeredIn(await ports.store.endedAttempts(task.id));
  const told = (text: string): string => {
    const known = withAnswers(text, answers);
    return feedback === null ? known : withFeedback(known, feedback);
  };
  const brief = feedback === null ? work.brief : withFeedback(work.brief, feedback);
  if (agent === null || agent === work.agent) {
    // What was to go on with a session is to go on with it again.
    const resume = work.resume === null ? null : { ...work.resume, fresh: told(work.resume.fresh) };
    return { ...spec, work: { ...work, brief, prompt: told(work.prompt), resume } };
  }
  const { tier, envelope, permissions, isolated, onQuota } = work;
  const { requireFinish = false, askPermissions = false } = work;
  const name = agent === AUTO ? AUTO : agentNamed(ports, agent).name;
  // Another agent has other models and knows nothing of the session.
  return {
    ...spec,
    work: {
      kind: 'ask',
      agent: name,
      prompt: told(work.resume?.fresh ?? work.prompt),
      model: null,
      tier,
      wish: envelope,
      permissions,
      isolated,
      // A fallback that named agents goes with the agent that it was for.
      onQuota: onQuota === 'fallback' ? null : onQuota,
      requireFinish,
      askPermissions,
      context: [],
      skills: [],
      template: null,
      resume: null,
    },
  };
}

/** The session of an ended agent's task, gone on with. Throws `unsupported` for a command. */
export async function resumedSpec(
  ports: Ports,
  task: EndedTask,
  given: string | null,
): Promise<Spec> {
  const spec = { ...afresh(task), retryOf: null, resumeOf: task.id };
  const { work: asked } = spec;
  if (asked.kind !== 'agent') throw noAgent(task.id, 'has no session to go on with');
  const work = withItsAgentFirst(asked, task.attempt?.agent);
  const { capabilities } = agentNamed(ports, work.agent);
  const text = given ?? unansweredWords(task.attempt);
  const words = resumed(text);
  const answers = answeredIn(await ports.store.endedAttempts(task.id));
  const fresh = withAnswers(freshPrompt(task, asked, text), answers);
  const facts = task.attempt?.agent;
  const sessionId =
    (facts === undefined ? null : openedSession(facts)) ?? work.resume?.sessionId ?? null;
  return {
    ...spec,
    work: {
      ...work,
      brief: given ?? work.brief,
      prompt: sessionId === null || !capabilities.resume ? fresh : words,
      resume:
        sessionId === null || !capabilities.resume
          ? null
          : { sessionId, before: facts === undefined ? null : sessionTotals(facts), fresh },
    },
  };
}

/** The session is that of the agent that worked last. */
function withItsAgentFirst(work: AgentWork, facts: AgentFacts | undefined): AgentWork {
  if (work.others === undefined) return work;
  const own = seated(work, facts);
  const others = seatsOf(work)
    .filter((one) => !isSameSeat(one, own))
    .map(seatOf);
  const resume = facts?.seat === undefined ? work.resume : null;
  return { ...own, resume, others, pick: 'in_order' };
}

function freshPrompt(task: EndedTask, work: AgentWork, text: string | null): string {
  return folded({
    brief: work.resume?.fresh ?? work.prompt,
    answer: task.attempt === null ? null : resultTold(toldIn(task.attempt)) || null,
    ended: 'reason' in task ? task.reason.replaceAll('_', ' ') : task.state,
    text,
  });
}

const noAgent = (id: string, what: string): TendError =>
  new TendError(
    'unsupported',
    `${id} is a command, which ${what}`,
    `Run it again with: tend retry ${id}`,
  );
