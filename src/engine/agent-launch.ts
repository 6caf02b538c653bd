import { isTendError } from '../domain/errors.ts';
import { type AgentWork, seated } from '../domain/agent-work.ts';
import type { TaskIn } from '../domain/task.ts';
import type { AgentLaunch } from '../ports/supervisor.ts';
import { promptOf } from './agent-prompt.ts';
import { informed } from './results.ts';
import type { Ports } from './context.ts';

/** How the claimed attempt of an agent is started; the same answer for the same attempt, whenever it is asked. */
export async function launchOf(
  ports: Ports,
  task: TaskIn<'claimed'>,
  folder: string,
): Promise<AgentLaunch> {
  const { agents, environments, store } = ports;
  const { spec, attempt } = task;
  const asked = spec.work as AgentWork;
  const work = seated(asked, attempt.agent);
  const agent = agents.get(work.agent);
  if (agent === null) return { refusal: `There is no agent ${work.agent} any more.` };
  const stored = spec.environment === null ? {} : await environments.get(spec.environment);
  if (stored === null) return { refusal: 'The captured environment is no longer stored.' };
  const override = agents.override(work.agent);
  const environment = { ...stored, ...override.env };
  const earlier = (await store.endedAttempts(task.id)).filter((one) => one.number < attempt.number);
  try {
    const launch = agent.launch({
      program: agents.program(agent, environment) ?? agent.name,
      prompt: promptOf(await informed(ports, task), attempt, earlier),
      cwd: spec.cwd,
      gitFolders: agents.gitFolders(spec.cwd),
      model: work.model,
      envelope: work.envelope,
      permissions: work.permissions,
      sessionId: attempt.agent?.resumed ?? attempt.agent?.sessionId ?? null,
      resume: (attempt.agent?.resumed ?? null) !== null,
      isolated: work.isolated,
      root: agents.root,
      folder,
      environment,
    });
    return { ...launch, env: { ...override.env, ...launch.env } };
  } catch (error) {
    if (isTendError(error)) return { refusal: `${error.message}. ${error.hint}` };
    throw error;
  }
}
