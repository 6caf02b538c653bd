import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());

interface Status {
  pid: number;
  stateFolder: string;
}

test('status and stop never start one', async () => {
  const status = await home.tend(['daemon', 'status', '--json']);
  expect(status.code).toBe(4);
  expect(JSON.parse(status.stdout)).toMatchObject({ error: { code: 'daemon_unreachable' } });
  expect(await home.json('daemon', 'stop')).toEqual({ stopped: false, pid: null });
  expect(home.processes()).toEqual([]);
});

test('start, status, stop; a running task goes on and is adopted', async () => {
  const { pid, stateFolder } = await home.json<Status>('daemon', 'start');
  expect(stateFolder).toBe(join(home.path, 's'));
  expect(await home.out('daemon', 'status', '-q')).toBe(`${pid}\n`);
  expect((await home.json<Status>('daemon', 'start')).pid).toBe(pid);
  const id = await home.run('--', 'sleep 0.5; exit 6');
  await until('it runs', async () => (await home.out('ls', '-q', '-s', 'running')) !== '');
  expect(await home.json('daemon', 'stop')).toEqual({ stopped: true, pid });
  expect((await home.tend(['daemon', 'status'])).code).toBe(4);
  const { code, stderr } = await home.tend(['wait', id]);
  expect(code).toBe(6);
  expect(stderr).toContain('started the daemon');
  expect((await home.json<Task>('show', id)).attempts).toHaveLength(1);
});

test('several at once start one daemon', async () => {
  await home.tend(['daemon', 'stop']);
  const started = await Promise.all(
    Array.from({ length: 4 }, () => home.json<Status>('daemon', 'start')),
  );
  expect(new Set(started.map(({ pid }) => pid)).size).toBe(1);
});

test('logs are read from the file, without a daemon too', async () => {
  await home.tend(['daemon', 'stop']);
  const lines = (await home.out('daemon', 'logs', '-n', '2')).trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines.at(-1)).toContain('closed');
  const { child, said, result } = home.start(['daemon', 'logs', '-f', '-n', '0']);
  await home.tend(['daemon', 'start']);
  await until('a new line', () => said.stdout.includes('ready'));
  child.kill('SIGINT');
  expect((await result).code).toBe(130);
});

test('install writes a unit that never ends tasks with the daemon, and starts nothing', async () => {
  const unit = join(home.path, '.config/systemd/user/tend.service');
  const dry = await home.tend(['daemon', 'install', '--dry-run']);
  expect(dry.code).toBe(0);
  expect(existsSync(unit)).toBe(false);
  const { code, stdout, stderr } = await home.tend(['daemon', 'install']);
  expect(code).toBe(0);
  expect(stdout).toBe(dry.stdout);
  expect(readFileSync(unit, 'utf8')).toBe(stdout);
  for (const line of ['Type=notify', 'KillMode=process', 'Restart=on-failure'])
    expect(stdout.split('\n')).toContain(line);
  expect(stdout).toContain(`TEND_HOME=${join(home.path, 's')}`);
  expect(stderr).toContain('systemctl --user enable --now tend.service');
});

test('a state folder that others may write to is refused, with code 4', async () => {
  const { code, stdout } = await home.tend(['ls', '--json'], { env: { TEND_HOME: '/tmp' } });
  expect(code).toBe(4);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'state_unsafe' } });
});
