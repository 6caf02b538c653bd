import { describe, expect, test } from 'vitest';
import { type Changed, isHarmlessManifest, suspectsIn } from './suspects.ts';

const of = (kind: Changed['kind'], ...paths: string[]): Changed[] =>
  paths.map((path) => ({ path, kind }));

describe('what checks the work and was changed by it', () => {
  const TESTS = [
    'src/a.test.ts',
    'src/a.spec.tsx',
    'a_test.go',
    'lib/a_test.exs',
    'spec/a_spec.rb',
    'pkg/test_a.py',
    'tests/unit/data.json',
    'src/test/java/A.java',
    'src/MathTest.java',
    'src/__tests__/a.js',
    'src/__snapshots__/a.snap',
    'e2e/login.js',
    'cypress/x.js',
    'testdata/in.txt',
    'fixtures/out.json',
    'golden/a.txt',
    'test.js',
    'a.bats',
    'vendor/tests',
  ];
  test('tests that were there before', () => {
    for (const kind of ['M', 'D', 'T'] as const)
      expect(suspectsIn(of(kind, ...TESTS), '')).toEqual(TESTS);
  });

  test('but not new ones', () => {
    expect(suspectsIn(of('A', ...TESTS), '')).toEqual([]);
  });

  test('configuration and pipelines, new or not', () => {
    const paths = [
      'package.json',
      'packages/a/package.json',
      'vitest.config.ts',
      'vite.config.js',
      'jest.config.cjs',
      'playwright.config.ts',
      '.mocharc.yml',
      'conftest.py',
      'pkg/conftest.py',
      'pytest.ini',
      'tox.ini',
      'setup.cfg',
      'pyproject.toml',
      'sitecustomize.py',
      'pytest.py',
      'pytest/__init__.py',
      'Makefile',
      'GNUmakefile',
      'justfile',
      'Cargo.toml',
      '.cargo/config.toml',
      'build.rs',
      'tsconfig.json',
      'tsconfig.build.json',
      'babel.config.js',
      '.babelrc',
      '.npmrc',
      '.env.test',
      'node_modules/vitest/index.js',
      'sub/node_modules',
      'test-setup.ts',
      'mise.toml',
      'phpunit.xml',
      'Gemfile',
      'mix.exs',
      'pom.xml',
      'build.gradle.kts',
      '.github/workflows/ci.yml',
      '.gitlab-ci.yml',
      '.circleci/config.yml',
      'Jenkinsfile',
    ];
    for (const kind of ['A', 'M', 'D'] as const)
      expect(suspectsIn(of(kind, ...paths), '')).toEqual(paths);
  });

  test('but not the work itself', () => {
    const paths = [
      'src/a.ts',
      'go.mod',
      'package-lock.json',
      'docs/testing.md',
      'src/latest.ts',
      'README.md',
      'src/contest.py',
    ];
    for (const kind of ['A', 'M', 'D'] as const)
      expect(suspectsIn(of(kind, ...paths), 'npm test')).toEqual([]);
  });

  test.each<[command: string, path: string]>([
    ['./verify.sh', 'verify.sh'],
    ['verify.sh', 'verify.sh'],
    ['sh -eu verify.sh --fast', 'verify.sh'],
    ['node --no-warnings scripts/check.mjs', 'scripts/check.mjs'],
    ['node scripts/check', 'scripts/check.js'],
    ['node scripts/check', 'scripts/check/index.js'],
    ['node check', 'check.cjs'],
    ['python -m tools.check', 'tools/check.py'],
    ['python3 -m tools.check', 'tools/check/__main__.py'],
    ['A=1 "./a b/../verify"', 'b/../verify'.replace('b/../', '')],
    ['cd ci && ./go', 'ci/go'],
    ['cd ci/deep; cd ..; ./go', 'ci/go'],
    ['cd /tmp && ./go', 'go'],
    ['bash -c "exec ./run --all | tee log"', 'run'],
    ['diff <(./gen) want.txt', 'want.txt'],
    ['prog --config=my.toml', 'my.toml'],
    ['prog @list.txt', 'list.txt'],
    ['grep -q -f want.txt out.txt', 'want.txt'],
    ['test -e a.txt && ./go', 'go'],
  ])('%s names %s', (command, path) => {
    expect(suspectsIn(of('A', path), command)).toEqual([path]);
  });

  test.each<[command: string, path: string]>([
    ['./verify.sh', 'sub/verify.sh'],
    ['eslint src', 'src/a.ts'],
    ['node check', 'check/a.js'],
    ['make build', 'build.go'],
    ['test -e a.txt && [ -d b ]', 'a.txt'],
    ['if ! X=1 [ -d b ]; then exit 1; fi', 'b'],
    ['cat x | grep -q good a.txt', 'a.txt'],
    ['grep -q good a.txt', 'a.txt'],
    ['sh /etc/passwd', 'etc/passwd'],
    ['sh ../../verify.sh', 'verify.sh'],
    ['ls *.ts', 'a.ts'],
    ['', 'a'],
  ])('%s does not name %s', (command, path) => {
    expect(suspectsIn(of('A', path), command)).toEqual([]);
  });

  test('below the root a command names what is there', () => {
    expect(suspectsIn(of('M', 'sub/verify.sh', 'verify.sh'), './verify.sh', {}, 'sub')).toEqual([
      'sub/verify.sh',
    ]);
    expect(suspectsIn(of('M', 'ci/go'), '../ci/go', {}, 'sub')).toEqual(['ci/go']);
  });
});

