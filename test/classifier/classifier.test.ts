import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClassifier } from '../../src/adapters/classifier/classifier.ts';
import type { Launch } from '../../src/ports/agent.ts';
import { isAlive } from '../agents/ground.ts';
import { until } from '../cli/home.ts';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'tend-asked-'));
});
afterEach(() => {
  // Of its own files nothing is left.
  expect(fs.readdirSync(root).filter((name) => name.startsWith('tend-choice-'))).toEqual([]);
  fs.rmSync(root, { recursive: true });
});

const asked = (
  argv: readonly string[],
  launch: Partial<Launch> = {},
  { timeout = 20_000, signal }: { timeout?: number; signal?: AbortSignal } = {},
) =>
  createClassifier(signal, root).ask({
    launch: () => ({ argv, env: {}, unset: [], files: {}, stdin: null, ...launch }),
    environment: { PATH: '/usr/bin:/bin', GONE: 'x', KEPT: 'y' },
    cwd: root,
    timeout,
  });
const shell = (
  script: string,
  ...more: [Partial<Launch>?, { timeout?: number; signal?: AbortSignal }?]
) => asked(['/bin/sh', '-c', script], ...more);
const texts = (answered: Awaited<ReturnType<typeof asked>>) =>
  'failure' in answered
    ? answered
    : {
        exit: answered.exit,
        stdout: Buffer.from(answered.stdout).toString(),
        stderr: Buffer.from(answered.stderr).toString(),
      };
const pidIn = (name: string): Promise<number> =>
  until(`a pid in ${name}`, () => {
    const path = join(root, name);
    return fs.existsSync(path) ? Number(fs.readFileSync(path, 'utf8')) || null : null;
  });

test('a program is told on stdin and answers on stdout, without a shell', async () => {
  const stdin = `{"prompt":"it's $(id)"}\n`;
  expect(texts(await asked(['cat'], { stdin }))).toEqual({
    exit: { code: 0 },
    stdout: stdin,
    stderr: '',
  });
  expect(texts(await asked(['echo', '$HOME; id']))).toMatchObject({ stdout: '$HOME; id\n' });
  expect(texts(await shell('echo no >&2; exit 3'))).toEqual({
    exit: { code: 3 },
    stdout: '',
    stderr: 'no\n',
  });
  expect(texts(await shell('kill -9 $$'))).toMatchObject({ exit: { signal: 'SIGKILL' } });
});

test('it gets its environment, its files and its folder', async () => {
  const launch = { env: { MORE: 'm' }, unset: ['GONE'], files: { 'a/b.json': '{}' } };
  const seen = await createClassifier(undefined, root).ask({
    launch: (folder) => ({
      ...launch,
      argv: ['/bin/sh', '-c', `echo "$MORE $KEPT [$GONE]"; pwd; cat ${folder}/a/b.json`],
      stdin: null,
    }),
    environment: { PATH: '/usr/bin:/bin', GONE: 'x', KEPT: 'y' },
    cwd: root,
    timeout: 20_000,
  });
  expect(texts(seen)).toMatchObject({ stdout: `m y []\n${fs.realpathSync(root)}\n{}` });
});

test('one that is not there, or cannot be run, is a failure', async () => {
  expect(await asked(['no-such-program'])).toEqual({ failure: 'could not be started (ENOENT)' });
  expect(await asked([root])).toEqual({ failure: 'could not be started (EACCES)' });
});

test('one that takes too long is killed with what it started', async () => {
  const script = 'sleep 300 & echo $! >child; wait';
  const answer = await shell(script, {}, { timeout: 500 });
  expect(answer).toEqual({ failure: 'took longer than 0.5 s' });
  const child = await pidIn('child');
  await until('the child is gone', () => !isAlive(child));
});

test('what it leaves behind is ended, and does not hold up the answer', async () => {
  expect(texts(await shell('sleep 300 & echo $! >child; echo done'))).toMatchObject({
    stdout: 'done\n',
  });
  const child = await pidIn('child');
  await until('the child is gone', () => !isAlive(child));
});

test('one that writes without end is ended', async () => {
  expect(await asked(['yes'])).toMatchObject({ failure: expect.stringContaining('wrote more') });
});

test('the end of the daemon ends it', async () => {
  const end = new AbortController();
  const answer = shell('echo $$ >own; exec sleep 300', {}, { signal: end.signal });
  const own = await pidIn('own');
  end.abort();
  expect(await answer).toEqual({ failure: 'was interrupted by the end of the daemon' });
  await until('it is gone', () => !isAlive(own));
  expect(await shell('sleep 300', {}, { signal: end.signal })).toHaveProperty('failure');
});
