import { TendError } from '../../src/domain/errors.ts';
import type { Task } from '../../src/domain/task.ts';
import type { WorkVerbs } from '../../src/engine/facade.ts';

/** A patch longer than one part. */
export const PATCH = ['diff --git a/one b/one\n', '+first, with a comma\n', '+second\n'];

/** The work of tasks that did none: everything was changed in the same way, and nothing can be reviewed. */
export function fixtureWork(find: (id: string) => Promise<Task>): WorkVerbs {
  const notNow = async (id: string): Promise<never> => {
    const { state } = await find(id);
    throw new TendError('not_ended', `${id} is ${state}`, 'Wait for it.');
  };
  return {
    accept: notNow,
    reject: notNow,
    changes: async (id, { paths }) => {
      await find(id);
      const named = paths.length === 0 ? ['one'] : paths;
      return {
        from: 'a'.repeat(40),
        to: 'b'.repeat(40),
        change: { files: named.length, insertions: 2, deletions: 0, commits: 1 },
        paths: named.map((path) => ({ path, kind: 'M' as const, insertions: 2, deletions: 0 })),
      };
    },
    diff: async function* (id) {
      await find(id);
      yield* PATCH;
    },
    undo: async (id) => {
      throw new TendError('not_found', `no work tree of ${id} is in the trash`, 'Look.');
    },
  };
}