describe('a manifest that was changed', () => {
  const BEFORE = {
    name: 'a',
    version: '1.0.0',
    scripts: { test: 'vitest', build: 'x' },
    dependencies: { a: '^1.0.0', local: 'file:./b' },
    jest: { roots: ['a', 'b'] },
  };
  const is = (
    after: object | string | null,
    before: object | string | null = BEFORE,
    path = 'package.json',
  ) => {
    const text = (value: object | string | null) =>
      value === null || typeof value === 'string' ? value : JSON.stringify(value);
    return isHarmlessManifest(text(before), text(after), path);
  };

  test.each<[string, object]>([
    ['not at all', BEFORE],
    ['in its order', { ...BEFORE, scripts: { build: 'x', test: 'vitest' } }],
    [
      'in its version and words',
      { ...BEFORE, version: '2.0.0', description: 'b', keywords: ['x'] },
    ],
    [
      'by a dependency more',
      { ...BEFORE, dependencies: { ...BEFORE.dependencies, b: '>=1.2 <3 || ~5.0.0-rc.1' } },
    ],
    [
      'by a group of them',
      { ...BEFORE, devDependencies: { b: '*', c: 'latest', d: 'workspace:^' } },
    ],
    ['by fewer', { name: 'a', version: '1', scripts: BEFORE.scripts, jest: BEFORE.jest }],
  ])('%s is harmless', (_, after) => {
    expect(is(after)).toBe(true);
    expect(is(after, BEFORE, 'packages/x/package.json')).toBe(true);
  });

  test.each<[string, object | string | null]>([
    ['in a script', { ...BEFORE, scripts: { test: 'true', build: 'x' } }],
    ['by a script more', { ...BEFORE, scripts: { ...BEFORE.scripts, pretest: 'true' } }],
    ['by a script fewer', { ...BEFORE, scripts: { build: 'x' } }],
    ['in what it configures', { ...BEFORE, jest: { roots: ['a'] } }],
    ['in the kind of it', { ...BEFORE, jest: { roots: { 0: 'a', 1: 'b' } } }],
    ['in its kind of modules', { ...BEFORE, type: 'module' }],
    ['by a folder', { ...BEFORE, devDependencies: { vitest: 'file:./fake' } }],
    ['by an address', { ...BEFORE, devDependencies: { vitest: 'git+https://a.b/c' } }],
    ['by another package', { ...BEFORE, devDependencies: { vitest: 'npm:fake@1' } }],
    ['by a user and name', { ...BEFORE, devDependencies: { vitest: 'me/vitest' } }],
    ['by what is no version', { ...BEFORE, devDependencies: { vitest: 7 } }],
    ['by what is no list of them', { ...BEFORE, devDependencies: ['vitest'] }],
    ['by overrides', { ...BEFORE, overrides: { vitest: '1' } }],
    ['into a list', '[]'],
    ['into nothing', 'null'],
    ['into what cannot be read', '{'],
    ['by being deleted', null],
  ])('%s is not', (_, after) => {
    expect(is(after)).toBe(false);
  });

  test('a new one is not harmless, nor is one of another kind', () => {
    expect(is(BEFORE, null)).toBe(false);
    expect(is('[a]', '[a]', 'Cargo.toml')).toBe(false);
    expect(is(BEFORE, BEFORE, 'notpackage.json')).toBe(false);
  });
});
