/** What a command is given: arguments, environment, folder, mask, dispositions; and what it is spared. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Folders } from '../../src/adapters/process/folders.ts';
import { chooseLauncher } from '../../src/adapters/process/launchers.ts';
import { Preparation } from '../../src/adapters/process/preparation.ts';
import { argv, eachOnGround, fixture, line } from './ground.ts';

const MODES = [
  ['bash', {}],
  ['sh', { solo: '/bin/sh' }],
] as const;

/** Every character below 256 that can be in an argument, and some that are several bytes. */
const CHARACTERS = Array.from({ length: 255 }, (_, at) => String.fromCodePoint(at + 1)).join('');
const WORDS = [
  '',
  ' ',
  "it's",
  '"',
  '\\',
  '$HOME `id` $(id)',
  'a\nb\n',
  '-n',
  '--',
  '*',
  CHARACTERS,
  '😀é',
];

const environmentOf = (file: string): Record<string, string> =>
  Object.fromEntries(
    fs
      .readFileSync(file, 'utf8')
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );

describe.each(MODES)('under %s', (_, options: { solo?: string }) => {
  const ground = eachOnGround(options);

  test('arguments arrive byte for byte', async () => {
    const file = join(ground().state, 'args');
    const path = process.env['PATH'] ?? '';
    const environment = await ground().environments.put({ PATH: path });
    const work = argv(fixture('show-args'), file, ...WORDS);
    expect(await ground().run(work, { environment })).toEqual({ code: 0 });
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toEqual(WORDS);
  });

  test('the environment arrives byte for byte, and nothing else does', async () => {
    const file = join(ground().state, 'environment');
    const given = {
      PATH: process.env['PATH'] ?? '',
      PLAIN: 'x',
      EMPTY: '',
      QUOTES: `'"\`\\`,
      LINES: '\n\na\nb\n',
      ALL: CHARACTERS,
      LANG: 'no_SUCH.UTF-8',
      SHLVL: '3',
      IFS: 'abc/',
      CDPATH: '/tmp',
      UID: 'not a number',
      BASH_ENV: '/nowhere',
      POSIXLY_CORRECT: '1',
      'BASH_FUNC_f%%': '() {  echo hello\n}',
      'weird.name': "it's\nweird",
      '1digit': '1',
      ünïcode: 'ü',
      LONG: 'x'.repeat(100_000),
      ...Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`L${at}`, 'y'.repeat(90_000)])),
    };
    const environment = await ground().environments.put(given);
    const work = argv('dd', 'if=/proc/self/environ', `of=${file}`);
    expect(await ground().run(work, { environment, group: 'g' })).toEqual({ code: 0 });
    const { TEND_TASK_ID: id, ...got } = environmentOf(file);
    for (const name of ['_', 'PWD', 'OLDPWD', 'TRACEPARENT']) delete got[name];
    expect(got).toEqual({
      ...given,
      TEND_ATTEMPT_ID: `${id}.1`,
      TEND_ATTEMPT_FOLDER: join(ground().state, 'tasks', String(id), '1'),
      TEND_OWNER: 'cli:0',
      TEND_GROUP: 'g',
      TEND_DEPTH: '0',
    });
  });

  test('what the caller knew of its own task is replaced', async () => {
    const file = join(ground().state, 'environment');
    const caller = { TEND_GROUP: 'old', TEND_TASK_ID: 'old', TRACEPARENT: 'kept' };
    const path = process.env['PATH'] ?? '';
    const environment = await ground().environments.put({ PATH: path, ...caller });
    await ground().run(argv('cp', '/proc/self/environ', file), { environment, depth: 2 });
    const got = environmentOf(file);
    expect(got).toMatchObject({ TEND_DEPTH: '2', TRACEPARENT: 'kept' });
    expect(got['TEND_GROUP']).toBe(undefined);
    expect(got['TEND_TASK_ID']).not.toBe('old');
  });

  test('it starts with default dispositions, nothing open, a mask and a folder of its own', async () => {
    const task = await ground().launch(
      line('umask; pwd; ls -l /proc/$$/fd; cat /proc/self/status'),
    );
    expect(await ground().exit(task)).toEqual({ code: 0 });
    const output = ground().read(task, 'output');
    const [umask, folder] = output.split('\n');
    expect([umask, folder]).toEqual(['0022', ground().state]);
    expect(output).not.toContain('socket:');
    expect(/^SigIgn:\s*(\w+)/m.exec(output)?.[1]).toBe('0000000000000000');
    expect(/^SigBlk:\s*(\w+)/m.exec(output)?.[1]).toBe('0000000000000000');
  });

  test('split streams', async () => {
    const task = await ground().launch(line('echo out; echo err >&2'), { streams: 'split' });
    expect(await ground().over(task)).toMatchObject({
      kind: 'exited',
      output: { bytes: 8, preview: 'out\n', errorTail: 'err', truncated: false },
    });
    expect([ground().read(task, 'stdout'), ground().read(task, 'stderr')]).toEqual([
      'out\n',
      'err\n',
    ]);
  });

  test('files and folders are private', async () => {
    const environment = await ground().environments.put({ PATH: '/usr/bin:/bin' });
    const task = await ground().launch(line('echo x'), { environment });
    await ground().over(task);
    const mode = (path: string): string => (fs.statSync(path).mode & 0o777).toString(8);
    const folder = ground().folder(task);
    expect(fs.readdirSync(folder).map((name) => mode(join(folder, name)))).not.toContain('644');
    for (const name of ['claim', 'exit', 'output', 'run', 'env', 'spec.json'])
      expect([name, mode(join(folder, name))]).toEqual([name, '600']);
    for (const path of [
      folder,
      join(folder, '..'),
      join(folder, '../..'),
      join(ground().state, 'env'),
    ])
      expect(mode(path)).toBe('700');
  });

  test('a folder that disappears at the last moment', async () => {
    const cwd = join(ground().state, 'work');
    const task = ground().task(argv('true'), { cwd });
    fs.mkdirSync(cwd);
    const folders = new Folders(ground().state);
    const around = { socket: null, home: null, umask: 0o022 };
    await new Preparation(folders, around).prepare(task);
    fs.rmdirSync(cwd);
    const launcher = chooseLauncher(folders.tasks, options.solo, () => undefined);
    launcher.start(`${task.id}/1`);
    const detail = `The folder ${cwd} cannot be entered.`;
    expect(await ground().over(task)).toEqual({ kind: 'refused', detail });
    launcher.close();
  });
});
