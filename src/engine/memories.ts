import { TendError } from '../domain/errors.ts';
import {
  foldersAround,
  LONGEST_MEMORY,
  type Memory,
  memoryId,
  MOST_MEMORIES,
  wordsIn,
} from '../domain/memory.ts';
import type { Ports } from './context.ts';
import { findingNamed } from './groups.ts';
import type { MemoryVerbs, NewMemory } from './memory-facade.ts';

type Known = Pick<Ports, 'store' | 'clock' | 'chance'>;

/** Everything that doors may ask about what is known. */
export function memoryVerbs(ports: Known): MemoryVerbs {
  const { store, clock } = ports;
  return {
    add: (given) => add(ports, given),
    search: ({ text, kind, folder, all, limit }) =>
      store.memories({
        folders: folder === null ? null : foldersAround(folder),
        ...(kind !== null && { kind }),
        words: wordsIn(text),
        at: all ? null : clock.now(),
        limit,
      }),
    find: (prefix) => named(ports, prefix),
    remove: async (prefix) => {
      const memory = await named(ports, prefix);
      if (memory.endedAt !== null) return memory;
      const ended = { ...memory, endedAt: clock.now() };
      await store.putMemory(ended);
      return ended;
    },
  };
}

async function add(ports: Known, given: NewMemory): Promise<Memory> {
  const { store, clock, chance } = ports;
  const now = clock.now();
  const found = given.from === null ? null : await findingNamed(ports, given.from);
  const text = (given.text ?? found?.text ?? '').trim();
  if (text === '' || text.length > LONGEST_MEMORY)
    throw new TendError(
      'invalid_input',
      `a memory has 1 to ${LONGEST_MEMORY} characters, and this one has ${text.length}`,
      'Say one thing in a sentence or two; write a file for what is longer, and name that.',
    );
  if ((await store.countMemories(now)) >= MOST_MEMORIES)
    throw new TendError(
      'limit_reached',
      `there are ${MOST_MEMORIES} memories already`,
      'See what is out of date with: tend memory ls --everywhere',
    );
  const { kind, folder, pinned, by, lasts } = given;
  const memory = {
    id: memoryId(chance.bytes(8)),
    kind,
    text,
    folder,
    pinned,
    by,
    createdAt: now,
    expiresAt: lasts === null ? null : now + lasts,
    endedAt: null,
    // Words of a person take the place of what the task said.
    from: found === null || given.text !== null ? null : sourceOf(given.from ?? '', found),
  };
  await store.putMemory(memory);
  return memory;
}

const sourceOf = (
  finding: string,
  { group, taskId }: { group: string; taskId: string | null },
): Memory['from'] => ({ finding, group, taskId });

/** Throws `not_found` or `ambiguous_id`. */
async function named({ store }: Known, prefix: string): Promise<Memory> {
  const exact = await store.memory(prefix);
  if (exact !== null) return exact;
  const all = await store.memories({ folders: null, words: [], at: null, limit: 10_000 });
  const [found, ...others] = all.filter(({ id }) => id.startsWith(prefix));
  if (found !== undefined && others.length === 0) return found;
  if (found !== undefined)
    throw new TendError(
      'ambiguous_id',
      `"${prefix}" begins the ids of several memories: ${[found, ...others].map(({ id }) => id).join(', ')}`,
      'Write more of the id.',
    );
  throw new TendError(
    'not_found',
    `there is no memory "${prefix}"`,
    'See them with: tend memory ls --everywhere --all',
  );
}
