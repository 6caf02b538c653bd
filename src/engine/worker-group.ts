import { TendError } from '../domain/errors.ts';
import { MEMORY_KINDS, wordsIn } from '../domain/memory.ts';
import { memoriesText } from '../domain/shared.ts';
import type { WorkerVerbs } from './worker-facade.ts';
import { postFinding } from './groups.ts';
import { foldersOf } from './shared.ts';
import { type WorkerAround, workingOn } from './worker-around.ts';

/** As many are looked at for one answer; there is room for fewer. */
const MOST_READ = 200;

/** What a worker shares with the tasks of its group, and reads of what is known of its project: of no other one. */
export function groupPart(around: WorkerAround): Pick<WorkerVerbs, 'memory' | 'finding'> {
  const { store, clock } = around.ports;
  return {
    memory: async (token, query) => {
      const { spec } = await workingOn(around, token);
      const kind = MEMORY_KINDS.find((one) => one === query.trim().toLowerCase());
      const memories = await store.memories({
        folders: foldersOf(spec),
        ...(kind !== undefined && { kind }),
        words: kind === undefined ? wordsIn(query) : [],
        at: clock.now(),
        limit: MOST_READ,
      });
      return memoriesText(memories);
    },
    finding: async (token, text) => {
      const { id, spec } = await workingOn(around, token);
      const { group, owner } = spec;
      if (group === null)
        throw new TendError(
          'unsupported',
          `${id} belongs to no group: nobody would be told`,
          'Say it in your result instead.',
        );
      const found = { kind: 'finding', text, important: false, at: null, taskId: id } as const;
      const { repeated } = await postFinding(around.ports, { ...found, group, by: owner });
      return { repeated };
    },
  };
}
