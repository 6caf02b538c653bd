import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandEnvironment } from '../../src/adapters/notify/command.ts';
import { createNotifier, type NotifierOptions } from '../../src/adapters/notify/notifier.ts';
import type { EndedTask } from '../../src/domain/task.ts';
import { until } from './receiver.ts';
import { deliveryTo, endedTask } from './sample.ts';

let folder = '';
let logged: { message: string; facts: Readonly<Record<string, string>> }[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tend-command-')));
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Case extends Partial<NotifierOptions> {
  task?: EndedTask;
  preview?: string;
}

function run(command: string | null, { task = endedTask(3), preview, ...options }: Case = {}) {
  const notifier = createNotifier({
    receivers: () => ({ webhooks: {}, onDone: command }),
    clock: { now: Date.now, monotonic: () => performance.now() },
    environment: { PATH: process.env['PATH'] ?? '', HOME: folder },
    log: (message, facts) => void logged.push({ message, facts }),
    ...options,
  });
  return notifier.push([{ delivery: deliveryTo('command', preview), task }]).then(
    () => 'delivered',
    (error: Error) => error.message,
  );
}

const lives = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
const pidIn = (name: string): number => Number(readFileSync(join(folder, name), 'utf8'));

describe('the command', () => {
  test('finds the facts in its environment and on its stdin, and nothing else there', async () => {
    expect(await run('env > facts; cat > message')).toBe('delivered');
    const lines = readFileSync(join(folder, 'facts'), 'utf8').trim().split('\n');
    const facts = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    expect(facts).toMatchObject({
      TEND_TASK_ID: 't-7k2m9q4x',
      TEND_STATE: 'failed',
      TEND_REASON: 'exit_code',
      TEND_VERDICT: 'failed',
      TEND_EXIT_CODE: '3',
      TEND_DELIVERY_ID: 'd-t-7k2m9q4x.c',
      TEND_KIND: 'completion',
      TEND_TITLE: 'make test',
      TEND_PREVIEW: 'all green',
    });
    const known = new Set(['PATH', 'HOME', 'PWD', 'OLDPWD', 'SHLVL', '_']);
    const others = Object.keys(facts).filter((name) => !name.startsWith('TEND_'));
    expect(others.filter((name) => !known.has(name))).toEqual([]);
    expect(JSON.parse(readFileSync(join(folder, 'message'), 'utf8'))).toMatchObject({
      id: 'd-t-7k2m9q4x.c',
      task: { id: 't-7k2m9q4x', exitCode: 3 },
    });
  });

  test('is never given text to run', async () => {
    const evil = '$(touch pwned); `touch pwned` "; touch pwned; \0 #';
    const task = endedTask(0, { title: evil.replace('\0', '') });
    expect(await run('printf %s "$TEND_PREVIEW" > told', { task, preview: evil })).toBe(
      'delivered',
    );
    expect(readFileSync(join(folder, 'told'), 'utf8')).toBe(evil.replace('\0', ''));
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  test('of the task comes before the configured one and runs where the task ran', async () => {
    const task = endedTask(0, { cwd: folder, onDone: 'pwd > own' });
    const environment = { PATH: process.env['PATH'] ?? '', HOME: '/' };
    expect(await run('exit 9', { task, environment })).toBe('delivered');
    expect(readFileSync(join(folder, 'own'), 'utf8')).toBe(`${folder}\n`);
    const moved = endedTask(0, { cwd: join(folder, 'gone'), onDone: 'pwd' });
    expect(await run(null, { task: moved })).toBe('delivered');
    expect(logged[0]?.facts['output']).toBe('/');
  });

  test('that fails is a reason', async () => {
    expect(await run('exit 7')).toBe('the on_done command exited with code 7');
    expect(await run('kill -9 $$')).toBe('the on_done command was ended by SIGKILL');
    expect(await run(null)).toBe('no on_done command is configured any more');
  });

  test('has the end of its output logged', async () => {
    expect(await run('head -c 5000000 /dev/zero | tr "\\0" x; echo; echo end >&2; exit 1')).toBe(
      'the on_done command exited with code 1',
    );
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({
      message: 'on_done wrote',
      facts: { deliveryId: 'd-t-7k2m9q4x.c', output: expect.stringMatching(/x\nend$/) },
    });
    expect(logged[0]?.facts['output']?.length).toBeLessThanOrEqual(4_096);
  });

  test('need not read its stdin', async () => {
    const preview = 'x'.repeat(100_000); // more than a pipe holds
    expect(await run('exec <&-; exit 0', { preview })).toBe('delivered');
  });

  test('is delivered though something that it left behind holds its output open', async () => {
    expect(await run('sleep 30 & echo $! > left; exit 0')).toBe('delivered');
    const left = pidIn('left');
    expect(lives(left)).toBe(true);
    process.kill(left, 'SIGKILL');
    await until(() => !lives(left));
  });

  test.each([
    ['after its time', { commandTimeout: 300 }, 'took longer than 0.3 s and was killed'],
    ['with the daemon', {}, 'was interrupted by the end of the daemon and was killed'],
  ])('is killed %s, with its children', async (_, options, reason) => {
    const stop = new AbortController();
    const script = 'trap "" TERM; sleep 60 & echo $! > child; echo $$ > leader; wait';
    const ended = run(script, { ...options, signal: stop.signal });
    await until(() => existsSync(join(folder, 'leader')) && pidIn('leader') > 0);
    if (!('commandTimeout' in options)) stop.abort();
    expect(await ended).toBe(`the on_done command ${reason}`);
    await until(() => !lives(pidIn('leader')) && !lives(pidIn('child')));
  });

  test('that starts after the end of the daemon is killed at once', async () => {
    expect(await run('sleep 60', { signal: AbortSignal.abort() })).toContain('interrupted');
  });
});

test('the environment of commands is what they need and no more', () => {
  const given = { PATH: '/bin', HOME: '/home/me', TEND_HOME: '/t', AWS_SECRET_ACCESS_KEY: 'x' };
  expect(commandEnvironment({ ...given, LANG: undefined })).toEqual({
    PATH: '/bin',
    HOME: '/home/me',
    TEND_HOME: '/t',
  });
});

test('an owner is not pushed to', async () => {
  const notifier = createNotifier({
    receivers: () => ({ webhooks: {}, onDone: null }),
    clock: { now: Date.now, monotonic: () => performance.now() },
    environment: {},
    log: () => undefined,
  });
  await expect(
    notifier.push([{ delivery: deliveryTo('owner:cli:1000'), task: endedTask(0) }]),
  ).rejects.toThrow('owner:cli:1000 asks for its deliveries itself');
});
