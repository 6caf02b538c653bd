import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());

test('prints the id, says what to do next on stderr, and starts the daemon once', async () => {
  const first = await home.tend(['run', '--', 'echo hello']);
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/^t-[0-9a-z]{8}\n$/);
  const id = first.stdout.trim();
  expect(first.stderr).toContain('tend: started the daemon (pid ');
  for (const line of [`tend logs -f ${id}`, `tend wait ${id}`, `tend stop ${id}`])
    expect(first.stderr).toContain(line);
  const second = await home.tend(['run', '-q', '--', 'true']);
  expect(second).toMatchObject({ code: 0, stderr: '' });
  expect(await home.tend(['wait', id])).toMatchObject({ code: 0 });
  expect(await home.out('logs', id)).toBe('hello\n');
});

test('one word is a line for the shell, several are a program and its arguments', async () => {
  const line = await home.json<Task>('run', '--wait', '--', 'echo $0 "a  b" && echo c');
  expect(line).toMatchObject({ command: 'echo $0 "a  b" && echo c', state: 'completed' });
  expect(line.output.tail).toMatch(/ a {2}b\nc\n$/);
  const words = ['printf', '%s|', 'a  b', '$HOME', '--', '-p', '--json'];
  const argv = await home.json<Task>('run', '--wait', '--', ...words);
  expect(argv).toMatchObject({ argv: words, output: { tail: 'a  b|$HOME|--|-p|--json|' } });
});

test('every option reaches the task', async () => {
  const before = await home.run('--', 'true');
  const folder = join(home.work, 'sub');
  mkdirSync(folder);
  const options = [
    '--id nightly --title Nightly --owner host:1 --group g --label a=1 --label b=2 -p -5',
    `--after ${before} --cwd sub --timeout 90s --idle-timeout 1m --queue-timeout 1h --grace 2s`,
    '--retry 0 --notify never --remind 0 --env WHO=me --wait --',
  ];
  const words = options.join(' ').split(' ');
  // It runs long enough to be seen running, which is when its deadline is set.
  const task = await home.json<Task>('run', ...words, 'pwd; echo $WHO; sleep 0.3');
  expect(task).toMatchObject({
    id: 'nightly',
    title: 'Nightly',
    owner: 'host:1',
    group: 'g',
    labels: { a: '1', b: '2' },
    priority: -5,
    dependsOn: [{ task: before, when: 'success' }],
    cwd: folder,
    output: { tail: `${folder}\nme\n` },
  });
  const [attempt] = task.attempts;
  const runs = Date.parse(attempt?.deadlineAt ?? '') - Date.parse(attempt?.startedAt ?? '');
  expect(runs).toBe(90_000);
});

test('dependencies: after a success, a failure, any end', async () => {
  const bad = await home.run('--', 'exit 1');
  const wait = async (option: string): Promise<string> => {
    const id = await home.run(option, bad, '--', 'true');
    await home.tend(['wait', id]);
    return (await home.json<Task>('show', id)).state;
  };
  expect(await wait('--after')).toBe('skipped');
  expect(await wait('--after-failure')).toBe('completed');
  expect(await wait('--after-any')).toBe('completed');
});

test('the environment of the caller is the environment of the task', async () => {
  const env = { MINE: 'with "quotes" and $dollars', TEND_OWNER: 'session:7' };
  const { stdout } = await home.tend(
    ['run', '--json', '--wait', '--', 'echo "$MINE $TEND_OWNER"'],
    {
      env,
    },
  );
  const task = JSON.parse(stdout) as Task;
  expect(task.owner).toBe('session:7');
  expect(task.output.tail).toBe('with "quotes" and $dollars session:7\n');
});

test('a task started by a task is its child', async () => {
  const bin = join(import.meta.dirname, '../../bin/tend.cjs');
  const command = `exec "${process.execPath}" "${bin}" run -q -- true`;
  const task = await home.json<Task>('run', '--wait', '--', command);
  const child = await home.json<Task>('show', task.output.tail.trim());
  expect(child).toMatchObject({ parent: task.id, owner: task.owner });
});

test('the same key gives the same task, other content an error', async () => {
  const first = await home.run('--key', 'k1', '--', 'echo 1');
  expect(await home.run('--key', 'k1', '--', 'echo 1')).toBe(first);
  const other = await home.tend(['run', '--json', '--key', 'k1', '--', 'echo 2']);
  expect(other.code).toBe(2);
  expect(JSON.parse(other.stdout)).toMatchObject({ error: { code: 'key_conflict' } });
});

test('a folder that is missing or none is named, and nothing is started', async () => {
  const before = await home.out('ls', '-q', '--all');
  writeFileSync(join(home.work, 'file'), '');
  for (const [folder, what] of [
    ['gone', 'does not exist'],
    ['file', 'is not a folder'],
  ] as const) {
    const { code, stdout, stderr } = await home.tend(['run', '--cwd', folder, '--', 'true']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`--cwd ${join(home.work, folder)} ${what}`);
  }
  expect(await home.out('ls', '-q', '--all')).toBe(before);
});

test('a current folder that is gone is told as such', async () => {
  const line = `mkdir d && cd d && rmdir ../d && exec "$0" "$1" run -- true`;
  const bin = join(import.meta.dirname, '../../bin/tend.cjs');
  const { result } = home.launch('/bin/sh', ['-c', line, process.execPath, bin]);
  const { code, stderr } = await result;
  expect(code).toBe(2);
  expect(stderr).toContain('current folder does not exist');
});

test('bytes that are no text are refused, not changed', async () => {
  const bin = join(import.meta.dirname, '../../bin/tend.cjs');
  const line = `exec "$0" "$1" run -- "$(printf 'echo \\377')"`;
  const { code, stderr } = await home.launch('/bin/sh', ['-c', line, process.execPath, bin]).result;
  expect(code).toBe(2);
  expect(stderr).toContain('argument 3 is not valid UTF-8');
});

