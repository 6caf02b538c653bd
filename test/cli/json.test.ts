/** Rules that hold for every verb: JSON, quiet, colours, broken pipes, unknown tasks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Home } from './home.ts';

const home = new Home();
let ended = '';
let failed = '';

beforeAll(async () => {
  ended = await home.run('--id', 'ended', '--', 'seq 100000');
  failed = await home.run('--id', 'failed', '--', 'printf "\\033[31mred\\033[0m"; exit 2');
  await home.tend(['wait', ended, failed]);
});
afterAll(() => home.close());

test.each([
  [['run', '--', 'true']],
  [['run', '--wait', '--', 'exit 3']],
  [['run', '--promote-after', '10s', '--', 'true']],
  [['ls']],
  [['ls', '--all', '--state', 'failed']],
  [[]],
  [['show', 'ended']],
  [['logs', 'ended']],
  [['logs', 'ended', '-n', '2']],
  [['wait', 'ended', 'failed']],
  [['stop', 'ended']],
  [['stop', 'ended', 'failed']],
  [['kill', 'ended']],
  [['retry', 'failed']],
  [['inbox']],
  [['inbox', '--ack', 'd-nothing']],
  [['gc', '--dry-run']],
  [['doctor']],
  [['daemon', 'start']],
  [['daemon', 'status']],
  [['daemon', 'install', '--dry-run']],
  [['cost']],
  [['config']],
  [['config', 'get', 'limits.slots']],
  [['config', 'path']],
  [['completion', 'bash']],
  [['help']],
  [['--version']],
])('%j --json is exactly one JSON value', async (args) => {
  const { stdout } = await home.tend(withJson(args));
  expect(stdout.trim()).not.toBe('');
  expect(JSON.parse(stdout)).toBeTypeOf('object');
});

test.each([
  [['logs', '-f', 'ended']],
  [['logs', '-f', 'failed', '-n', '0']],
  [['logs', '--events', 'ended']],
  [['logs', '--events', '-f', 'ended']],
  [['daemon', 'logs']],
])('%j --json is NDJSON and not empty', async (args) => {
  const { code, stdout } = await home.tend(withJson(args));
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines) expect(JSON.parse(line)).toBeTypeOf('object');
});

test.each([
  [['show', 'nothing'], 3, 'not_found'],
  [['logs', 'nothing'], 3, 'not_found'],
  [['logs', '-f', 'nothing'], 3, 'not_found'],
  [['logs', '--events', 'nothing'], 3, 'not_found'],
  [['logs', '--stderr', 'ended'], 3, 'not_found'],
  [['wait', 'nothing'], 3, 'not_found'],
  [['stop', 'nothing'], 3, 'not_found'],
  [['kill', 'nothing', 'ended'], 3, 'not_found'],
  [['retry', 'nothing'], 3, 'not_found'],
  [['rm', 'nothing'], 3, 'not_found'],
  [['rm', 'ended'], 1, 'protected'],
  [['run', '--id', 'a b', '--', 'true'], 2, 'invalid_input'],
  [['run', '--timeout', '25h', '--', 'true'], 2, 'invalid_input'],
  [['run', '--after', 'nothing', '--', 'true'], 3, 'not_found'],
  [['run', 'nobody', 'hello'], 2, 'invalid_input'],
  [['run'], 2, 'invalid_input'],
  [['ls', '--state', 'done'], 2, 'invalid_input'],
  [['config', 'get', 'limits.slot'], 2, 'invalid_input'],
  [['config', 'set', 'limits.slots', 'many'], 2, 'config_invalid'],
  [['completion', 'tcsh'], 2, 'invalid_input'],
  [['inbx'], 2, 'invalid_input'],
  [['ls', '--al'], 2, 'invalid_input'],
  [['daemon', 'start', '--listen', 'x'], 2, 'invalid_input'],
])('%j --json tells its error as JSON', async (args, code, error) => {
  const result = await home.tend(withJson(args));
  expect(result).toMatchObject({ code, stderr: '' });
  const value: unknown = JSON.parse(result.stdout);
  expect(value).toEqual({
    error: { code: error, message: expect.any(String), hint: expect.any(String) },
  });
  expect(result.stdout.trimEnd()).not.toContain('\n');
});

test.each([
  [['show', 'ended']],
  [['logs', 'ended', '-n', '1']],
  [['ls']],
  [['inbox']],
  [['doctor']],
  [['help', 'run']],
])('%j has colours on a terminal only, and never under NO_COLOR', async (args) => {
  expect((await home.tend(args)).stdout).not.toContain('\u001b');
  const env = { NO_COLOR: '1' };
  const { stdout } = await home.startOnTerminal(args, { env }).result;
  expect(stdout).not.toContain('\u001b');
});

test('a terminal shows colours', async () => {
  expect((await home.startOnTerminal(['ls']).result).stdout).toContain('\u001b[31m');
});

test.each([
  [['logs', 'ended']],
  [['ls', '--all', '--json']],
  [['help', 'run']],
  [['inbox', '--json']],
  [['events', '--after', '0']],
])('%j into a pipe that nobody reads ends quietly', async (args) => {
  const { child, said, result } = home.start(args);
  child.stdout.destroy();
  expect(await result).toMatchObject({ code: 0, signal: null });
  expect(said.stderr).toBe('');
});

test('a reader that takes only the first line is no problem', async () => {
  const head = spawn('head', ['-n', '1'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const { child, said, result } = home.start(['logs', 'ended']);
  child.stdout.pipe(head.stdin);
  head.stdin.on('error', () => child.stdout.destroy());
  const [line] = (await once(head.stdout, 'data')) as [Buffer];
  expect(String(line)).toBe('1\n');
  expect((await result).code).toBe(0);
  expect(said.stderr).toBe('');
});

function withJson(args: readonly string[]): string[] {
  const at = args.indexOf('--');
  return at === -1 ? [...args, '--json'] : args.toSpliced(at, 0, '--json');
}
