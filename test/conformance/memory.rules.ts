import { expect, test } from 'vitest';
import { type Memory, wordsIn } from '../../src/domain/memory.ts';
import type { MemoryQuery } from '../../src/ports/memory-store.ts';
import type { Store } from '../../src/ports/store.ts';
import { NOON } from './sample.ts';

export const memory = (id: string, changes: Partial<Memory> = {}): Memory => ({
  id,
  kind: 'fact',
  text: 'The parser lives in src/parse.',
  folder: '/home/me/project',
  pinned: false,
  by: 'cli:1000',
  createdAt: NOON,
  expiresAt: null,
  endedAt: null,
  from: null,
  ...changes,
});

const ALL: MemoryQuery = { folders: null, words: [], at: null, limit: 99 };

export function memoryRules(store: () => Store): void {
  const put = async (...memories: Memory[]): Promise<void> => {
    for (const one of memories) await store().putMemory(one);
  };
  const ids = async (query: Partial<MemoryQuery> = {}): Promise<string[]> =>
    (await store().memories({ ...ALL, ...query })).map(({ id }) => id);

  test('a memory is kept as it is', async () => {
    expect([await store().memory('m-1'), await ids()]).toEqual([null, []]);
    const one = memory('m-1', { from: { finding: 'f-1', group: 'g', taskId: 't-1' } });
    await put(one);
    expect(await store().memory('m-1')).toEqual(one);
    expect(await store().memories(ALL)).toEqual([one]);
    await put({ ...one, endedAt: NOON + 5, pinned: true });
    expect(await store().memories(ALL)).toEqual([{ ...one, endedAt: NOON + 5, pinned: true }]);
  });

  test('they come newest first, of equals by id, as many as are asked for', async () => {
    await put(memory('m-b'), memory('m-a'), memory('m-c', { createdAt: NOON + 1 }));
    expect(await ids()).toEqual(['m-c', 'm-a', 'm-b']);
    expect(await ids({ limit: 2 })).toEqual(['m-c', 'm-a']);
  });

  test('what was taken away, or is over, holds no longer', async () => {
    await put(
      memory('m-1'),
      memory('m-over', { expiresAt: NOON + 10 }),
      memory('m-gone', { endedAt: NOON + 5 }),
      memory('m-both', { endedAt: NOON + 7, expiresAt: NOON + 6 }),
      memory('m-soon', { endedAt: NOON + 2, expiresAt: NOON + 60 }),
    );
    expect(await ids()).toHaveLength(5);
    expect(await ids({ at: NOON + 9 })).toEqual(['m-1', 'm-over']);
    expect(await ids({ at: NOON + 10 })).toEqual(['m-1']);
    expect(await store().countMemories(NOON + 9)).toBe(2);
    expect(await store().countMemories(NOON + 10)).toBe(1);
  });

  test('those of some folders come with those of none', async () => {
    await put(
      memory('m-in', { folder: '/a/b' }),
      memory('m-around', { folder: '/a' }),
      memory('m-beside', { folder: '/a/bb' }),
      memory('m-me', { folder: null }),
    );
    expect(await ids({ folders: ['/a/b', '/a', '/'] })).toEqual(['m-around', 'm-in', 'm-me']);
    expect(await ids({ folders: [] })).toEqual(['m-me']);
    expect(await ids({ folders: ['/a'], kind: 'fact' })).toEqual(['m-around', 'm-me']);
    expect(await ids({ kind: 'warning' })).toEqual([]);
  });

  test.each([
    ['parser', ['m-1']],
    ['PARS', ['m-1']],
    ['src parse', ['m-1']],
    ['src/parse.', ['m-1']],
    ['arser', []],
    ['parser lexer', []],
    ['straße', ['m-2']],
    ['STRAS', ['m-2']],
    ['naïve', ['m-2']],
    ['naive', []],
    ['日', ['m-2']],
    ['c3po', ['m-3']],
    ['"near" OR NOT -x* (', []],
    ['or not near and', ['m-3']],
    ['', ['m-1', 'm-2', 'm-3']],
    ['!!', ['m-1', 'm-2', 'm-3']],
  ])('%j is looked for in the words of a text, from their beginnings', async (query, found) => {
    await put(
      memory('m-1'),
      memory('m-2', { text: 'Strasse und STRAẞE; NAÏVE 日本' }),
      memory('m-3', { text: 'C3PO\nor not near and' }),
    );
    await put(memory('m-1', { pinned: true }));
    expect(await ids({ words: wordsIn(query) })).toEqual(found);
  });
}
