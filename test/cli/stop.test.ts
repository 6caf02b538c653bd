import { afterAll, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());

const running = (id: string): Promise<unknown> =>
  until(`${id} runs`, async () => (await home.out('ls', '-q', '-s', 'running')).includes(id));

test('stop is polite: the command may clean up', async () => {
  const id = await home.run(
    '--',
    "trap 'echo bye; exit 0' TERM; echo hi; while :; do sleep 0.02; done",
  );
  await until('output', async () => (await home.out('logs', id)) === 'hi\n');
  const task = await home.json<Task>('stop', '--wait', id);
  expect(task).toMatchObject({ id, state: 'cancelled', reason: 'user' });
  expect(await home.out('logs', id)).toMatch(/^hi\n.*bye\n$/s);
});

test('kill is not', async () => {
  const id = await home.run('--grace', '1h', '--', "trap '' TERM; while :; do sleep 0.02; done");
  await running(id);
  const task = await home.json<Task>('kill', '--wait', id);
  expect(task).toMatchObject({ state: 'cancelled', signal: 'SIGKILL' });
});

test('what waits is stopped too; what has ended stays as it is', async () => {
  const first = await home.run('--', 'sleep 60');
  const second = await home.run('--after', first, '--', 'true');
  expect(await home.json<Task>('stop', second)).toMatchObject({ state: 'cancelled' });
  const done = await home.run('--', 'true');
  await home.tend(['wait', done]);
  expect(await home.json<Task>('stop', done)).toMatchObject({ state: 'completed' });
  await home.tend(['kill', '--wait', first]);
});

test('several are answered together, in the order asked', async () => {
  const [a, b] = [await home.run('--', 'sleep 60'), await home.run('--', 'sleep 60')];
  const { tasks } = await home.json<{ tasks: Task[] }>('kill', '--wait', b, a);
  expect(tasks.map(({ id, state }) => [id, state])).toEqual([
    [b, 'cancelled'],
    [a, 'cancelled'],
  ]);
});

test('--tree stops descendants', async () => {
  const parent = await home.run('--', 'sleep 60');
  await running(parent);
  const env = { TEND_TASK_ID: parent };
  const { stdout } = await home.tend(['run', '-q', '--', 'sleep 60'], { env });
  const child = stdout.trim();
  await home.tend(['stop', '--tree', '--wait', parent]);
  await home.tend(['wait', child]);
  expect(await home.json<Task>('show', child)).toMatchObject({
    state: 'cancelled',
    reason: 'parent',
  });
});

test('one unknown among several: the others are stopped, the exit code is 3', async () => {
  const id = await home.run('--', 'sleep 60');
  const { code, stdout } = await home.tend(['kill', '-q', 'nothing', id]);
  expect({ code, stdout }).toEqual({ code: 3, stdout: `${id}\n` });
  expect((await home.tend(['wait', id])).code).toBe(1);
});
