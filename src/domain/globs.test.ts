import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DENIED, matches, matchesAny, outsideOf } from './globs.ts';

describe('a glob', () => {
  test.each([
    // names, wherever they stand
    ['a.ts', 'a.ts'],
    ['a.ts', 'x/y/a.ts'],
    ['*.ts', 'x/y/a.ts'],
    ['*.ts', '.ts'],
    ['?.ts', 'x/a.ts'],
    ['?.ts', '😀.ts'],
    ['*', 'x/y'],
    ['docs', 'docs/a/b.md'],
    ['docs', 'x/docs/a.md'],
    ['docs/', 'x/docs/a.md'],
    ['a*b*c', 'aXbYbc'],
    // from the root
    ['src/*.ts', 'src/a.ts'],
    ['./src/*.ts', 'src/a.ts'],
    ['/a.ts', 'a.ts'],
    ['src/domain', 'src/domain/x/y.ts'],
    ['src/domain/', 'src/domain/x.ts'],
    ['src/d*n/', 'src/domain/x.ts'],
    ['/src', 'src/a.ts'],
    // folders
    ['**', 'a/b/c'],
    ['**/a.ts', 'a.ts'],
    ['**/a.ts', 'x/y/a.ts'],
    ['src/**', 'src/a/b.ts'],
    ['src/**/a.ts', 'src/a.ts'],
    ['src/**/a.ts', 'src/x/y/a.ts'],
    ['src/**/**/a.ts', 'src/x/a.ts'],
    ['src/***', 'src/x/a.ts'],
    ['src/a**b/c', 'src/axxb/c'],
    ['**/x/**/y', 'a/x/b/c/y'],
    // braces
    ['*.{ts,tsx}', 'a.tsx'],
    ['{src,test}/*.ts', 'test/a.ts'],
    ['{a,b{c,d}}.ts', 'bd.ts'],
    ['{,x}a', 'a'],
    ['{a,**/b}/c', 'x/y/b/c'],
    ['a{b', 'a{b'],
    ['a{b}', 'a{b}'],
    ['a}b', 'a}b'],
    ['a,b', 'a,b'],
    ['a{b,c', 'a{b,c'],
    ['\\{a,b}', '{a,b}'],
    // classes
    ['[a-c].ts', 'b.ts'],
    ['[!a-c].ts', 'd.ts'],
    ['[^a-c].ts', 'd.ts'],
    ['[]x].ts', '].ts'],
    ['[a-].ts', '-.ts'],
    ['[!]].ts', 'x.ts'],
    ['[a', '[a'],
    ['{[a,b]}', 'b]'],
    ['{src/**,docs}', 'src/a/b'],
    ['src/{a/**/x,b}', 'src/a/1/2/x'],
    // taken literally
    ['\\*.ts', '*.ts'],
    ['a\\', 'a\\'],
    ['a b\n', 'a b\n'],
    ['a.b+(c)', 'a.b+(c)'],
  ])('%j means %j', (glob, path) => {
    expect(matches(glob, path)).toBe(true);
  });

  test.each([
    ['a.ts', 'a.tsx'],
    ['a.ts', 'xa.ts'],
    ['A.ts', 'a.ts'],
    ['*.ts', 'a.ts/b'],
    ['docs/', 'docs'],
    ['docs', 'docsx/a'],
    ['src/*.ts', 'src/a/b.ts'],
    ['src/*', 'src/a/b'],
    ['src/*.ts', 'x/src/a.ts'],
    ['src/domain', 'x/src/domain/a'],
    ['/a.ts', 'x/a.ts'],
    ['?', '/'],
    ['a?b', 'a/b'],
    ['a[/]b', 'a/b'],
    ['a[!x]b', 'a/b'],
    ['a**b', 'a/b'],
    ['**/a.ts', 'xa.ts'],
    ['src/**', 'src'],
    ['*.{ts,tsx}', 'a.js'],
    ['[!a-c].ts', 'b.ts'],
    ['', ''],
    ['', 'a'],
    ['/', 'a'],
    ['./', 'a'],
    ['a.ts', ''],
  ])('%j does not mean %j', (glob, path) => {
    expect(matches(glob, path)).toBe(false);
  });

  test('every path is meant by itself, and nothing throws', () => {
    const plain = fc.stringMatching(/^[a-z.]{1,5}(?:\/[a-z.]{1,5}){0,4}$/);
    fc.assert(
      fc.property(plain, (path) => {
        fc.pre(!path.startsWith('./'));
        expect(matches(path, path)).toBe(true);
        expect(matches(`**/${path}`, path)).toBe(true);
        expect(matches(path, `${path}/below`)).toBe(true);
      }),
    );
    const signs = fc.string({ unit: fc.constantFrom(...Array.from('a/*?{},[]!^-\\.')) });
    fc.assert(fc.property(signs, signs, (glob, path) => void matches(glob, path)));
  });

  test('none is slow', () => {
    const path = `${'a'.repeat(2_000)}/${'a/'.repeat(500)}b`;
    const globs = [
      `${'*a'.repeat(150)}c`,
      `${'**/a/'.repeat(80)}c`,
      `${'{a,a}'.repeat(100)}c`,
      `${'{a,*}'.repeat(100)}/c`,
      `${'{'.repeat(300)}a,b${'}'.repeat(300)}`,
      '{'.repeat(1_000),
      '['.repeat(1_000),
      `${'?'.repeat(300)}*c`,
    ];
    const work = globs.map((glob) => matches(glob, path));
    expect(work).toEqual(globs.map(() => false));
  }, 20_000);
});

describe('several globs', () => {
  test('the last one that fits counts', () => {
    const globs = ['*.ts', '!*.test.ts', 'a.test.ts'];
    expect(
      ['x.ts', 'x.test.ts', 'a.test.ts', 'x.js'].filter((path) => matchesAny(globs, path)),
    ).toEqual(['x.ts', 'a.test.ts']);
    expect(matchesAny([], 'a')).toBe(false);
    expect(matchesAny(['!docs/'], 'a')).toBe(true);
    expect(matchesAny(['!docs/'], 'docs/a')).toBe(false);
  });

  test('what is out of the scope, or denied, needs a person', () => {
    const paths = ['src/a.ts', 'src/.env', 'docs/a.md', '.env.example'];
    expect(outsideOf(paths, [], [])).toEqual([]);
    expect(outsideOf(paths, [], DENIED)).toEqual(['src/.env']);
    expect(outsideOf(paths, ['src/**'], DENIED)).toEqual(['src/.env', 'docs/a.md', '.env.example']);
    expect(outsideOf(paths, ['src', 'docs/'], [])).toEqual(['.env.example']);
  });
});

describe('what is denied from the start', () => {
  test.each([
    '.env',
    'app/.env',
    '.env.local',
    '.env.production',
    'secrets/a.txt',
    'infra/secrets/deep/a.yml',
    'tls/server.pem',
    'a.key',
    'a.p12',
    'id_rsa',
    '.ssh/id_ed25519.pub',
    '.ssh/config',
    '.aws/credentials',
    'credentials.json',
    '.npmrc',
    '.git/config',
    '.git/hooks/pre-commit',
    'sub/.git/config',
  ])('%s', (path) => {
    expect(matchesAny(DENIED, path)).toBe(true);
  });

  test.each([
    '.env.example',
    'app/.env.sample',
    '.env.template',
    'src/env.ts',
    'src/credentials.ts',
    'src/keys.ts',
    '.gitignore',
    '.github/workflows/ci.yml',
    'docs/secrets.md',
  ])('but not %s', (path) => {
    expect(matchesAny(DENIED, path)).toBe(false);
  });
});
