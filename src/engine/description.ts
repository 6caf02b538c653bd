import type { Task } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { Description } from './facade.ts';
import type { InputVerbs } from './input-facade.ts';
import type { Machine } from './machine.ts';
import { describe } from './reading.ts';
import { workFacts } from './work-facts.ts';

/** Looks up everything that is not stored with the tasks themselves. */
export async function descriptions(
  ports: Ports,
  { explain, watch }: Pick<Machine, 'explain' | 'watch'>,
  inputs: Pick<InputVerbs, 'of'>,
  hostId: string,
  tasks: readonly Task[],
): Promise<Description[]> {
  const why = await explain.of(tasks);
  const since = await workFacts(ports, tasks);
  return Promise.all(
    tasks.map(async (task) => ({
      ...(await describe(ports, task, watch, why(task), hostId)),
      ...since(task),
      inputs: await inputs.of(task),
    })),
  );
}
