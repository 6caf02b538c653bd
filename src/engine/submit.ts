import { TendError } from '../domain/errors.ts';
import { taskId } from '../domain/ids.ts';
import { isTerminal, LIVE_STATES } from '../domain/lifecycle.ts';
import { contentHash } from '../domain/submission.ts';
import type { Task, TaskId, TaskSpec } from '../domain/task.ts';
import type { Submitted } from '../ports/store.ts';
import { resolveAsk } from './agent-ask.ts';
import type { Ports, Settings } from './context.ts';
import type { SubmitRequest } from './facade.ts';

/** Levels of tasks that submit tasks: beyond this, a runaway is likelier than a plan. */
const MAX_DEPTH = 3;
/** Live children of one task. */
const MAX_CHILDREN = 32;

/** Stores a task durably, its captured environment first. */
export async function submitTask(
  ports: Ports,
  settings: Settings,
  node: string,
  find: (prefix: string) => Promise<Task>,
  request: SubmitRequest,
  environment: string | null,
): Promise<Submitted> {
  const { spec: asked, id, runAt } = request;
  const parent = asked.parent === null ? null : await find(asked.parent);
  if (parent !== null) await checkFamily(ports, parent);
  const after = await Promise.all(
    asked.after.map(async ({ task, when }) => ({ task: (await find(task)).id, when })),
  );
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
    parent: parent?.id ?? null,
    depth: parent === null ? 0 : parent.spec.depth + 1,
    after,
    environment: environment ?? (await ports.environments.put(request.environment)),
  };
  return ports.store.submit({
    id,
    freshId: taskId(ports.chance.bytes(8)),
    spec,
    contentHash: spec.key === null ? '' : contentHash(contentOf(spec, id)),
    runAt,
    now: ports.clock.now(),
    node,
  });
}

/** An agent may be silent this long (ms), and this long before its first word. */
const IDLE = 10 * 60_000;
const FIRST_OUTPUT = 3 * 60_000;
/** An agent gets this long (ms) to close its session when it is stopped. */
const AGENT_GRACE = 10_000;

/** What was asked for, with everything about an agent resolved before the first side effect. */
async function resolved(
  ports: Ports,
  settings: Settings,
  asked: SubmitRequest['spec'],
  environment: Readonly<Record<string, string>>,
): Promise<Omit<TaskSpec, 'environment' | 'depth'>> {
  const { work, ...rest } = asked;
  if (work.kind !== 'ask') return { ...rest, work };
  const agentWork = await resolveAsk(ports, settings, work, asked.cwd, environment);
  return {
    ...rest,
    work: agentWork,
    streams: 'split',
    timeout: Math.round(agentWork.envelope.minutes * 60_000),
    idleTimeout: asked.idleTimeout ?? IDLE,
    firstOutputTimeout: asked.firstOutputTimeout ?? FIRST_OUTPUT,
    grace: Math.max(asked.grace, AGENT_GRACE),
  };
}

async function checkFamily({ store }: Ports, parent: Task): Promise<void> {
  if (parent.spec.depth + 1 > MAX_DEPTH)
    throw new TendError(
      'limit_reached',
      `${parent.id} is already ${parent.spec.depth} levels deep; tasks may nest ${MAX_DEPTH}`,
      'Submit this task from a task further up, or do the work in this one.',
    );
  const states = ['waiting', 'queued', ...LIVE_STATES] as const;
  const page = await store.list({ parent: parent.id, states, limit: MAX_CHILDREN });
  if (page.tasks.length >= MAX_CHILDREN && !isTerminal(parent.state))
    throw new TendError(
      'limit_reached',
      `${parent.id} already has ${MAX_CHILDREN} live children`,
      'Wait for some of them to end, then submit again.',
    );
}

/** Everything asked for but the environment, which differs between shells that mean the same. */
const contentOf = (spec: TaskSpec, id: TaskId | null): string =>
  JSON.stringify({ ...spec, environment: null, id });
