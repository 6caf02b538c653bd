import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Change, OutputSlice } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();

beforeAll(async () => {
  await home.run('--id', 'lines', '--', 'seq 200000');
  await home.run('--id', 'split', '--split', '--', 'echo out; echo err >&2');
  await home.run('--id', 'open', '--', 'printf "a\\nb\\nc"');
  await home.run('--id', 'silent', '--', 'true');
  await home.tend(['wait', 'lines', 'split', 'open', 'silent']);
});
afterAll(() => home.close());

const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('');

test('everything, byte for byte, also beyond one chunk', async () => {
  expect(await home.out('logs', 'lines')).toBe(numbers(1, 200_000));
});

test.each([
  [0, ''],
  [1, '200000\n'],
  [3, numbers(199_998, 200_000)],
  [60_000, numbers(140_001, 200_000)],
  [200_000, numbers(1, 200_000)],
  [999_999, numbers(1, 200_000)],
])('-n %d', async (count, text) => {
  expect(await home.out('logs', '-n', String(count), 'lines')).toBe(text);
});

test('a last line without an end is a line', async () => {
  expect(await home.out('logs', '-n', '2', 'open')).toBe('b\nc');
  expect(await home.out('logs', '-n', '3', 'open')).toBe('a\nb\nc');
});

test('stdout and stderr of a split task', async () => {
  expect(await home.out('logs', 'split')).toBe('out\n');
  expect(await home.out('logs', '--stderr', 'split')).toBe('err\n');
  const { code, stderr } = await home.tend(['logs', '--stderr', 'open']);
  expect(code).toBe(3);
  expect(stderr).toContain('--split');
});

test('-f ends with the task, having shown all of it', async () => {
  const go = join(home.work, 'go');
  const command = `echo first; until [ -e ${go} ]; do sleep 0.02; done; echo last`;
  const id = await home.run('--', command);
  const { said, result } = home.start(['logs', '-f', id]);
  await until('the first line', () => said.stdout === 'first\n');
  writeFileSync(go, '');
  expect(await result).toMatchObject({ code: 0, stdout: 'first\nlast\n', stderr: '' });
});

test('-f ended by an interrupt is quiet, and ends with 130', async () => {
  const id = await home.run('--', 'echo first; sleep 60');
  const { child, said, result } = home.start(['logs', '-f', id]);
  await until('the first line', () => said.stdout === 'first\n');
  child.kill('SIGINT');
  expect(await result).toMatchObject({ code: 130, stdout: 'first\n', stderr: '' });
  await home.tend(['kill', '--wait', id]);
});

test('--json is a slice, -f --json a slice a line, --events the history', async () => {
  expect(await home.json<OutputSlice>('logs', 'open')).toMatchObject({
    stream: 'output',
    offset: 0,
    size: 5,
    ended: true,
    text: 'a\nb\nc',
  });
  const followed = await home.out('logs', '-f', '--json', 'silent');
  expect(JSON.parse(followed)).toMatchObject({ text: '', ended: true });
  const events = (await home.out('logs', '--events', 'open')).trimEnd().split('\n');
  const states = events.map((line) => (JSON.parse(line) as Change).state);
  // A short command may be over before it was seen to run.
  const always = ['queued', 'claimed', 'finishing', 'completed'];
  expect(states.filter((state) => state !== 'running')).toEqual(always);
});

test('--raw lets control bytes through to a terminal', async () => {
  await home.run('--id', 'evil', '--', 'printf "\\033[2Jx\\n"');
  await home.tend(['wait', 'evil']);
  expect((await home.startOnTerminal(['logs', 'evil']).result).stdout).toBe('\\x1b[2Jx\n');
  const raw = await home.startOnTerminal(['logs', '--raw', 'evil']).result;
  expect(raw.stdout).toBe('\u001b[2Jx\n');
});
