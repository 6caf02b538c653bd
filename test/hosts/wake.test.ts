import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Running, until } from '../cli/home.ts';
import { HostHome } from './ground.ts';

let home: HostHome;
beforeEach(() => void (home = new HostHome()));
afterEach(() => home.close());

const SESSION = 'ses_1';
const OWNER = `claude:${SESSION}`;
const given = { session_id: SESSION };
const NOTHING = { code: 0, stdout: '', stderr: '' };

const GO = 'go';
/** Runs until the file is there. */
const waits = `until [ -e ${GO} ]; do sleep 0.05; done; echo over`;

const start = async (): Promise<string> =>
  (await home.home.out('run', '-q', '--owner', OWNER, '--', waits)).trim();

const release = (): void => fs.writeFileSync(join(home.home.work, GO), '');

function idle(env: Record<string, string> = {}): Running {
  const running = home.home.start(['hook', 'claude', 'wake'], {
    env: { CLAUDE_CODE_SESSION_ATTENDED: '1', ...env },
  });
  running.child.stdin?.end(JSON.stringify(given));
  return running;
}

const waiters = (): string[] => {
  const folder = join(home.home.env['TEND_HOME'] ?? '', 'waiters');
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
};

const oneWaits = () => until('one waits', () => waiters().includes(encodeURIComponent(OWNER)));

test('an idle session is woken by the end of its task, once', async () => {
  const id = await start();
  const waiter = idle();
  await oneWaits();
  release();
  const { code, stdout, stderr } = await waiter.result;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(id);
  expect(stderr).toContain('over');
  expect(await home.hook('claude', 'prompt', given)).toMatchObject(NOTHING);
  expect(waiters()).toEqual([]);
});

test('without anything to wait for, and without a person, nobody waits', async () => {
  await home.home.out('run', '--wait', '--', 'true');
  expect(await idle().result).toMatchObject(NOTHING);
  await start();
  expect(await idle({ CLAUDE_CODE_SESSION_ATTENDED: '0' }).result).toMatchObject(NOTHING);
  expect(waiters()).toEqual([]);
  release();
});

test('at most one waits for a session, and nobody while it works', async () => {
  await start();
  const first = idle();
  await oneWaits();
  const second = idle();
  expect(await first.result).toMatchObject(NOTHING);
  await oneWaits();
  expect(await home.hook('claude', 'prompt', given)).toMatchObject(NOTHING);
  expect(await second.result).toMatchObject(NOTHING);
  expect(waiters()).toEqual([]);
  release();
});

test('a daemon that dies meanwhile is waited for', async () => {
  const id = await start();
  const waiter = idle();
  await oneWaits();
  const { pid } = JSON.parse(await home.home.out('daemon', 'status', '--json')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  release();
  await until('the task is over', async () => {
    const { stdout } = await home.home.tend(['show', id, '--json']);
    return (JSON.parse(stdout) as { state: string }).state === 'completed';
  });
  const { code, stderr } = await waiter.result;
  expect(code).toBe(2);
  expect(stderr).toContain(id);
});
