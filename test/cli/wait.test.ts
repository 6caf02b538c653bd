import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());

interface Tasks {
  tasks: Task[];
}

test('one task: the exit code is its command’s own', async () => {
  const id = await home.run('--', 'exit 9');
  const { code, stdout } = await home.tend(['wait', id]);
  expect(code).toBe(9);
  expect(stdout).toMatch(new RegExp(`^${id} failed with exit code 9 after `));
});

test('several: in the order asked, 0 only when all succeeded', async () => {
  const [a, b] = [await home.run('--', 'true'), await home.run('--', 'exit 9')];
  const both = await home.tend(['wait', '--json', b, a]);
  expect(both.code).toBe(1);
  const { tasks } = JSON.parse(both.stdout) as Tasks;
  expect(tasks.map(({ id }) => id)).toEqual([b, a]);
  expect((await home.tend(['wait', a, a])).code).toBe(0);
});

test('--any ends with the first, and with its code', async () => {
  const slow = await home.run('--', 'sleep 30');
  const fast = await home.run('--', 'exit 4');
  const { code, stdout } = await home.tend(['wait', '--any', '-q', slow, fast]);
  expect({ code, stdout }).toEqual({ code: 4, stdout: `${fast}\n` });
  await home.tend(['kill', '--wait', slow]);
});

test('--timeout ends with 124 and harms nothing', async () => {
  const id = await home.run('--', 'sleep 30');
  const { code, stdout } = await home.tend(['wait', '--timeout', '200ms', '--json', id]);
  expect(code).toBe(124);
  expect(JSON.parse(stdout)).toMatchObject({ tasks: [{ id, state: 'running' }] });
  await home.tend(['kill', '--wait', id]);
});

test('an unknown task ends with 3 and the nearest id, an ambiguous prefix with 2 and the matches', async () => {
  await home.run('--id', 'deploy-a', '--', 'true');
  await home.run('--id', 'deploy-b', '--', 'true');
  const unknown = await home.tend(['wait', 'deploi-a']);
  expect(unknown.code).toBe(3);
  expect(unknown.stderr).toContain('deploy-a');
  const ambiguous = await home.tend(['wait', 'deploy']);
  expect(ambiguous.code).toBe(2);
  expect(ambiguous.stderr).toContain('deploy-a');
  expect(ambiguous.stderr).toContain('deploy-b');
  expect((await home.tend(['wait', 'deploy-b'])).code).toBe(0);
});

test('an interrupt ends with 130, and the tasks go on', async () => {
  const ids = [await home.run('--', 'sleep 30'), await home.run('--', 'sleep 30')];
  const { child, said, result } = home.startOnTerminal(['wait', ...ids]);
  await until('progress', () => said.stdout.includes('0 of 2 tasks ended'));
  child.stdin?.write('\u0003');
  const { code, stdout } = await result;
  expect(code).toBe(130);
  expect(stdout).toContain('interrupted');
  for (const id of ids)
    expect((await home.json<Task>('show', id)).state).toMatch(/^(queued|claimed|running)$/);
  await home.tend(['kill', '--wait', ...ids]);
});

test('on a terminal a line of progress comes and goes', async () => {
  const go = join(home.work, 'go');
  const slow = await home.run('--', `until [ -e ${go} ]; do sleep 0.02; done`);
  const fast = await home.run('--', 'true');
  const { said, result } = home.startOnTerminal(['wait', slow, fast]);
  await until('progress', () => /1 of 2 tasks ended/.test(said.stdout));
  writeFileSync(go, '');
  const { code, stdout } = await result;
  expect(code).toBe(0);
  const shown = stdout.split('\r\u001b[2K').at(-1);
  expect(shown).toMatch(new RegExp(`^${slow} completed after .*\n${fast} completed`));
});

test('a daemon that ends meanwhile is started again, and the wait goes on', async () => {
  const go = join(home.work, 'go2');
  const id = await home.run('--', `until [ -e ${go} ]; do sleep 0.02; done; exit 6`);
  const { said, result } = home.start(['wait', id]);
  const pid = Number((await home.out('daemon', 'status', '-q')).trim());
  process.kill(pid, 'SIGKILL');
  await until('another daemon', async () => {
    const { code, stdout } = await home.tend(['daemon', 'status', '-q']);
    return code === 0 && Number(stdout.trim()) !== pid;
  });
  writeFileSync(go, '');
  expect((await result).code, said.stderr).toBe(6);
});
