import type * as facade from '../../src/engine/facade.ts';
import type { Store } from '../../src/ports/store.ts';

/** Batches whose tasks are submitted as they come, each time anew. */
export const fixtureBatches = (
  store: Store,
  submit: (request: facade.SubmitRequest) => Promise<facade.Submitted>,
): facade.BatchVerbs => ({
  submit: async ({ group, tasks }) => ({
    group: group ?? 'g-fixture',
    seq: await store.lastSeq(),
    tasks: await Promise.all(
      tasks.map(async ({ name, request }) => {
        const { task, created } = await submit(request);
        return { name, id: task.id, created, state: task.state, agent: null, retries: 0 };
      }),
    ),
  }),
});
