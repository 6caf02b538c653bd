import { expect, test } from 'vitest';
import { fragment } from './environments.ts';
import { quote } from './quote.ts';

test('a fragment names each variable once, in order, and PATH for the launch', () => {
  expect(fragment({ B: "it's", A: '', PATH: '/bin', PWD: '/x', _: 'y' })).toBe(
    `# "/bin"\nexport A=''\nexport B='it'\\''s'\nexport PATH='/bin'\n`,
  );
  expect(fragment({})).toBe('# null\n');
});

test('what no shell can set is left to env, what nobody can set is left out', () => {
  expect(fragment({ 'a.b': '1', UID: '2', 'x=y': '3', '': '4', Z: 'a\0b' })).toBe(
    `# null\ntend_exec() {\nexec /usr/bin/env 'UID=2' 'a.b=1' "$@"\n}\n`,
  );
});

test('a word stands for itself', () => {
  expect(quote("a'b\n$c")).toBe("'a'\\''b\n$c'");
});
