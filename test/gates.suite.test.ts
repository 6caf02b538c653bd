/** The gates of the test suite itself, seen red: process warnings, and the coverage of the domain. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import settings from '../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');

let tree = '';

beforeEach(() => {
  tree = realpathSync(mkdtempSync(join(tmpdir(), 'tend-suite-')));
  for (const name of ['vitest.config.ts', 'test/fail-on-warning.ts', 'package.json']) {
    cpSync(join(ROOT, name), join(tree, name));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  mkdirSync(join(tree, 'src/domain'), { recursive: true });
});

afterEach(() => rmSync(tree, { recursive: true, force: true }));

function put(name: string, lines: readonly string[]): void {
  const imports = name.endsWith('.test.ts') ? ["import { expect, test } from 'vitest';"] : [];
  writeFileSync(join(tree, 'src/domain', name), [...imports, ...lines, ''].join('\n'));
}

/** Runs the project's own npm script in the seeded tree, without the start-up time of npm. */
function run(script: keyof typeof settings.scripts): { status: number | null; output: string } {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  for (const name of Object.keys(env)) if (/^VITE|^NODE_V8/.test(name)) delete env[name];
  env['PATH'] = `${join(ROOT, 'node_modules/.bin')}:${env['PATH']}`;
  const options = { cwd: tree, env, encoding: 'utf8', shell: true } as const;
  const { status, stdout, stderr } = spawnSync(settings.scripts[script], options);
  return { status, output: stdout + stderr };
}

const SUM = ['export function size(x: number): string {', "  return x > 9 ? 'big' : 'small';", '}'];

test('the domain passes when every branch is tested, and only then', () => {
  put('size.ts', SUM);
  put('size.test.ts', [
    "import { size } from './size.ts';",
    "test('big', () => {",
    "  expect(size(10)).toBe('big');",
    '});',
  ]);
  const partly = run('test:domain');
  expect(partly.output).toContain('threshold');
  expect(partly.status).not.toBe(0);

  put('small.test.ts', [
    "import { size } from './size.ts';",
    "test('small', () => {",
    "  expect(size(1)).toBe('small');",
    '});',
  ]);
  const { status, output } = run('test:domain');
  expect(output).toContain('100');
  expect(status).toBe(0);

  put('untested.ts', ['export const answer = (): number => 42;']);
  expect(run('test:domain').status).not.toBe(0);
});

test('a warning of the process fails the suite', () => {
  put('size.ts', ['export const answer = 42;']);
  const using = (line: string): string[] => [
    "import { answer } from './size.ts';",
    "test('answers', () => {",
    `  ${line}`,
    '  expect(answer).toBe(42);',
    '});',
  ];
  put('size.test.ts', using(''));
  expect(run('test:domain').status).toBe(0);

  put('size.test.ts', using("process.emitWarning('a leak was seen');"));
  const { status, output } = run('test:domain');
  expect(output).toContain('1 passed');
  expect(output).toContain('a leak was seen');
  expect(status).not.toBe(0);
});
