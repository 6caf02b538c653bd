/** From the words of `tend run` to what is submitted, as a table. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type RunOptions, submission } from '../../src/interfaces/cli/submission.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tend-sub-')));
afterAll(() => rmSync(folder, { recursive: true }));

const env = { PATH: '/bin', SHELL: '/bin/bash' };
const origin = { env, cwd: folder, uid: 1000, umask: 0o027, socket: '/s' };
const plain = { cwd: folder, env, owner: 'cli:1000', umask: 0o027 };
const line = { command: 'make', shell: '/bin/bash' };

const table: [string, RunOptions, string[], object][] = [
  ['one word', {}, ['make'], { ...plain, ...line }],
  ['several words', {}, ['make', '-j', '2'], { ...plain, argv: ['make', '-j', '2'] }],
  ['a line of several lines', {}, ['a\nb'], { ...plain, command: 'a\nb', shell: '/bin/bash' }],
  ['an empty argument', {}, ['x', ''], { ...plain, argv: ['x', ''] }],
  ['--split', { split: true }, ['make'], { ...plain, ...line, streams: 'split' }],
  [
    'clocks',
    { timeout: 1, idleTimeout: 2, queueTimeout: 3, grace: 0, remind: 0 },
    ['make'],
    {
      ...plain,
      ...line,
      timeout: '1ms',
      idleTimeout: '2ms',
      queueTimeout: '3ms',
      grace: '0ms',
      remind: '0ms',
    },
  ],
  [
    'dependencies',
    { after: ['a', 'b'], afterAny: ['c'], afterFailure: ['d'] },
    ['make'],
    {
      ...plain,
      ...line,
      after: [
        { task: 'a', when: 'success' },
        { task: 'b', when: 'success' },
        { task: 'c', when: 'always' },
        { task: 'd', when: 'failure' },
      ],
    },
  ],
  [
    'identity',
    { id: 'i', key: 'k', title: 't', owner: 'o', group: 'g', label: { a: 'b' }, priority: 3 },
    ['make'],
    {
      ...plain,
      ...line,
      id: 'i',
      key: 'k',
      title: 't',
      owner: 'o',
      group: 'g',
      labels: { a: 'b' },
      priority: 3,
    },
  ],
  [
    'the rest',
    { retry: 2, notify: 'never', onDone: 'say done', env: { A: '1' }, cwd: '/' },
    ['make'],
    {
      ...plain,
      ...line,
      retry: 2,
      notify: 'never',
      onDone: 'say done',
      env: { ...env, A: '1' },
      cwd: '/',
    },
  ],
];

test.each(table)('%s', (_, options, words, submitted) => {
  expect(submission(options, words, origin)).toEqual(submitted);
});

test('a task’s own marks name the parent, the owner and the group', () => {
  const own = { ...env, TEND_TASK_ID: 't-1', TEND_OWNER: 'o', TEND_GROUP: 'g', TEND_DEPTH: '1' };
  expect(submission({}, ['make'], { ...origin, env: own })).toEqual({
    ...plain,
    ...line,
    parent: 't-1',
    owner: 'o',
    group: 'g',
  });
});

test('a task of another daemon is no parent', () => {
  const marks = { TEND_TASK_ID: 't-1', TEND_SOCKET: '/other' };
  const submitted = submission({}, ['make'], { ...origin, env: { ...env, ...marks } });
  expect(submitted).not.toHaveProperty('parent');
  const own = { ...env, ...marks, TEND_SOCKET: '/s' };
  expect(submission({}, ['make'], { ...origin, env: own })).toHaveProperty('parent', 't-1');
});

test.each([[[]], [['']], [[' \n']]])('%j is no command', (words) => {
  expect(() => submission({}, words, origin)).toThrow('there is no command to run');
});
