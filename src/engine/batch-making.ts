import { isTendError, TendError } from '../domain/errors.ts';
import type { TaskId, TaskSpec } from '../domain/task.ts';
import type { Keyed } from '../ports/store.ts';
import type { BatchEntry, BatchRequest, BatchTask } from './batch-facade.ts';
import type { Ports } from './context.ts';

/** The newest task of a name. */
export type Newest = Keyed & { nth: number };

/** A task that is to be made. */
export interface Making {
  task: BatchTask;
  spec: TaskSpec;
  freshId: TaskId;
}

/** The environments of a part, each stored once; none in a dry run. */
export class Environments {
  readonly #ports: Ports;
  readonly #common: Readonly<Record<string, string>>;
  readonly #dryRun: boolean;
  readonly #known = new Map<string, { variables: Record<string, string>; stored: string | null }>();

  constructor(ports: Ports, common: Readonly<Record<string, string>>, dryRun: boolean) {
    this.#ports = ports;
    this.#common = common;
    this.#dryRun = dryRun;
  }

  async with(extra: Readonly<Record<string, string>>) {
    const name = JSON.stringify(extra);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const variables = { ...this.#common, ...extra };
    const stored = this.#dryRun ? null : await this.#ports.environments.put(variables);
    const made = { variables, stored };
    this.#known.set(name, made);
    return made;
  }
}

/** The id of a name. Throws `invalid_input` for one that the batch does not have. */
export function idOf(ids: ReadonlyMap<string, TaskId>, { name }: BatchTask, on: string): TaskId {
  const id = ids.get(on);
  if (id !== undefined) return id;
  throw new TendError(
    'invalid_input',
    `task ${name} depends on ${on}, which the batch does not have`,
    'Submit it before the tasks that wait for it.',
  );
}

/** The spec with the ids that others really got. */
export const withNames = (spec: TaskSpec, renamed: ReadonlyMap<TaskId, TaskId>): TaskSpec => ({
  ...spec,
  after: spec.after.map(({ task, when }) => ({ task: renamed.get(task) ?? task, when })),
  ...(spec.contextFrom !== undefined && {
    contextFrom: spec.contextFrom.map((id) => renamed.get(id) ?? id),
  }),
});

/** A refusal that says which task of the batch it is about. */
export async function named<T>({ name }: BatchTask, made: Promise<T>): Promise<T> {
  try {
    return await made;
  } catch (error) {
    if (!isTendError(error)) throw error;
    throw new TendError(error.code, `task ${name}: ${error.message}`, error.hint, error);
  }
}

/** What the store refused, with the name of the task. */
export function ofTask({ name }: BatchTask, key: string | null, error: unknown): unknown {
  if (!isTendError(error)) return error;
  const what =
    key === null || error.code !== 'key_conflict'
      ? error.message
      : `its key ${key} was used for other content`;
  return new TendError(error.code, `task ${name}: ${what}`, error.hint, error);
}

/** What is told of each name. */
export function entries(
  { tasks }: BatchRequest,
  newest: ReadonlyMap<string, Newest>,
  making: readonly Making[],
): BatchEntry[] {
  const made = new Map(making.map((one) => [one.task.name, one.spec]));
  return tasks.map(({ name, request }) => {
    const spec = made.get(name);
    const known = newest.get(name);
    const work = spec?.work;
    return {
      name,
      id: known?.id ?? null,
      created: spec !== undefined,
      state: known?.state ?? null,
      agent:
        work?.kind !== 'agent'
          ? null
          : {
              name: work.agent,
              model: work.model,
              tier: work.tier,
              costUsd: work.envelope.costUsd,
            },
      retries: request.spec.retry.attempts,
    };
  });
}
