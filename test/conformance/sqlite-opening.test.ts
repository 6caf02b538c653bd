import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { distrust, isDoubted, trust } from '../../src/adapters/sqlite/doubt.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { STATES } from '../../src/domain/lifecycle.ts';
import { type Folder, newFolder } from './folder.ts';
import { submit } from './sample.ts';

let folder: Folder;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => folder.remove());

async function makeStore(path: string, count = 1): Promise<void> {
  const store = openSqlite(path);
  await Promise.all(Array.from({ length: count }, (_, at) => submit(store, `t-${at}`)));
  await store.close();
}

const names = (): string[] => readdirSync(dirname(folder.path)).sort();
const contents = (): Map<string, string> =>
  new Map(
    names().map((name) => [name, readFileSync(join(dirname(folder.path), name)).toString('hex')]),
  );
const opening = (): void => void openSqlite(folder.path);

test('a store is there again when it is opened again', async () => {
  await makeStore(folder.path);
  const store = openSqlite(folder.path);
  expect(await store.get('t-0')).toMatchObject({ state: 'queued' });
  await store.close();
  await store.close();
  await expect(store.get('t-0')).rejects.toMatchObject({ code: 'daemon_stopping' });
  await expect(submit(store, 't-1')).rejects.toMatchObject({ code: 'daemon_stopping' });
  expect(names()).toEqual(['tend.db']);
});

test('what was asked for before the end is still done', async () => {
  const store = openSqlite(folder.path);
  const submitting = Array.from({ length: 300 }, (_, at) => submit(store, `t-${at}`));
  await store.close();
  expect(await Promise.all(submitting)).toHaveLength(300);
});

test('its files are private', async () => {
  writeFileSync(folder.path, '', { mode: 0o644 });
  const store = openSqlite(folder.path);
  await submit(store, 't-1');
  expect(names()).toEqual(['tend.db', 'tend.db-shm', 'tend.db-wal']);
  for (const name of names())
    expect(statSync(join(dirname(folder.path), name)).mode & 0o777).toBe(0o600);
  await store.close();
});

test('without its folder it is unwritable, and says where', () => {
  const path = join(dirname(folder.path), 'none', 'tend.db');
  expect(() => openSqlite(path)).toThrow(
    expect.objectContaining({ code: 'state_unwritable', message: expect.stringContaining(path) }),
  );
  expect(() => openSqlite(dirname(folder.path))).toThrow(
    expect.objectContaining({ code: 'state_unwritable' }),
  );
});

describe('the schema', () => {
  test('is the reviewed one', async () => {
    await makeStore(folder.path);
    const db = new Database(folder.path);
    const sql = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').pluck().all();
    const version = db.pragma('user_version', { simple: true });
    db.close();
    const dump = [...sql, `PRAGMA user_version = ${String(version)}`].join(';\n\n') + ';\n';
    await expect(dump).toMatchFileSnapshot('../fixtures/db/schema.sql');
  });

  test('knows the states of the lifecycle, no more and no less', async () => {
    await makeStore(folder.path);
    const db = new Database(folder.path);
    const sql = db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'task'").pluck().get();
    db.close();
    const [, listed = ''] = /CHECK \(state IN \(([^)]*)\)/.exec(String(sql)) ?? [];
    expect(listed.match(/\w+/g)).toEqual([...STATES]);
  });

  test('of a newer Tend is refused, and nothing is touched', async () => {
    await makeStore(folder.path);
    const db = new Database(folder.path);
    db.pragma('user_version = 99');
    db.close();
    const before = contents();
    expect(opening).toThrow(expect.objectContaining({ code: 'schema_newer' }));
    expect(contents()).toEqual(before);
  });

  test('of a newer Tend is refused, too, when only the log knows of it', async () => {
    const killed = newFolder();
    await makeStore(killed.path);
    const db = new Database(killed.path);
    db.pragma('user_version = 99');
    for (const companion of ['', '-wal'])
      writeFileSync(folder.path + companion, readFileSync(killed.path + companion));
    db.close();
    killed.remove();
    const before = contents();
    expect(opening).toThrow(expect.objectContaining({ code: 'schema_newer' }));
    for (const [name, content] of before) expect(contents().get(name)).toBe(content);
  });
});

describe('a damaged database', () => {
  /** Opens, expects the refusal, and answers the name of the copy that is kept. */
  function refused(): string {
    const before = readFileSync(folder.path);
    expect(opening).toThrow(
      expect.objectContaining({
        code: 'database_corrupt',
        message: expect.stringContaining(`${folder.path}.corrupt-`),
        hint: expect.stringContaining('tend doctor --rebuild'),
      }),
    );
    const kept = names().find((name) => /^tend\.db\.corrupt-\w+$/.test(name)) ?? '';
    expect(names()).not.toContain(basename(folder.path));
    expect(readFileSync(join(dirname(folder.path), kept)).equals(before)).toBe(true);
    return kept;
  }

  test('is moved aside when it is no database', async () => {
    writeFileSync(folder.path, 'this is not a database at all\n'.repeat(500));
    refused();
    await makeStore(folder.path);
  });

  test('is moved aside when a few bytes are left', () => {
    writeFileSync(folder.path, 'SQL');
    refused();
  });

  test('is moved aside when its end is missing', async () => {
    await makeStore(folder.path, 200);
    truncateSync(folder.path, statSync(folder.path).size - 8192);
    refused();
  });

  test('is moved aside when pages in its middle are overwritten', async () => {
    await makeStore(folder.path, 200);
    const bytes = readFileSync(folder.path);
    bytes.fill(0xa5, bytes.length >> 1, (bytes.length >> 1) + 16_384);
    writeFileSync(folder.path, bytes);
    refused();
  });

  test('takes its log along', () => {
    writeFileSync(folder.path, 'no database');
    writeFileSync(`${folder.path}-wal`, 'its log');
    const kept = refused();
    expect(readFileSync(join(dirname(folder.path), `${kept}-wal`), 'utf8')).toBe('its log');
    expect(names()).not.toContain('tend.db-wal');
  });

  test('that is damaged a second time has a second copy', () => {
    for (const content of ['one', 'two']) {
      writeFileSync(folder.path, content);
      expect(opening).toThrow(expect.objectContaining({ code: 'database_corrupt' }));
    }
    expect(names()).toHaveLength(2);
  });

  test('that shows in use is refused when it is opened again', async () => {
    const store = openSqlite(folder.path);
    await Promise.all(Array.from({ length: 200 }, (_, at) => submit(store, `t-${at}`)));
    const db = new Database(folder.path);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.unsafeMode().pragma('writable_schema = ON');
    db.prepare("UPDATE sqlite_schema SET rootpage = 999999 WHERE name = 'setting'").run();
    db.pragma('schema_version = 9999');
    db.close();
    await expect(store.setting('paused')).rejects.toMatchObject({ code: 'database_corrupt' });
    expect(names()).toContain('tend.db-suspect');
    await store.close();
    expect(opening).toThrow(expect.objectContaining({ code: 'database_corrupt' }));
  });
});

test('a large database is checked when there is reason to doubt it', () => {
  const { path } = folder;
  writeFileSync(path, '');
  expect(isDoubted(path)).toBe(true);
  truncateSync(path, 2 ** 30);
  expect(isDoubted(path)).toBe(false);
  writeFileSync(`${path}-wal`, 'left by a killed daemon');
  expect(isDoubted(path)).toBe(true);
  truncateSync(`${path}-wal`, 0);
  distrust(path);
  expect(isDoubted(path)).toBe(true);
  trust(path);
  expect(isDoubted(path)).toBe(false);
});
