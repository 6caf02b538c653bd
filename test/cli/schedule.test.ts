import { afterAll, describe, expect, test } from 'vitest';
import type { Output, Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home({ TZ: 'UTC' });
afterAll(() => home.close());

type Schedule = Output<'schedule'>;

/** Adds a schedule and answers its id. */
const add = async (...args: string[]): Promise<string> =>
  (await home.out('schedule', 'add', '-q', ...args)).trim();
const show = (id: string): Promise<Schedule> => home.json<Schedule>('schedule', 'show', id);
const tasksOf = async (id: string): Promise<Task[]> =>
  (await home.json<{ tasks: Task[] }>('ls', '--all')).tasks.filter((task) => task.schedule === id);
const refused = async (...args: string[]): Promise<string> => {
  const { code, stderr } = await home.tend(['schedule', ...args]);
  expect(code).toBe(2);
  return stderr;
};

test('one that is added tells its id and the next times, is listed, shown and removed', async () => {
  const cron = ['--cron', '30 2 * * *', '--tz', 'europe/berlin'];
  const added = await home.tend(['schedule', 'add', ...cron, '--name', 'nightly', '--', 'make it']);
  expect(added.code).toBe(0);
  const id = added.stdout.trim();
  expect(id).toMatch(/^s-[0-9a-z]{8}$/);
  const times = added.stderr.split('\n').filter((line) => / 0[23]:30:00 \+0[12]:00 /.test(line));
  expect(times).toHaveLength(5);
  expect(await home.out('schedule')).toMatch(
    new RegExp(`^ID .*\\n${id} +30 2 \\* \\* \\* Europe/Berlin .* once, skip +nightly: make it\\n`),
  );
  expect(await home.out('schedule', 'show', 'nightly')).toContain('runs      make it');
  expect(await show(id.slice(0, 9))).toMatchObject({
    id,
    cron: '30 2 * * *',
    timeZone: 'Europe/Berlin',
    overlap: 'skip',
    lastAt: null,
    task: { kind: 'command', command: 'make it', cwd: home.work },
  });
  expect(await home.out('schedule', 'rm', 'nightly')).toBe(`removed ${id}\n`);
  expect(await home.out('schedule', 'ls', '-q')).toBe('');
  expect((await home.tend(['schedule', 'show', id])).code).toBe(3);
});

test('a time that has just passed comes at once, by the shell that asked for it', async () => {
  const at = new Date(Date.now() - 30_000).toISOString();
  const command = 'echo "$GREETING"';
  const id = await add('--at', at, '--env', 'GREETING=hello', '--label', 'a=b', '--', command);
  const { lastTask, next } = await until('it has fired', async () => {
    const one = await show(id);
    return one.done ? one : null;
  });
  expect(next).toEqual([]);
  const { tasks } = await home.json<{ tasks: Task[] }>('wait', lastTask ?? '');
  expect(tasks[0]).toMatchObject({ state: 'completed', schedule: id, labels: { a: 'b' } });
  expect(await home.out('logs', lastTask ?? '')).toBe('hello\n');
  expect(await home.out('schedule')).toMatch(new RegExp(`${id} .* done .* ${lastTask} completed`));
  await home.out('schedule', 'rm', id);
});

describe('over the ends of daemons', () => {
  const kill = async (): Promise<void> => {
    const { pid } = await home.json<{ pid: number }>('daemon', 'status');
    process.kill(pid, 'SIGKILL');
    await until('it is gone', () => !home.processes().some((one) => one.pid === pid));
  };

  test('a schedule stays; what was missed comes once, and no firing twice', async () => {
    const at = new Date(Date.now() + 1_000).toISOString();
    const id = await add('--at', at, '--', 'true');
    await home.out('daemon', 'stop');
    const first = await until('it has fired', async () => (await tasksOf(id))[0]);
    await kill();
    await until('the next daemon knows', async () => (await show(id)).done);
    expect(await show(id)).toMatchObject({ lastTask: first.id, lastAt: at, next: [] });
    expect(await tasksOf(id)).toHaveLength(1);
    await home.out('schedule', 'rm', id);
  });

  test('a pause stays, too', async () => {
    const id = await add('--every', '1h', '--', 'true');
    expect(await home.out('schedule', 'pause', id)).toBe(`paused ${id}\n`);
    await home.out('daemon', 'stop');
    expect(await home.out('schedule', 'ls')).toMatch(/every 1h +paused/);
    expect((await show(id)).next).toEqual([]);
    await home.out('schedule', 'unpause', id);
    expect((await show(id)).next).toHaveLength(5);
    expect(await home.out('schedule', 'rm', '-q', id)).toBe(`${id}\n`);
  });
});

describe('what is refused says what to write instead', () => {
  test.each([
    [['add', '--', 'true'], 'there is no time', '--cron "0 9 * * 1-5"'],
    [['add', '--every', '1h', '--at', '09:00', '--', 'true'], 'more than one time', 'Give one of'],
    [['add', '--every', '1h', '--tz', 'UTC', '--', 'true'], '--tz is for', 'Leave it out'],
    [['add', '--every', '1s', '--', 'true'], 'interval of 1s', 'run a command that goes on'],
    [['add', '--cron', '0 25 * * *', '--', 'true'], 'wrong hour: "25"', 'Write minute'],
    [['add', '--cron', '@daily', '--tz', 'Berlin', '--', 'true'], '"Berlin"', 'Europe/Berlin?'],
    [['add', '--at', '2020-01-01 00:00', '--', 'true'], 'in the past', 'tend run'],
    [['add', '--at', '2030-02-30 00:00', '--', 'true'], 'is no time', 'Write it as in'],
    [['add', '--at', 'soon', '--', 'true'], 'is no time', 'Write it as in'],
    [
      ['add', '--at', '09:00', '--tz', 'Mars', '--', 'true'],
      'no time zone "Mars"',
      'Europe/Berlin',
    ],
    [['add', '--every', '1h', '--id', 'a', '--', 'true'], '--id is for one task', '--name'],
    [['add', '--every', '1h', '--after', 't-1', '--', 'true'], '--after is for one', '--overlap'],
    [['add', '--every', '1h', 'make', 'it'], '"make" is no agent', 'tend schedule add'],
    [['sow'], 'no command "schedule sow"', 'tend schedule show'],
  ])('%j', async (args, problem, hint) => {
    const said = await refused(...args);
    expect(said).toContain(problem);
    expect(said).toContain(hint);
  });
});

test('an agent is asked for at each firing, and known by its words', async () => {
  const said = await refused('add', '--every', '1h', 'claud', 'Tidy up');
  expect(said).toContain('Did you mean claude?');
});

test('a time of the day is the next one; the clocks of another place may be meant', async () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const at = await add('--at', soon.slice(11, 16), '--', 'true');
  expect((await show(at)).at).toBe(`${soon.slice(0, 16)}:00.000Z`);
  const there = await add('--at', '2030-07-01 09:00', '--tz', 'America/New_York', '--', 'true');
  expect((await show(there)).next).toEqual(['2030-07-01T13:00:00.000Z']);
  await home.out('schedule', 'rm', at, there);
});
