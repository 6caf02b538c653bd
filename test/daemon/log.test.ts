import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TendError } from '../../src/domain/errors.ts';
import { type Log, type LogOptions, openLog } from '../../src/daemon/log.ts';

let folder = '';
let path = '';
let logs: Log[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tend-log-'));
  path = join(folder, 'daemon.log');
  logs = [];
});
afterEach(() => {
  for (const log of logs) log.close();
  rmSync(folder, { recursive: true });
});

function open(options: Partial<LogOptions> = {}) {
  const log = openLog(path, { level: 'info', ...options });
  logs.push(log);
  return log.logger;
}

const linesOf = (file = path) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a line', () => {
  test('is JSON with level, time and process', () => {
    open().info({ taskId: 't-1' }, 'two\nlines');
    const [line] = linesOf();
    expect(line).toMatchObject({
      level: 'info',
      pid: process.pid,
      taskId: 't-1',
      msg: 'two\nlines',
    });
    expect(new Date(String(line?.['time'])).getTime()).toBeLessThanOrEqual(Date.now());
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is written from its level on', () => {
    const logger = open({ level: 'warn' });
    logger.info('no');
    logger.warn('yes');
    logger.level = 'debug';
    logger.debug('now');
    expect(linesOf().map(({ msg }) => msg)).toEqual(['yes', 'now']);
  });

  test('never holds what is named like a secret', () => {
    const logger = open();
    const cause = Object.assign(new Error('inner'), { headers: { Authorization: 'hush' } });
    const facts = {
      secret: 'hush',
      clientSecret: 'hush',
      token: 'hush',
      env: { PATH: 'hush' },
      environment: 'hush',
      deep: [{ authorization: 'hush', api_key: 'hush', inputTokens: 5, envelope: 'kept' }],
      err: new TendError('internal', 'outer', 'try again', cause),
    };
    logger.info(facts, 'facts');
    logger.error(cause);
    expect(readFileSync(path, 'utf8')).not.toContain('hush');
    const [line, failed] = linesOf();
    expect(line).toMatchObject({
      deep: [{ inputTokens: 5, envelope: 'kept' }],
      err: {
        type: 'TendError',
        code: 'internal',
        message: 'outer',
        hint: 'try again',
        stack: expect.stringContaining('log.test.ts'),
        cause: { message: 'inner' },
      },
    });
    expect(failed).toMatchObject({ msg: 'inner', err: { message: 'inner' } });
  });

  test('may hold anything', () => {
    const circle: Record<string, unknown> = { big: 1n, when: new Date(0), nothing: undefined };
    circle['self'] = circle;
    open().info(circle, 'x');
    expect(linesOf()[0]).toMatchObject({ big: '1', when: '1970-01-01T00:00:00.000Z', msg: 'x' });
  });
});

describe('the file', () => {
  test('is put aside when full; the oldest goes', () => {
    const logger = open({ maxBytes: 1_000, files: 3 });
    for (let n = 0; n < 100; n++) logger.info({ n }, 'x');
    expect(readdirSync(folder).toSorted()).toEqual(['daemon.log', 'daemon.log.1', 'daemon.log.2']);
    const kept = [`${path}.2`, `${path}.1`, path].flatMap((file) => {
      expect(statSync(file).size).toBeLessThanOrEqual(1_000);
      return linesOf(file).map(({ n }) => n as number);
    });
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, at) => 100 - kept.length + at));
  });

  test('goes on where the last daemon stopped', () => {
    writeFileSync(path, `${'x'.repeat(900)}\n`, { mode: 0o644 });
    const logger = open({ maxBytes: 1_000 });
    logger.info('first');
    logger.info('x'.repeat(2_000)); // longer than a file: alone in its own
    logger.info('last');
    expect(linesOf(path).map(({ msg }) => msg)).toEqual(['last']);
    expect(statSync(`${path}.1`).size).toBeGreaterThan(2_000);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is made again when somebody deletes it, or puts another in its place', () => {
    const logger = open();
    logger.info('a');
    rmSync(path);
    logger.info('b');
    expect(linesOf().map(({ msg }) => msg)).toEqual(['b']);
    rmSync(path);
    writeFileSync(path, '{"msg":"other"}\n');
    logger.info('c');
    expect(linesOf().map(({ msg }) => msg)).toEqual(['other', 'c']);
    rmSync(folder, { recursive: true });
    logger.info('d');
    expect(linesOf().map(({ msg }) => msg)).toEqual(['d']);
  });

  test('is never somewhere else by a link', () => {
    const victim = join(folder, 'victim');
    writeFileSync(victim, '');
    symlinkSync(victim, path);
    const logger = open();
    logger.info('lost');
    expect(readFileSync(victim, 'utf8')).toBe('');
    rmSync(path);
    logger.info('found');
    expect(linesOf().map(({ msg }) => msg)).toEqual([
      'the log could not be written, lines lost: 1',
      'found',
    ]);
  });
});

test('a full disk loses whole lines only, and they are counted', () => {
  const script = join(import.meta.dirname, 'full-disk.ts');
  // a file size limit behaves like a disk that is full after so many blocks of 512 or 1024 bytes
  const { stdout, stderr, status } = spawnSync(
    '/bin/bash',
    ['-c', 'trap "" XFSZ; ulimit -f 4; exec "$0" "$@"', process.execPath, script, path],
    { encoding: 'utf8' },
  );
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const written = Number(stdout);
  const before = linesOf();
  expect(before.length).toBeGreaterThan(10);
  const bytes = statSync(path).size;
  expect(bytes).toBeLessThanOrEqual(4_096);
  rmSync(path);
  expect(existsSync(`${path}.1`)).toBe(true); // moved aside by the program, which went on in a new file
  const [note, last] = linesOf(`${path}.1`);
  expect(note).toMatchObject({ level: 'warn', dropped: written - before.length });
  expect(last).toMatchObject({ msg: 'after' });
});
