/** What the rows of costs must survive besides the verbs. */
import { expect, test } from 'vitest';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { newFolder } from './folder.ts';
import { agentWork, attemptWith, NOON, QUIET, submitQueued } from './sample.ts';

test('a rebuilt database knows what its tasks have cost', async () => {
  const [from, to] = [newFolder(), newFolder()];
  const before = openSqlite(from.path);
  const spec = { work: agentWork('claude/default/opus') };
  const queued = await submitQueued(before, 't-1', { spec });
  const task = await before.commit(attemptWith(queued, { kind: 'ok' }), QUIET);
  if (task === null) throw new Error('t-1 moved on');
  const attempts = await before.endedAttempts('t-1');
  const after = openSqlite(to.path);
  await after.restore([{ task, contentHash: 'h', attempts, deliveries: [] }]);
  const spent = await before.spent({ from: NOON });
  expect(spent).toMatchObject({ unknown: 1, unknownUsd: 2, attempts: 1 });
  expect(await after.spent({ from: NOON })).toEqual(spent);
  for (const store of [before, after]) await store.close();
  for (const folder of [from, to]) folder.remove();
});

test('costs stay when the database is closed', async () => {
  const { path, remove } = newFolder();
  const store = openSqlite(path);
  const spec = { work: agentWork('claude/default/opus') };
  const queued = await submitQueued(store, 't-1', { spec });
  await store.commit(attemptWith(queued, { kind: 'ok' }), QUIET);
  const costs = await store.costs({ from: 0, by: 'task', limit: 9 });
  await store.close();
  const again = openSqlite(path);
  expect(await again.costs({ from: 0, by: 'task', limit: 9 })).toEqual(costs);
  await again.close();
  remove();
});
