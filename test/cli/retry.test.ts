import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home } from './home.ts';

const home = new Home();
afterAll(() => home.close());

test('a new task that names the old one, with the same environment', async () => {
  const { stdout } = await home.tend(['run', '-q', '--', 'echo $WHO; test -e ok'], {
    env: { WHO: 'me' },
  });
  const old = stdout.trim();
  expect((await home.tend(['wait', old])).code).toBe(1);
  writeFileSync(join(home.work, 'ok'), '');
  const { code, stdout: shown } = await home.tend(['retry', '--wait', old], {
    env: { WHO: 'you' },
  });
  expect({ code, shown }).toEqual({ code: 0, shown: 'me\n' });
  const fresh = await home.tend(['retry', '--wait', '--fresh-env', old], { env: { WHO: 'you' } });
  expect(fresh.stdout).toBe('you\n');
  const task = await home.json<Task>('retry', old);
  expect(task).toMatchObject({ retryOf: old, command: 'echo $WHO; test -e ok' });
  expect(task.id).not.toBe(old);
});

test('stdout and stderr stay apart when they were', async () => {
  const old = await home.run('--split', '--', 'echo out; echo err >&2');
  await home.tend(['wait', old]);
  const again = await home.tend(['retry', '--wait', old]);
  expect(again).toMatchObject({ code: 0, stdout: 'out\n', stderr: 'err\n' });
});

test('a task that has not ended is not retried', async () => {
  const id = await home.run('--', 'sleep 60');
  const { code, stderr } = await home.tend(['retry', id]);
  expect(code).toBe(1);
  expect(stderr).toContain(`tend wait ${id}`);
  await home.tend(['kill', '--wait', id]);
});