test('--wait streams the output and ends with the exit code of the command', async () => {
  const { code, stdout, stderr } = await home.tend([
    'run',
    '--wait',
    '--',
    'echo a; echo b >&2; exit 7',
  ]);
  expect({ code, stdout }).toEqual({ code: 7, stdout: 'a\nb\n' });
  expect(stderr).toMatch(/^tend: t-\S+ failed with exit code 7/);
});

test.each([
  ['exit 0', 0],
  ['exit 123', 123],
  ['exit 124', 1],
  ['exit 255', 1],
  ['kill -9 $$', 1],
])('--wait: %s ends with %d', async (command, code) => {
  expect((await home.tend(['run', '--wait', '--', command])).code).toBe(code);
});

test('--wait: output arrives as it is written, split by stream', async () => {
  const go = join(home.work, 'go');
  const command = `echo out; echo err >&2; until [ -e ${go} ]; do sleep 0.02; done; printf end`;
  const { said, result } = home.start(['run', '--wait', '--split', '--', command]);
  await until('both lines', () => said.stdout === 'out\n' && said.stderr === 'err\n');
  writeFileSync(go, '');
  expect(await result).toMatchObject({ code: 0, stdout: 'out\nend', stderr: 'err\n' });
});

test('--wait: exact bytes reach a pipe', async () => {
  const { stdout } = home.start(['run', '--wait', '--', 'printf "\\377\\000\\033[2J"']).child;
  stdout.setEncoding('latin1');
  let bytes = '';
  for await (const chunk of stdout) bytes += chunk as string;
  expect(bytes).toBe('\u00ff\u0000\u001b[2J');
});

test('--wait: a task that times out ends with 124', async () => {
  const args = ['run', '--wait', '--timeout', '300ms', '--grace', '100ms', '--', 'sleep 30'];
  const { code, stderr } = await home.tend(args);
  expect(code).toBe(124);
  expect(stderr).toContain('timed out');
});

test('without a terminal TERM detaches: the task goes on, and how to come back is printed', async () => {
  const { child, said, result } = home.start(['run', '--wait', '--', 'echo ready; sleep 30']);
  await until('output', () => said.stdout === 'ready\n');
  child.kill('SIGTERM');
  const { code, stderr } = await result;
  expect(code).toBe(130);
  const [, id = ''] = /tend wait (t-\S+)/.exec(stderr) ?? [];
  expect(stderr).toContain(`tend logs -f ${id}`);
  expect(await home.json<Task>('show', id)).toMatchObject({ state: 'running' });
  await home.tend(['kill', '--wait', id]);
});

test('HUP detaches too, and --json still is one value', async () => {
  const { child, result } = home.start([
    'run',
    '--wait',
    '--json',
    '--id',
    'hup',
    '--',
    'sleep 30',
  ]);
  await until('running', async () => (await home.out('ls', '-q', '-s', 'running')).includes('hup'));
  child.kill('SIGHUP');
  const { code, stdout } = await result;
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ id: 'hup', state: 'running' });
  await home.tend(['kill', '--wait', 'hup']);
});

test('--promote-after: what takes longer goes on in the background', async () => {
  const command = 'echo first; sleep 30';
  const { code, stdout, stderr } = await home.tend(['run', '--promote-after', '4s', '--', command]);
  expect(code).toBe(0);
  const [line, id = ''] = stdout.split('\n');
  expect(line).toBe('first');
  expect(stderr).toContain(`tend wait ${id}`);
  expect(await home.json<Task>('show', id)).toMatchObject({ state: 'running' });
  await home.tend(['kill', '--wait', id]);
});

test('--promote-after: what ends in time is like --wait', async () => {
  const { code, stdout } = await home.tend([
    'run',
    '--promote-after',
    '20s',
    '--',
    'echo x; exit 5',
  ]);
  expect({ code, stdout }).toEqual({ code: 5, stdout: 'x\n' });
});

test('in a terminal an interrupt stops the task', async () => {
  const { child, said, result } = home.startOnTerminal([
    'run',
    '--wait',
    '--',
    'echo ready; sleep 30',
  ]);
  await until('output', () => said.stdout.includes('ready'));
  child.stdin?.write('\u0003');
  const { code, stdout } = await result;
  expect(code).toBe(130);
  const [, id = ''] = /stopping (t-\S+);/.exec(stdout) ?? [];
  expect(await home.json<Task>('show', id)).toMatchObject({ state: 'cancelled', reason: 'user' });
});

test('a second interrupt kills what ignores the first', async () => {
  const command = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
  const { child, said, result } = home.startOnTerminal([
    'run',
    '--wait',
    '--grace',
    '1h',
    '--',
    command,
  ]);
  await until('output', () => said.stdout.includes('ready'));
  child.stdin?.write('\u0003');
  await until('the first was heard', () => said.stdout.includes('interrupt again'));
  child.stdin?.write('\u0003');
  expect((await result).code).toBe(130);
});

test('on a terminal, control characters of a task are shown, not obeyed', async () => {
  const command = 'printf "\\033]0;evil\\007\\033[31mred\\033[0m\\n"';
  const { stdout } = await home.startOnTerminal(['run', '--wait', '--', command]).result;
  expect(stdout).toContain('\\x1b]0;evil\\x07\u001b[31mred\u001b[0m');
  const args = ['run', '--wait', '--', command];
  const plain = await home.startOnTerminal(args, { env: { NO_COLOR: '1' } }).result;
  expect(plain.stdout).toContain('\\x1b]0;evil\\x07red');
  expect(plain.stdout).not.toContain('\u001b');
});
