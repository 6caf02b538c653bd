/** What was acknowledged is there after the writer was killed in the middle of its writing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { type Folder, newFolder } from './folder.ts';

const WRITER = join(import.meta.dirname, 'writer.ts');
let folder: Folder;
afterEach(() => folder.remove());

/** Ids that a writer acknowledged before it was killed at the given one. */
async function writeUntilKilled(path: string, round: number, last: number): Promise<string[]> {
  const child = spawn(process.execPath, [WRITER, path, `${round}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const acknowledged: string[] = [];
  for await (const id of createInterface(child.stdout)) {
    acknowledged.push(id);
    if (acknowledged.length === last) child.kill('SIGKILL');
  }
  await ended;
  return acknowledged;
}

test('a killed writer loses nothing that it acknowledged', async () => {
  folder = newFolder();
  const acknowledged: string[] = [];
  for (const [round, last] of [1, 40, 333].entries())
    acknowledged.push(...(await writeUntilKilled(folder.path, round, last)));

  expect(acknowledged.length).toBeGreaterThanOrEqual(374);
  const store = openSqlite(folder.path);
  const states = await store.states(acknowledged);
  expect(states.size).toBe(acknowledged.length);
  expect(new Set(states.values())).toEqual(new Set(['completed']));
  const { tasks } = await store.list({ limit: 10_000, states: ['completed'] });
  for (const { id } of tasks) {
    expect(await store.history(id)).toHaveLength(5);
    expect(await store.deliveries(id)).toHaveLength(1);
  }
  await store.close();
});
