import { describe, expect, test } from 'vitest';
import { type Contents, suspectsIn, unreadOf } from './suspects.ts';

const modified = (paths: readonly string[]) => paths.map((path) => ({ path, kind: 'M' }) as const);

describe('what the command comes to', () => {
  const all = (command: string, base: Contents, subfolder = ''): Record<string, string | null> => {
    const contents: Record<string, string | null> = {};
    for (let round = 0; round < 9; round += 1) {
      const unread = unreadOf(command, contents, subfolder);
      if (unread.length === 0) return contents;
      for (const path of unread) contents[path] = base[path] ?? null;
    }
    throw new Error('it never ends');
  };
  const found = (command: string, base: Contents, changed: string[], subfolder = '') =>
    suspectsIn(modified(changed), command, all(command, base, subfolder), subfolder);

  const npm = (scripts: Record<string, unknown>): Contents => ({
    'package.json': JSON.stringify({ scripts }),
    'ci/check.mjs': 'import "./more.mjs"',
  });

  test.each<[command: string, scripts: Record<string, unknown>]>([
    ['npm test', { test: 'node ci/check.mjs' }],
    ['npm t', { test: 'node ci/check.mjs' }],
    ['npm run -s all', { all: 'npm run one:two && true', 'one:two': 'node ci/check.mjs' }],
    ['yarn test', { pretest: 'node ci/check.mjs', test: 'x' }],
    [
      'CI=1 pnpm test -- --run',
      { test: 'pnpm check', postcheck: ['true', 'node ci/check'], check: 'x' },
    ],
  ])('%s runs a script of the manifest', (command, scripts) => {
    expect(found(command, npm(scripts), ['ci/check.mjs', 'ci/other.mjs'])).toEqual([
      'ci/check.mjs',
    ]);
  });

  test('a script that is not run is not followed, and neither is what is checked', () => {
    const scripts = { test: 'node ci/check.mjs src/index.js', start: 'node ci/start.mjs', odd: 7 };
    expect(found('npm test', npm(scripts), ['ci/start.mjs', 'src/index.js'])).toEqual([]);
  });

  test.each([['{'], ['{}'], ['{"scripts":null}']])('%s has no scripts', (manifest) => {
    expect(found('npm test', { 'package.json': manifest }, ['ci/check.mjs'])).toEqual([]);
  });

  test('scripts and makefiles name others', () => {
    const base: Contents = {
      'verify.sh': '#!/bin/sh\nset -e\nexec make -s check <<EOF\n',
      Makefile: 'check:\n\t./ci/one.sh src/main.c\n',
      'ci/one.sh': 'sh ci/two.sh; ./verify.sh',
    };
    expect(found('./verify.sh', base, ['ci/one.sh', 'ci/two.sh', 'src/main.c'])).toEqual([
      'ci/one.sh',
      'ci/two.sh',
    ]);
  });

  test.each([
    'sh "$(dirname "$0")"/more.sh',
    'exec $DIR/ci/more.sh',
    '. ${ROOT}/ci/more.sh',
    'import "./more.sh"',
  ])('what lies beside a script: %s', (text) => {
    expect(found('ci/one.sh', { 'ci/one.sh': text }, ['ci/more.sh'])).toEqual(['ci/more.sh']);
  });

  test('below the root, manifests are those that are there', () => {
    const base = {
      'sub/package.json': JSON.stringify({ scripts: { test: 'node ../ci/check.mjs' } }),
    };
    expect(found('npm test', base, ['ci/check.mjs'], 'sub')).toEqual(['ci/check.mjs']);
    expect(unreadOf('npm test', {}, 'sub')[0]).toBe('sub/package.json');
  });

  test('a long chain ends', () => {
    const names = Array.from({ length: 200 }, (_, nth) => `ci/${nth}.sh`);
    const base = Object.fromEntries(names.map((name, nth) => [name, `sh ci/${nth + 1}.sh`]));
    const many = { 'ci/all.sh': names.join('\n') };
    expect(() => all('sh ci/0.sh', base)).toThrow('it never ends');
    expect(unreadOf('sh ci/all.sh', { ...many, ...base }).length).toBeLessThan(50);
  });
});
