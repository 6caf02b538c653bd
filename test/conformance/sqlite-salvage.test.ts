import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEPENDENCY_CONDITIONS } from '../../src/domain/dependencies.ts';
import { openSqlite, type SqliteStore } from '../../src/adapters/sqlite/open.ts';
import { salvage } from '../../src/adapters/sqlite/salvage.ts';
import { type Folder, newFolder } from './folder.ts';
import { submitParked } from './question.rules.ts';
import { claim, QUIET, submit, submitEnded, submitQueued } from './sample.ts';

let folder: Folder;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => folder.remove());

async function fill(store: SqliteStore): Promise<void> {
  await Promise.all(Array.from({ length: 150 }, (_, at) => submitEnded(store, `t-${at}`)));
  await store.ack('cli:1000', ['d-t-3.mpv5pc00.c'], 1);
  await store.commit([claim(await submitQueued(store, 't-claimed'))], QUIET);
  await submit(store, 't-keyed', { spec: { key: 'k' }, contentHash: 'c' });
  const after = [{ task: 't-keyed', when: 'always' as const }];
  await submit(store, 't-waiting', { spec: { after } });
}

/** Damages the middle of the database and answers where the copy is. */
function damage(from: number, length: number): string {
  const bytes = readFileSync(folder.path);
  const start = Math.floor((bytes.length * from) / 4096) * 4096;
  bytes.fill(0xa5, start, start + length);
  writeFileSync(folder.path, bytes);
  expect(() => openSqlite(folder.path)).toThrow(
    expect.objectContaining({ code: 'database_corrupt' }),
  );
  const names = readdirSync(dirname(folder.path));
  return join(dirname(folder.path), names.find((name) => /corrupt-\w+$/.test(name)) ?? '');
}

test.each([0.3, 0.5, 0.7])('what is left after damage at %f is read and restored', async (from) => {
  const before = openSqlite(folder.path);
  await fill(before);
  const { tasks } = await before.list({ limit: 999 });
  await before.close();

  const salvaged = salvage(damage(from, 12_288));
  expect(salvaged.length).toBeGreaterThan(60);
  expect(salvaged.length).toBeLessThanOrEqual(tasks.length);
  const originals = new Map(tasks.map((task) => [task.id, task]));
  for (const { task } of salvaged) expect(task).toEqual(originals.get(task.id));

  const store = openSqlite(folder.path);
  expect(await store.restore(salvaged)).toHaveLength(salvaged.length);
  const restored = await store.list({ limit: 999 });
  expect(restored.tasks).toHaveLength(salvaged.length);
  for (const task of restored.tasks) expect(task).toEqual(originals.get(task.id));
  await store.close();
});

test('a whole database is salvaged whole', async () => {
  const before = openSqlite(folder.path);
  await fill(before);
  const attempts = await before.attempts('t-3');
  const deliveries = await before.deliveries('t-3');
  const salvaged = salvage(folder.path);
  await before.close();
  const copy = newFolder();
  const store = openSqlite(copy.path);
  try {
    expect(await store.restore(salvaged)).toHaveLength(153);
    expect(await store.attempts('t-3')).toEqual(attempts);
    expect(await store.deliveries('t-3')).toEqual(deliveries);
    expect(await store.history('t-3')).toMatchObject([{ event: 'complete', state: 'completed' }]);
    expect(await store.history('t-claimed')).toMatchObject([{ event: 'claim' }]);
    expect(await store.released('t-keyed', DEPENDENCY_CONDITIONS)).toEqual(['t-waiting']);
    expect(await store.live('here')).toMatchObject([{ id: 't-claimed' }]);
    expect(await submit(store, 't-9', { spec: { key: 'k' }, contentHash: 'c' })).toMatchObject({
      id: 't-keyed',
    });
    expect(await store.restore(salvaged)).toEqual([]);
  } finally {
    await store.close();
    copy.remove();
  }
});

test('of what is no database nothing is salvaged', () => {
  writeFileSync(folder.path, 'no database');
  expect(salvage(folder.path)).toEqual([]);
  expect(salvage(`${folder.path}-none`)).toEqual([]);
});

test('a check that is restored is still no task of its own', async () => {
  const before = openSqlite(folder.path);
  const check = { of: 't-1', attempt: 1, what: 'verify', nth: 1, commit: 'c0ffee' } as const;
  await submit(before, 't-1');
  await submit(before, 'c-1', { spec: { check, key: 'k' } });
  await before.close();
  const salvaged = salvage(folder.path);
  const other = newFolder();
  const store = openSqlite(other.path);
  expect(await store.restore(salvaged)).toEqual(['t-1', 'c-1']);
  expect((await store.list({ limit: 9 })).tasks.map(({ id }) => id)).toEqual(['t-1']);
  expect((await store.checksOf('t-1')).map(({ id }) => id)).toEqual(['c-1']);
  await store.close();
  other.remove();
});

test('a task that is parked is restored with what it asked, and is due at its deadline', async () => {
  const before = openSqlite(folder.path);
  const parked = await submitParked(before, 't-parked');
  await before.close();
  const salvaged = salvage(folder.path);
  const other = newFolder();
  const store = openSqlite(other.path);
  expect(await store.restore(salvaged)).toEqual(['t-parked']);
  expect(await store.get('t-parked')).toEqual(parked);
  expect((await store.asked(9)).map(({ task }) => task.state)).toEqual(['awaiting_input']);
  expect(await store.nextDue()).toBe(parked.attempt.worker?.question?.deadlineAt);
  expect(await store.history('t-parked')).toMatchObject([{ event: 'ask' }]);
  expect((await store.deliveries('t-parked')).map(({ kind }) => kind)).toEqual(['question']);
  await store.close();
  other.remove();
});
