import { TendError } from '../../src/domain/errors.ts';
import type { MergeVerbs } from '../../src/engine/facade.ts';

/** Merges of tasks that made nothing: none is ever under way. */
export function fixtureMerges(): MergeVerbs {
  const nothing = async (id: string): Promise<never> => {
    throw new TendError('unsupported', `${id} cannot be merged`, 'It made nothing.');
  };
  return { ask: nothing, preview: nothing, open: async () => 0, settled: async () => undefined };
}
