import { taskId } from '../domain/ids.ts';
import { AUTO, isAuto } from '../domain/choice.ts';
import { childOf } from '../domain/family.ts';
import { contentHash } from '../domain/submission.ts';
import type { Task, TaskId, TaskSpec } from '../domain/task.ts';
import type { Submitted } from '../ports/store.ts';
import { resolveAsk } from './agent-resolve.ts';
import type { Ports, Settings } from './context.ts';
import type { SubmitRequest } from './facade.ts';
import type { Family } from './family.ts';
import { orderOf } from './order.ts';
import { resolveWork } from './workspace-resolve.ts';

/** Where a task is stored. */
interface Place {
  node: string;
  family: Family;
  find: (prefix: string) => Promise<Task>;
}

/** Stores a task durably, its captured environment first. */
export async function submitTask(
  ports: Ports,
  settings: Settings,
  { node, family, find }: Place,
  request: SubmitRequest,
  environment: string | null,
): Promise<Submitted> {
  const { spec: asked, id, runAt } = request;
  const parent = asked.parent === null ? null : await find(asked.parent);
  const order = await orderOf(request, find);
  const spec: TaskSpec = {
    ...(await resolved(
      ports,
      settings,
      asked,
      // The one that an earlier task had is asked for by its name.
      environment === null
        ? request.environment
        : ((await ports.environments.get(environment)) ?? {}),
    )),
    ...childOf(parent),
    ...order,
    environment: environment ?? (await ports.environments.put(request.environment)),
  };
  const hash = spec.key === null ? '' : contentHash(contentOf(spec, id, asked.asks));
  return family.admit(spec, (admitted) =>
    ports.store.submit({
      id,
      freshId: taskId(ports.chance.bytes(8)),
      spec: admitted,
      contentHash: hash,
      runAt,
      now: ports.clock.now(),
      node,
    }),
  );
}

/** An agent may be silent this long (ms), and this long before its first word. */
const IDLE = 10 * 60_000;
const FIRST_OUTPUT = 3 * 60_000;
/** An agent gets this long (ms) to close its session when it is stopped. */
const AGENT_GRACE = 10_000;

/** What was asked for, with everything about an agent resolved before the first side effect. */
export async function resolved(
  ports: Ports,
  settings: Settings,
  asked: SubmitRequest['spec'],
  environment: Readonly<Record<string, string>>,
): Promise<Omit<TaskSpec, 'environment' | 'depth'>> {
  const { work, asks, ...rest } = asked;
  const { cwd, labels } = asked;
  const place = { cwd, labels, environment };
  const isNew = asked.workspace === undefined && asked.check === undefined;
  const made = isNew ? await resolveWork(ports, settings, asks, work, place) : {};
  if (work.kind !== 'ask') return { ...rest, ...made, work };
  const agentWork = await resolveAsk(ports, settings, work, place);
  return {
    ...rest,
    ...made,
    work: agentWork,
    streams: 'split',
    timeout: Math.round(agentWork.envelope.minutes * 60_000),
    idleTimeout: asked.idleTimeout ?? IDLE,
    firstOutputTimeout: asked.firstOutputTimeout ?? FIRST_OUTPUT,
    grace: Math.max(asked.grace, AGENT_GRACE),
  };
}

/**
 * Everything asked for but the environment, which differs between shells that mean the same; and but for what a
 * repository made of it at that moment.
 */
export const contentOf = (
  spec: TaskSpec,
  id: TaskId | null,
  asks: SubmitRequest['spec']['asks'],
): string => {
  const { workspace: _workspace, checks: _checks, ...rest } = spec;
  const said = spec.check === undefined ? { ...rest, ...(asks && { asks }) } : spec;
  return JSON.stringify({ ...said, ...askedOf(spec), environment: null, id });
};

/** Who was chosen for somebody who named nobody is none of what was asked for: the next time it may be another one. */
function askedOf({ work }: TaskSpec): Record<string, unknown> {
  if (work.kind !== 'agent' || !isAuto(work.chosen ?? null)) return {};
  const { kind, brief, prompt, permissions } = work;
  return { work: { kind, agent: AUTO, brief, prompt, permissions }, timeout: null };
}
