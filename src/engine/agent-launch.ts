import { isTendError } from '../domain/errors.ts';
import { type AgentWork, seated } from '../domain/agent-work.ts';
import { isCheck } from '../domain/delivery.ts';
import { feedbackFor } from '../domain/sent-back.ts';
import type { TaskIn, Work } from '../domain/task.ts';
import type { Launch, WorkerTools } from '../ports/agent.ts';
import type { AgentLaunch } from '../ports/supervisor.ts';
import { promptOf } from './agent-prompt.ts';
import { informed } from './results.ts';
import type { Ports, Settings } from './context.ts';
import { asksForPermits } from './worker-permission.ts';

type How = (folder: string) => Promise<AgentLaunch>;

/** How the claimed attempt is started, where that does not follow from its task alone. */
export function howOf(ports: Ports, settings: Settings, task: TaskIn<'claimed'>): [] | [How] {
  const { refusal = null } = task.attempt.workspace?.prepared ?? {};
  if (refusal !== null) return [async () => ({ refusal })];
  const { work, checks } = task.spec;
  if (work.kind === 'agent') return [(folder) => launchOf(ports, settings, task, folder)];
  const isAgain = task.attempt.number > 1 && (checks ?? null) !== null;
  return isAgain ? [(folder) => withFeedback(ports, task, work, folder)] : [];
}

/** A command finds what it has to put right in a file. */
async function withFeedback(
  { store }: Ports,
  { id, spec, attempt }: TaskIn<'claimed'>,
  work: Extract<Work, { kind: 'command' }>,
  folder: string,
): Promise<Launch> {
  const argv = 'argv' in work ? work.argv : [work.shell, '-c', work.command];
  const earlier = (await store.endedAttempts(id)).filter((one) => one.number < attempt.number);
  const feedback = feedbackFor(spec, earlier);
  const plain = { argv, env: {}, unset: [], files: {}, stdin: null };
  if (feedback === null) return plain;
  return { ...plain, env: { TEND_FEEDBACK: `${folder}/feedback` }, files: { feedback } };
}

/** How the claimed attempt of an agent is started; the same answer for the same attempt, whenever it is asked. */
async function launchOf(
  ports: Ports,
  settings: Settings,
  task: TaskIn<'claimed'>,
  folder: string,
): Promise<AgentLaunch> {
  const { agents, environments, store } = ports;
  const { spec, attempt } = task;
  const cwd = attempt.workspace?.cwd ?? spec.cwd;
  const asked = spec.work as AgentWork;
  const work = seated(asked, attempt.agent);
  const agent = agents.get(work.agent);
  if (agent === null) return { refusal: `There is no agent ${work.agent} any more.` };
  const stored = spec.environment === null ? {} : await environments.get(spec.environment);
  if (stored === null) return { refusal: 'The captured environment is no longer stored.' };
  const override = agents.override(work.agent);
  const environment = { ...stored, ...override.env };
  const earlier = (await store.endedAttempts(task.id)).filter((one) => one.number < attempt.number);
  const tools = agent.capabilities.tools ? toolsOf(ports, settings, task) : null;
  try {
    const launch = agent.launch({
      program: agents.program(agent, environment) ?? agent.name,
      prompt: promptOf(await informed(ports, task), attempt, earlier, {
        ...spec,
        tools: tools !== null,
      }),
      cwd,
      gitFolders: agents.gitFolders(cwd),
      model: work.model,
      envelope: work.envelope,
      permissions: work.permissions,
      sessionId: attempt.agent?.resumed ?? attempt.agent?.sessionId ?? null,
      resume: (attempt.agent?.resumed ?? null) !== null,
      isolated: work.isolated,
      root: agents.root,
      folder,
      environment,
      tools,
    });
    return { ...launch, env: { ...override.env, ...launch.env } };
  } catch (error) {
    if (isTendError(error)) return { refusal: `${error.message}. ${error.hint}` };
    throw error;
  }
}

/** The tools of the worker, with the token of this attempt; null = it gets none, as who only looks at the work of others. */
function toolsOf(
  { tokens }: Ports,
  settings: Settings,
  task: TaskIn<'claimed'>,
): WorkerTools | null {
  const { workerTools } = settings;
  if (workerTools === null || isCheck(task)) return null;
  const { id: taskId, createdAt, attempt } = task;
  const token = tokens.of({ taskId, createdAt, attempt: attempt.number });
  return {
    ...workerTools,
    env: { ...workerTools.env, TEND_WORKER_TOKEN: token },
    permits: asksForPermits(settings, task),
  };
}
