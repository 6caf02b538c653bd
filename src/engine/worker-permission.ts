import { actOf, actOn, alwaysInWords } from '../domain/act.ts';
import type { AgentWork } from '../domain/agent-work.ts';
import { isTendError } from '../domain/errors.ts';
import {
  asking,
  type Decided,
  decisionOn,
  grantedBefore,
  LONGEST_SUBJECT_KEPT,
  mayPass,
  MOST_RULINGS,
  PERMISSION_OPTIONS,
  type PermissionLayer,
} from '../domain/permission.ts';
import { oneLine } from '../domain/prompt.ts';
import { type Act, LONGEST_QUESTION_CONTEXT, type Question } from '../domain/question.ts';
import type { Task } from '../domain/task.ts';
import type { Settings } from './context.ts';
import { askPerson, deadlineFor, tell, type WorkerAround, workingOn } from './worker-around.ts';
import type { Ruling, WorkerVerbs } from './worker-facade.ts';

/** Longest part of an act in its question, in characters. */
const LONGEST_ACT = 1_000;

/** Whether the agent of a task asks for what its permissions leave open: else all of that is refused. */
export const asksForPermits = (settings: Settings, task: Task): boolean =>
  mayPass(layersFor(settings, task));

/** The rules for a task. */
function layersFor(settings: Settings, { spec }: Task): readonly PermissionLayer[] {
  const [person, ...others] = settings.permissions(spec.cwd);
  if (person === undefined) return [];
  const asks = spec.work.kind === 'agent' && (spec.work as AgentWork).askPermissions === true;
  return [asks ? asking(person) : person, ...others];
}

/** Whether a worker may do something: by the rules, by what was answered before, or a person is asked. */
export const permissionPart = (around: WorkerAround): Pick<WorkerVerbs, 'permit'> => ({
  permit: async (token, given, input) => {
    const task = await workingOn(around, token);
    const cwd = task.attempt.workspace?.cwd ?? task.spec.cwd;
    // What it is called with tells more than what somebody made of it.
    const act =
      given.subject === '' || input.startsWith('{')
        ? actOf(given.tool, input, cwd)
        : actOn(given.tool, given.subject, cwd);
    const decided = decisionOn(act, layersFor(around.settings, task));
    const known = decided.decision === 'ask' ? await answered(around, task, act) : null;
    const { decision, by } = known ?? decided;
    const ruling =
      decision === 'ask'
        ? await asked(around, token, act, input)
        : { ruling: decision, reason: wordsFor(decision, by), question: null };
    await keep(around, token, act, ruling, by);
    return ruling;
  },
});

const wordsFor = (decision: 'allow' | 'deny', by: string): string =>
  decision === 'allow' ? `allowed (${by})` : `not allowed (${by}); do without it`;

/** What people said of it, in this attempt and in those before it. */
async function answered({ ports }: WorkerAround, { id }: Task, act: Act): Promise<Decided | null> {
  const attempts = await ports.store.attempts(id);
  return grantedBefore(
    act,
    attempts.flatMap((attempt) => attempt?.worker?.question ?? []),
  );
}

const STOP =
  'a person is asked; stop now and try nothing else instead: the task goes on by itself after the answer';

async function asked(
  around: WorkerAround,
  token: string,
  act: Act,
  input: string,
): Promise<Ruling> {
  try {
    const question = await askPerson(around, token, {
      asker: 'permission',
      text: `May it use ${oneLine(`${act.tool} ${act.subject}`, LONGEST_ACT)}?`,
      options: PERMISSION_OPTIONS,
      context: contextOf(act, input),
      deadlineAt: deadlineFor(around, null),
      fallback: null,
      act,
    });
    return { ruling: 'asked', reason: STOP, question };
  } catch (error) {
    if (!isTendError(error) || error.code !== 'already_finished') throw error;
    return { ruling: 'deny', reason: `${error.message}. ${error.hint}`, question: null };
  }
}

/** What "always" means, then all that the tool is called with. */
function contextOf(act: Act, input: string): string {
  const always = `"allow always" = ${oneLine(alwaysInWords(act), LONGEST_ACT)}, for the rest of this task.`;
  const whole = input === '' || input === act.subject ? always : `${always}\n${input}`;
  return whole.slice(0, LONGEST_QUESTION_CONTEXT);
}

/** The audit trail: in the facts of the attempt, where nothing takes it away before the task itself. */
async function keep(
  around: WorkerAround,
  token: string,
  act: Act,
  { ruling, question }: { ruling: Ruling['ruling']; question: Question | null },
  by: string,
): Promise<void> {
  const record = {
    at: around.ports.clock.now(),
    tool: oneLine(act.tool, LONGEST_SUBJECT_KEPT),
    subject: oneLine(act.subject, LONGEST_SUBJECT_KEPT),
    ruling,
    by: question === null ? by : question.id,
  };
  await tell(around, token, ({ rulings = [] }) => ({
    rulings: [...rulings, record].slice(-MOST_RULINGS),
  }));
}
