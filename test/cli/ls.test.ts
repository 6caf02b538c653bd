import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();

beforeAll(async () => {
  await home.run('--id', 'good', '--group', 'g1', '--', 'true');
  await home.run('--id', 'bad', '--owner', 'o1', '--title', 'Bad 日本 \u202e', '--', 'exit 2');
  await home.tend(['wait', 'good', 'bad']);
  await home.run('--id', 'busy', '--', 'echo working; sleep 60');
  await until('busy runs', async () => (await home.out('ls', '-q', '-s', 'running')) !== '');
});
afterAll(() => home.close());

test('newest first, with state and reason; nothing on stderr', async () => {
  const { code, stdout, stderr } = await home.tend(['ls']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [header, ...rows] = stdout.trimEnd().split('\n');
  expect(header).toMatch(/^ID +STATE +TIME +AGE +TITLE$/);
  expect(rows[0]).toMatch(/^busy +running +\S+ +\S+ +echo working; sleep 60$/);
  expect(rows[1]).toMatch(/^bad +failed exit 2 +\S+ +\S+ +Bad 日本 \\u202e$/);
  expect(rows[2]).toMatch(/^good +completed +\S+ +\S+ +true {2}\[g1\]$/);
});

test('bare tend into a pipe is tend ls', async () => {
  const ids = (text: string): (string | undefined)[] =>
    text.split('\n').map((line) => line.split(' ')[0]);
  expect(ids(await home.out())).toEqual(ids(await home.out('ls')));
});

test('filters by state, owner and group', async () => {
  expect(await home.out('ls', '-q', '--state', 'failed,completed')).toBe('bad\ngood\n');
  expect(await home.out('ls', '-q', '-s', 'failed', '-s', 'running')).toBe('busy\nbad\n');
  expect(await home.out('ls', '-q', '--owner', 'o1')).toBe('bad\n');
  expect(await home.out('ls', '-q', '--group', 'g1')).toBe('good\n');
  const none = await home.tend(['ls', '--group', 'nothing']);
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'tend: no task matches\n' });
});

test('--json has tasks and no cursor, empty too', async () => {
  const { tasks, nextCursor } = await home.json<{ tasks: Task[]; nextCursor: null }>('ls');
  expect(tasks.map(({ id }) => id)).toEqual(['busy', 'bad', 'good']);
  expect(nextCursor).toBeNull();
  expect(await home.json('ls', '--group', 'nothing')).toEqual({ tasks: [], nextCursor: null });
});

test('--all pages through everything', async () => {
  const few = await home.json<{ tasks: Task[] }>('ls', '--all');
  expect(few.tasks).toHaveLength(3);
});

test('on a terminal every line fits and the states are summed up', async () => {
  await home.run('--id', 'long', '--title', 'x'.repeat(150), '--', 'true');
  const { stdout } = await home.startOnTerminal(['ls']).result;
  const lines = stripVTControlCharacters(stdout).split('\n');
  expect(lines.some((line) => line.startsWith('long') && line.endsWith('…'))).toBe(true);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(stdout).toMatch(/4 tasks: .*1 running/);
});
