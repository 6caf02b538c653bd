/** Three tasks in work trees of one repository, from their start into its main branch, with a daemon that dies in every step. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { until } from '../cli/home.ts';
import { Ground } from './ground.ts';

const STOP = 'if [ -p "$GATES/NAME" ]; then read -r _ <"$GATES/NAME"; fi';
const stopAt = (name: string): string => STOP.replaceAll('NAME', name);

const testOf = (name: string, wanted: string): string =>
  `import assert from 'node:assert';
import { test } from 'node:test';
import { ${name} } from '../src/${name}.mjs';
test('${name}', () => assert.equal(${name}(6, 3), ${wanted}));
`;
const codeOf = (name: string, sign: string): string =>
  `export const ${name} = (a, b) => a ${sign} b;\n`;

const FILES = {
  'src/add.mjs': codeOf('add', '+'),
  'tests/add.test.mjs': testOf('add', '9'),
  'check.sh': `#!/bin/sh\n${stopAt('check')}\nexec node --test tests/*.test.mjs\n`,
  'package.json': '{ "type": "module", "scripts": { "test": "./check.sh" } }\n',
};

/** Writes the files of one more function. */
const writes = (name: string, sign: string, wanted: string): string =>
  [
    stopAt('agent'),
    `cat >src/${name}.mjs <<'END'\n${codeOf(name, sign)}END`,
    `cat >tests/${name}.test.mjs <<'END'\n${testOf(name, wanted)}END`,
  ].join('\n');

const COMMITS = 'git add --all && git -c user.name=agent -c user.email=a@b commit -q -m "Add it"';
/** Right at once. */
const SUB = writes('sub', '-', '3');
/** Wrong, until it is told how the check failed. */
const MUL = `case "$PROMPT" in *ERR_ASSERTION*) sign='*' ;; *) sign=/ ;; esac
${writes('mul', 'SIGN', '18')}
sed -i "s#SIGN#$sign#" src/mul.mjs
${COMMITS}`;
/** With a description, once it is told that a person wants one. */
const DIV = `case "$PROMPT" in *'Describe it in DIV.md.'*) echo 'a by b' >DIV.md ;; esac
${writes('div', '/', '2')}`;

const GATES = ['git-worktree', 'agent', 'git-write-tree', 'check'] as const;

let ground: Ground | null = null;
afterEach(async () => {
  await ground?.close();
  ground = null;
});

const isIn =
  (state: Task['state'], attempt?: number) =>
  (task: Task): boolean =>
    task.state === state && (attempt === undefined || task.attempt === attempt);

test.each([
  ['before the next one starts', false],
  ['beside the next one', true],
])(
  'three tasks come into main, though the daemon dies in each step, and what it began ends %s',
  async (_, beside) => {
    ground = new Ground(FILES);
    const start = ground.git('rev-parse', 'HEAD');
    ground.gate(GATES[0]);
    const sub = await ground.start(SUB, '--verify', './check.sh');
    const mul = await ground.start(MUL, '--verify', 'auto', '--fix', '1');
    const div = await ground.start(DIV, '--verify', 'auto', '--review');
    const ids = [sub, mul, div];

    // Prepare, run, save, verify.
    for (const [nth, gate] of GATES.entries()) await ground.killAt(gate, GATES[nth + 1], beside);

    // Review.
    const reviewed = await ground.once(div, 'waits for a review', isIn('awaiting_review', 1));
    expect(reviewed.verification?.result).toBe('passed');
    await ground.kill();
    expect(await ground.tend('diff', div)).toContain('+export const div = (a, b) => a / b;');
    await ground.tend('reject', div, '--feedback', 'Describe it in DIV.md.');
    await ground.once(div, 'waits once more', isIn('awaiting_review', 2));
    await ground.kill();
    await ground.tend('accept', div);

    const ended = [];
    for (const id of ids) ended.push(await ground.ended(id));
    expect(ended.map(({ state, verdict, attempt }) => [state, verdict, attempt])).toEqual([
      ['completed', 'verified', 1],
      ['completed', 'verified', 2],
      ['completed', 'verified', 2],
    ]);

    // Merge: in the middle of the merge itself, of its verification, and of the branch that moves.
    for (const gate of ['git-merge-tree', 'check', 'git-update-ref']) {
      ground.gate(gate);
      const asked = ground.home.tend(['merge', '--no-wait', ...ids], { cwd: ground.repository });
      await ground.killAt(gate, undefined, beside);
      await asked;
    }
    await ground.tend('merge', ...ids);

    await expectAllIn(ground, start, ids);
    await expectKept(ground, ids);
    await expectReadable(ground, ids);
  },
  240_000,
);

/** Main has everything, and the person's checkout is as clean as before. */
async function expectAllIn(at: Ground, start: string, ids: readonly string[]): Promise<void> {
  const text = (path: string): string => at.git('show', `main:${path}`);
  expect(text('src/sub.mjs')).toContain('a - b');
  expect(text('src/mul.mjs')).toContain('a * b');
  expect(text('src/div.mjs')).toContain('a / b');
  expect(text('DIV.md')).toBe('a by b');
  for (const id of ids) {
    const { workspace } = await at.show(id);
    expect(workspace.merge?.state).toBe('merged');
    at.git('merge-base', '--is-ancestor', workspace.commit ?? '', 'main');
  }
  at.git('merge-base', '--is-ancestor', start, 'main');
  expect(at.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
  expect(at.git('status', '--porcelain')).toBe('');
  expect(fs.readFileSync(join(at.repository, 'DIV.md'), 'utf8')).toBe('a by b\n');
  await until('nothing is left over', () => at.left().length === 0).catch(() =>
    expect(at.left()).toEqual([]),
  );
  at.git('fsck', '--no-dangling');
}

/** What each attempt made can be brought back. */
async function expectKept(at: Ground, ids: readonly string[]): Promise<void> {
  const refs = at.git('for-each-ref', '--format=%(refname)', 'refs/tend/attempts').split('\n');
  const made: [string, string][] = [];
  for (const id of ids)
    for (const { number, workspace } of (await at.show(id)).attempts) {
      const ref = `refs/tend/attempts/${id}/${number}`;
      expect(refs).toContain(ref);
      at.git('merge-base', '--is-ancestor', workspace?.commit ?? '', ref);
      made.push([`${ids.indexOf(id)}.${number}`, at.git('ls-tree', '-r', '--name-only', ref)]);
    }
  const files = Object.fromEntries(made);
  expect(Object.keys(files)).toEqual(['0.1', '1.1', '1.2', '2.1', '2.2']);
  expect(at.git('show', `refs/tend/attempts/${ids[1]}/1:src/mul.mjs`)).toContain('a / b');
  expect(files['2.1']).not.toContain('DIV.md');
  expect(files['2.2']).toContain('DIV.md');
}

/** A person can read what happened. */
async function expectReadable(
  at: Ground,
  [sub = '', mul = '', div = '']: readonly string[],
): Promise<void> {
  const shown = [];
  for (const id of [sub, mul, div]) shown.push(await at.tend('show', id));
  const [ofSub, ofMul, ofDiv] = shown;
  for (const text of shown) {
    expect(text).toMatch(/^ +verification +passed/m);
    expect(text).toMatch(/^ +merge +merged into main/m);
    expect(text).toMatch(/^ +saved .* at [\da-f]{10}/m);
  }
  expect(ofSub).toMatch(/^ +branch +tend\/t-\w+ for main/m);
  expect(ofMul).toMatch(/verification failed/);
  expect(ofDiv).toMatch(/^ +review +accepted/m);
}
