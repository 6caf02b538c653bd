import { describe, expect, test } from 'vitest';
import { actOf, actOn, alwaysInWords, isLike, isSame, piecesOf, redirects } from './act.ts';

const CWD = '/home/dev/repo';
const of = (tool: string, input: unknown): { tool: string; subject: string } =>
  actOf(tool, JSON.stringify(input), CWD);
const bash = (command: string) => of('Bash', { command });

describe('what a tool does', () => {
  test.each([
    ['Bash', { command: 'git push', description: 'Pushes' }, 'git push'],
    ['Edit', { file_path: `${CWD}/src/a.ts`, old_string: 'a' }, 'src/a.ts'],
    ['Write', { file_path: '/etc/passwd' }, '/etc/passwd'],
    ['Write', { file_path: `${CWD}/src/../../../x` }, '/home/x'],
    ['Write', { file_path: 'src/./b//c.ts' }, 'src/b/c.ts'],
    ['Write', { file_path: CWD }, CWD],
    ['WebFetch', { url: 'https://example.org/a', prompt: 'Read it' }, 'https://example.org/a'],
    ['WebSearch', { query: 'words' }, 'words'],
    ['execute', { command: 'make' }, 'make'],
    [
      'mcp__deploy__run',
      { to: 'prod', also: { b: 2, a: [1] } },
      '{"also":{"a":[1],"b":2},"to":"prod"}',
    ],
    ['Bash', { command: ['git', 'push'] }, '{"command":["git","push"]}'],
    ['mcp__x__y', { a: 1, c: 3, b: 2 }, '{"a":1,"b":2,"c":3}'],
    ['Bash', {}, ''],
    ['Bash', 'git push', '"git push"'],
    ['Bash', null, 'null'],
    ['__proto__', { a: 1 }, '{"a":1}'],
  ])('%s %j is done to %s', (tool, input, subject) => {
    expect(of(tool, input)).toEqual({ tool, subject });
  });

  test('is all that was told where that is no JSON', () => {
    expect(actOf('Bash', 'git push', CWD)).toEqual({ tool: 'Bash', subject: 'git push' });
    expect(actOf('Bash', '', CWD)).toEqual({ tool: 'Bash', subject: '' });
  });

  test('is another act outside of the sandbox', () => {
    expect(of('Bash', { command: 'ls', dangerouslyDisableSandbox: true }).tool).not.toBe('Bash');
  });

  test('may be known already', () => {
    expect(actOn('edit', `${CWD}/a.ts`, CWD)).toEqual({ tool: 'edit', subject: 'a.ts' });
    expect(actOn('edit', '/x', '/')).toEqual({ tool: 'edit', subject: 'x' });
    expect(actOn('execute', 'ls /', CWD)).toEqual({ tool: 'execute', subject: 'ls /' });
  });
});

test.each([
  ['git status', ['git status']],
  ['a && b || c; d | e & f', ['a', 'b', 'c', 'd', 'e', 'f']],
  ['echo $(rm x) `rm y`', ['echo $', 'rm x', 'rm y']],
  ['a\nb', ['a', 'b']],
  ['(cd x; { make; })', ['cd x', 'make']],
  ['git commit -m "a; b"', ['git commit -m "a', 'b"']],
  ['make 2>&1 >/dev/null', ['make']],
  ['make &>/dev/null; ls', ['make', 'ls']],
  ['make > out', ['make > out']],
  ['', ['']],
  [' ; ', ['']],
])('the commands of %j', (line, pieces) => {
  expect(piecesOf(bash(line))).toEqual(pieces);
});

test('only a command can write besides what it does', () => {
  expect(redirects(bash('a > b'), 'a > b')).toBe(true);
  expect(redirects(bash('a'), 'a')).toBe(false);
  expect(redirects({ tool: 'WebSearch', subject: 'a > b' }, 'a > b')).toBe(false);
});

describe('always', () => {
  test.each([
    ['git push origin a', 'git push origin b', true],
    ['git push origin a', 'git pull', false],
    ['git push', 'git push && git push -f', true],
    ['git push', 'git push; rm x', false],
    ['git push', 'git push > .env', false],
    ['git log > log', 'git log > log && git log -1', true],
    ['rm -rf x', 'rm -rf y', false],
    ['rm -rf x', 'rm -rf x && rm -rf x', true],
    ['python a.py 1', 'python a.py 2', true],
    ['python a.py', 'python -c "evil"', false],
    ['ls', 'ls', true],
    ['ls', 'ls -la', false],
  ])('%s means %s: %s', (granted, asked, is) => {
    expect(isLike(bash(asked), bash(granted))).toBe(is);
  });

  test.each([
    ['Write', 'src/a.ts', 'src/b.ts', true],
    ['Write', 'src/a.ts', 'test/a.ts', false],
    ['Write', 'a.ts', 'b.ts', true],
    ['WebFetch', 'https://x.org/a', 'https://x.org/b?c', true],
    ['WebFetch', 'https://x.org/a', 'https://x.org.evil.com/a', false],
    ['WebFetch', 'x.org', 'y.org', false],
    ['WebSearch', 'a', 'b', true],
    ['mcp__x__y', '{"a":1}', '{"a":2}', true],
  ])('%s %s means %s: %s', (tool, granted, asked, is) => {
    expect(isLike({ tool, subject: asked }, { tool, subject: granted })).toBe(is);
  });

  test('is for one tool', () => {
    expect(isLike({ tool: 'Edit', subject: 'a' }, { tool: 'Write', subject: 'a' })).toBe(false);
  });

  test.each([
    [bash('git push origin && rm -rf x'), 'commands that begin with `git push`, `rm -rf x`'],
    [{ tool: 'Write', subject: 'src/a.ts' }, 'Write in the folder src/'],
    [{ tool: 'Write', subject: 'a.ts' }, 'Write in the folder it works in'],
    [{ tool: 'WebFetch', subject: 'https://x.org/a' }, 'WebFetch at https://x.org'],
    [{ tool: 'mcp__x__y', subject: '{}' }, 'mcp__x__y'],
  ])('%j is told as %s', (act, words) => {
    expect(alwaysInWords(act)).toBe(words);
  });
});

test('the same act is one of the same tool on the same subject', () => {
  expect(isSame(bash('ls'), bash('ls'))).toBe(true);
  expect(isSame(bash('ls'), bash('ls '))).toBe(false);
});
