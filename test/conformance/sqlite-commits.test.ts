import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { translate } from '../../src/adapters/sqlite/errors.ts';
import { GroupCommit } from '../../src/adapters/sqlite/group-commit.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { type Folder, newFolder } from './folder.ts';
import { newTask, submitQueued, claim, QUIET } from './sample.ts';

let folder: Folder;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => folder.remove());

test('writes of one turn share a transaction, those of the next do not', async () => {
  const ran: string[] = [];
  const store = openSqlite(folder.path, { trace: (sql) => ran.push(sql) });
  const commits = (): number => ran.filter((sql) => sql === 'COMMIT').length;
  const tasks = await Promise.all(
    Array.from({ length: 50 }, (_, at) => submitQueued(store, `t-${at}`)),
  );
  const submitted = commits();
  await Promise.all(tasks.map((task) => store.commit([claim(task)], QUIET)));
  expect(commits() - submitted).toBe(1);
  await store.submit(newTask('t-a'));
  await store.submit(newTask('t-b'));
  expect(commits() - submitted).toBe(3);
  await store.get('t-a');
  await store.list({ limit: 1 });
  expect(commits() - submitted).toBe(3);
  await store.close();
});

describe('a group of writes', () => {
  let db: Database.Database;
  let group: GroupCommit;
  beforeEach(() => {
    db = new Database(folder.path);
    db.pragma('journal_mode = WAL');
    db.pragma('foreign_keys = ON');
    db.exec('CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT');
    db.exec('CREATE TABLE item (text TEXT, parent INTEGER REFERENCES parent (id)) STRICT');
    group = new GroupCommit(db, (error) => translate(error, folder.path));
  });
  afterEach(() => group.close());

  const insert = (text: string): Promise<unknown> =>
    group.write(() => db.prepare('INSERT INTO item VALUES (?, NULL)').run(text));
  const items = (): Promise<unknown> =>
    group.read(() => db.prepare('SELECT text FROM item').pluck().all());
  const statuses = async (writes: readonly Promise<unknown>[]): Promise<string[]> =>
    (await Promise.allSettled(writes)).map(({ status }) => status);

  test('undoes the one that fails and keeps the others', async () => {
    const failing = group.write(() => {
      db.prepare("INSERT INTO item VALUES ('half', NULL)").run();
      throw new RangeError('no');
    });
    const results = await statuses([insert('a'), failing, insert('b')]);
    expect(results).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(failing).rejects.toThrow(RangeError);
    expect(await items()).toEqual(['a', 'b']);
  });

  test('is refused as a whole when its commit fails', async () => {
    const orphan = group.write(() => {
      db.pragma('defer_foreign_keys = ON');
      db.prepare("INSERT INTO item VALUES ('orphan', 7)").run();
    });
    const reading = items();
    const results = await Promise.allSettled([insert('a'), orphan, reading]);
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
    expect(await items()).toEqual([]);
    await insert('b');
    expect(await items()).toEqual(['b']);
  });

  test('is refused as a whole on a full disk, and the next one is tried again', async () => {
    const pages = Number(db.pragma('page_count', { simple: true }));
    db.pragma(`max_page_count = ${pages + 4}`);
    const results = await Promise.allSettled([insert('a'), insert('x'.repeat(100_000))]);
    expect(results.at(-1)).toMatchObject({
      status: 'rejected',
      reason: { code: 'disk_full', message: expect.stringContaining(folder.path) },
    });
    const kept = results[0]?.status === 'fulfilled' ? ['a'] : [];
    expect(await items()).toEqual(kept);
    await insert('b');
    expect(await items()).toEqual([...kept, 'b']);
  });

  test('of any size is done in order, in bounded transactions', async () => {
    const writes = Array.from({ length: 600 }, (_, at) => insert(`${at}`));
    expect(await items()).toHaveLength(600);
    expect(new Set(await statuses(writes))).toEqual(new Set(['fulfilled']));
    expect(await items()).toEqual(Array.from({ length: 600 }, (_, at) => `${at}`));
  });

  test('is refused when another process writes, and named as that', async () => {
    db.pragma('busy_timeout = 10');
    const other = new Database(folder.path);
    other.exec('BEGIN IMMEDIATE');
    await expect(insert('a')).rejects.toMatchObject({ code: 'database_busy' });
    other.exec('ROLLBACK');
    other.close();
    await insert('b');
    expect(await items()).toEqual(['b']);
  });
});

test.each([
  ['SQLITE_FULL', 'disk_full'],
  ['SQLITE_BUSY_SNAPSHOT', 'database_busy'],
  ['SQLITE_READONLY_DBMOVED', 'state_unwritable'],
  ['SQLITE_CANTOPEN', 'state_unwritable'],
  ['SQLITE_IOERR_WRITE', 'state_unwritable'],
  ['SQLITE_CORRUPT_INDEX', 'database_corrupt'],
  ['SQLITE_NOTADB', 'database_corrupt'],
  ['SQLITE_CONSTRAINT_CHECK', 'internal'],
])('%s is told as %s, with the file', (code, told) => {
  const message: unknown = expect.stringContaining('/state/tend.db');
  const error = translate(new Database.SqliteError('why', code), '/state/tend.db');
  expect(error).toMatchObject({ name: 'TendError', code: told, message });
});
