import { type Memory, wordsIn } from '../../domain/memory.ts';
import type { MemoryQuery, MemoryStore } from '../../ports/memory-store.ts';
import type { Core } from './core.ts';

/** Each condition holds for everything when its value is null. */
const CONDITIONS = `(@at IS NULL OR over_at IS NULL OR over_at > @at)
  AND (@kind IS NULL OR facts ->> '$.kind' = @kind)
  AND (@words IS NULL OR seq IN (SELECT rowid FROM memory_words WHERE memory_words MATCH @words))`;

const SQL = {
  put: `INSERT INTO memory (id, folder, created_at, over_at, facts) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET folder = excluded.folder, created_at = excluded.created_at,
      over_at = excluded.over_at, facts = excluded.facts`,
  seq: 'SELECT seq FROM memory WHERE id = ?',
  index: 'INSERT INTO memory_words (rowid, words) VALUES (?, ?)',
  one: 'SELECT facts FROM memory WHERE id = ?',
  all: `SELECT facts FROM memory INDEXED BY memory_newest WHERE ${CONDITIONS}
    ORDER BY created_at DESC, id LIMIT @limit`,
  ofFolders: `SELECT facts FROM memory INDEXED BY memory_by_folder
    WHERE (folder IS NULL OR folder IN (SELECT value FROM json_each(@folders)))
      AND ${CONDITIONS} ORDER BY created_at DESC, id LIMIT @limit`,
  count: 'SELECT count(*) FROM memory WHERE over_at IS NULL OR over_at > ?',
};

type Asked = Record<'at' | 'kind' | 'words' | 'folders' | 'limit', string | number | null>;

const toMemory = (facts: string): Memory => JSON.parse(facts) as Memory;

/** When it holds no longer; null = it always will. */
const overAt = ({ endedAt, expiresAt }: Memory): number | null =>
  endedAt === null || expiresAt === null ? (endedAt ?? expiresAt) : Math.min(endedAt, expiresAt);

const asked = ({ folders, kind, words, at, limit }: MemoryQuery): Asked => ({
  folders: JSON.stringify(folders ?? []),
  kind: kind ?? null,
  words: words.length === 0 ? null : words.map((word) => `"${word}" *`).join(' AND '),
  at,
  limit,
});

export function memoryVerbs({ db, read, write }: Core): MemoryStore {
  const put = db.prepare<[string, string | null, number, number | null, string]>(SQL.put);
  const seqOf = db.prepare<[string], number>(SQL.seq).pluck();
  const index = db.prepare<[number, string]>(SQL.index);
  const one = db.prepare<[string], string>(SQL.one).pluck();
  const all = db.prepare<[Asked], string>(SQL.all).pluck();
  const ofFolders = db.prepare<[Asked], string>(SQL.ofFolders).pluck();
  const count = db.prepare<[number], number>(SQL.count).pluck();
  return {
    putMemory: (memory) =>
      write(() => {
        const { id, folder, createdAt, text } = memory;
        const isNew = seqOf.get(id) === undefined;
        put.run(id, folder, createdAt, overAt(memory), JSON.stringify(memory));
        const seq = seqOf.get(id);
        // Its text never changes.
        if (isNew && seq !== undefined) index.run(seq, wordsIn(text).join(' '));
      }),
    memory: (id) =>
      read(() => {
        const facts = one.get(id);
        return facts === undefined ? null : toMemory(facts);
      }),
    memories: (query) =>
      read(() => (query.folders === null ? all : ofFolders).all(asked(query)).map(toMemory)),
    countMemories: (at) => read(() => count.get(at) ?? 0),
  };
}
