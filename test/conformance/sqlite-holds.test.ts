import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/adapters/sqlite/migrations/index.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import type { Outcome } from '../../src/domain/attempt.ts';
import { manualHold } from '../../src/domain/holds.ts';
import { type Folder, newFolder } from './folder.ts';
import {
  candidates,
  agentWork,
  attemptWith,
  NOON,
  QUIET,
  refused,
  submit,
  submitEnded,
  submitQueued,
} from './sample.ts';

const OPUS = 'claude/default/opus';

let folder: Folder;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => folder.remove());

describe('the end of an attempt and what it does to the hold are one transaction', () => {
  test.each<[string, Outcome, RegExp]>([
    ['refused', refused('overloaded', 'transient'), /^INSERT OR REPLACE INTO hold/],
    ['succeeded', { kind: 'ok' }, /^DELETE FROM hold/],
  ])('%s', async (_, outcome, change) => {
    const ran: string[] = [];
    const store = openSqlite(folder.path, { trace: (sql) => ran.push(sql) });
    await store.setHold({ ...manualHold('claude', 0, 'not now', NOON), account: OPUS });
    const work = agentWork(OPUS);
    const task = await submitQueued(store, 't-1', { now: NOON + 9, spec: { work } });
    ran.length = 0;
    await store.commit(attemptWith(task, outcome), QUIET);
    await store.close();
    const at = (wanted: RegExp): number => ran.findIndex((sql) => wanted.test(sql));
    expect(at(/^UPDATE task/)).toBeGreaterThan(at(/^BEGIN/));
    expect(at(change)).toBeGreaterThan(at(/^UPDATE task/));
    expect(at(/^COMMIT/)).toBeGreaterThan(at(change));
    expect(ran.filter((sql) => sql.startsWith('COMMIT'))).toHaveLength(1);
  });
});

test('a second failure, the question about it and its line in the history are one transaction', async () => {
  const ran: string[] = [];
  const store = openSqlite(folder.path, { trace: (sql) => ran.push(sql) });
  for (const id of ['t-1', 't-2']) {
    const task = await submitQueued(store, id, { spec: { work: agentWork(OPUS) } });
    ran.length = 0;
    await store.commit(attemptWith(task, { kind: 'agent_error', message: 'boom' }), QUIET);
  }
  await store.close();
  const at = (wanted: RegExp): number => ran.findIndex((sql) => wanted.test(sql));
  expect(at(/^INSERT OR REPLACE INTO hold/)).toBeGreaterThan(at(/^BEGIN/));
  expect(at(/^INSERT INTO agent_change/)).toBeGreaterThan(at(/^BEGIN/));
  expect(at(/^INSERT INTO delivery/)).toBeGreaterThan(at(/^BEGIN/));
  expect(at(/^COMMIT/)).toBeGreaterThan(at(/^INSERT INTO delivery/));
  expect(ran.filter((sql) => sql.startsWith('COMMIT'))).toHaveLength(1);
});

test('failures and the history are there again when the store is opened again', async () => {
  const before = openSqlite(folder.path);
  for (const id of ['t-1', 't-2']) {
    const task = await submitQueued(before, id, { spec: { work: agentWork(OPUS) } });
    await before.commit(attemptWith(task, { kind: 'agent_error', message: 'boom' }), QUIET);
  }
  const [holds, changes] = [await before.holds(), await before.agentChanges(9)];
  await before.close();
  const after = openSqlite(folder.path);
  expect(holds).toMatchObject([{ account: 'claude/drained', count: 2 }]);
  expect(changes).toMatchObject([{ kind: 'drained', taskId: 't-2' }]);
  expect([await after.holds(), await after.agentChanges(9)]).toEqual([holds, changes]);
  await after.close();
});

test('holds are there again when the store is opened again', async () => {
  const before = openSqlite(folder.path);
  const task = await submitQueued(before, 't-1', { spec: { work: agentWork(OPUS) } });
  await before.commit(attemptWith(task, refused('quota_exhausted', 'until', NOON + 99)), QUIET);
  await before.setHold(manualHold('codex', null, 'holidays', NOON));
  await submit(before, 't-2', { spec: { work: agentWork(OPUS) } });
  const held = await before.holds();
  await before.close();
  const after = openSqlite(folder.path);
  expect(held.map(({ account }) => account)).toEqual([OPUS, 'codex/*']);
  expect(await after.holds()).toEqual(held);
  expect(await candidates(after, 9, NOON)).toEqual([]);
  await after.close();
});

test('tasks that were stored before there were agents are candidates as ever', async () => {
  const made = newFolder();
  const store = openSqlite(made.path);
  await submit(store, 't-queued');
  await submitEnded(store, 't-ended');
  const [queued, ended] = [await store.get('t-queued'), await store.get('t-ended')];
  await store.close();

  const db = new Database(folder.path);
  db.exec(String(MIGRATIONS[0]));
  db.pragma('user_version = 1');
  const columns = (table: string): string =>
    db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table).join(', ');
  db.prepare('ATTACH ? AS made').run(made.path);
  for (const table of ['task', 'attempt', 'history', 'delivery'])
    db.exec(`INSERT INTO ${table} SELECT ${columns(table)} FROM made.${table}`);
  db.close();
  made.remove();

  const migrated = openSqlite(folder.path);
  expect(await migrated.holds()).toEqual([]);
  await migrated.setHold(manualHold('claude', null, 'holidays', NOON));
  expect(await candidates(migrated, 9, NOON)).toEqual([queued]);
  expect(await migrated.get('t-ended')).toEqual(ended);
  await submit(migrated, 't-agent', { spec: { work: agentWork(OPUS), priority: 9 } });
  expect(await candidates(migrated, 9, NOON)).toEqual([queued]);
  await migrated.dropHolds(['claude/*'], 'released', NOON);
  expect(await candidates(migrated, 9, NOON)).toMatchObject([
    { id: 't-agent' },
    { id: 't-queued' },
  ]);
  await migrated.close();
});
