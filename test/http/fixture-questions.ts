import { workerTokens } from '../../src/adapters/tokens/worker-tokens.ts';
import type { Task } from '../../src/domain/task.ts';
import type { Ports, Settings } from '../../src/engine/context.ts';
import type { Feed } from '../../src/engine/feed.ts';
import { Questions } from '../../src/engine/questions.ts';
import { Tasks } from '../../src/engine/tasks.ts';
import { workerVerbs } from '../../src/engine/worker.ts';

/** Questions and workers as they are, on the store of the fixture. */
export function fixtureQuestions(of: {
  store: Ports['store'];
  feed: Feed;
  find: (id: string) => Promise<Task>;
}) {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const tokens = workerTokens('the secret of the fixture');
  const supervisor = { keepTold: async () => undefined };
  const ports = { store: of.store, clock, tokens, supervisor } as unknown as Ports;
  const settings = {
    questionDeadline: null,
    permissions: () => [],
    targets: () => ({ webhooks: [], onDone: false }),
  } as unknown as Settings;
  const tasks = new Tasks(of.store, settings, of.feed);
  return {
    tokens,
    tasks,
    questions: new Questions({
      ports,
      tasks,
      find: of.find,
      wake: () => undefined,
      acknowledge: async () => undefined,
      note: (task, noted) => of.feed.note(task, noted),
    }),
    worker: workerVerbs({ ports, settings, tasks, feed: of.feed }),
  };
}
