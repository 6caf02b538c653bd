import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTendError } from './errors.ts';
import { lineScan } from './line-scan.ts';
import { patternOf } from './pattern.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The lines of `text` that have the pattern. */
function linesWith(written: string, text: string): string[] {
  const scan = lineScan(patternOf(written), { at: 0, told: false });
  const data = bytes(text);
  return [...scan.push(data), ...scan.end()].map(({ line }) => {
    const rest = new TextDecoder().decode(data.subarray(line));
    return rest.split(/[\n\r]/, 1)[0] ?? '';
  });
}
const has = (written: string, line: string): boolean => linesWith(written, line).length > 0;

function refusal(written: string): string {
  try {
    patternOf(written);
    return 'none';
  } catch (error) {
    return isTendError(error) ? `${error.code}: ${error.message}` : String(error);
  }
}

describe('a plain text', () => {
  test('means its own characters, wherever they stand', () => {
    expect(linesWith('a.b', 'a.b\naxb\n--a.b--\n')).toEqual(['a.b', '--a.b--']);
    expect(linesWith('é😀', 'x é😀\né 😀\n')).toEqual(['x é😀']);
    expect(linesWith('/', 'a\n/\n')).toEqual(['/']);
    expect(linesWith('/usr', '/usr/bin\n')).toEqual(['/usr/bin']);
  });
});

describe('a regular expression', () => {
  test.each([
    ['/fail(ed|ure)?/', ['it failed', 'failure', 'fail'], ['fai', 'FAILED']],
    ['/ready/i', ['READY', 'rEady'], ['red']],
    ['/^a$/', ['a'], ['aa', 'ba', '']],
    ['/^$/', [], ['a', 'ab']],
    ['/\\bcat\\b/', ['cat', 'a cat.', 'cat '], ['cats', 'concat', 'ca t']],
    ['/\\Bat\\B/', ['cats'], ['at', 'cat', 'ats']],
    ['/\\d{3}/', ['a123'], ['a12']],
    ['/^\\d{2,3}$/', ['12', '123'], ['1', '1234']],
    ['/^x{2,}$/', ['xx', 'xxxxx'], ['x']],
    ['/^(ab|cd)+?e*$/', ['ab', 'abcde', 'cdee'], ['a', 'abc']],
    ['/[^a-c\\]]{2}/', ['dd'], ['aa', 'd]d']],
    ['/[\\w-]+@x\\.y/u', ['a-b@x.y'], ['@x.y', 'a@xay']],
    ['/(?:a|b)c(?<name>d)/', ['acd', 'bcd'], ['ccd']],
    ['/a\\/b/', ['a/b'], ['a b']],
    ['/\\u{1f600}|\\x41\\u0042|\\uD83D\\uDE01/', ['😀', 'AB', '😁'], ['A', '😂']],
    ['/\\p{Lu}\\P{L}\\cJ?/', ['É1'], ['é1', 'ÉE']],
    ['/./s', ['😀', ' '], []],
    ['/a||b/i', [], []],
    ['/\\0|\\t/g', ['a\tb', '\0'], ['0']],
  ])('%s', (written, those, others) => {
    if (written === '/a||b/i') return expect(refusal(written)).toContain('in every line');
    expect(those.filter((line) => !has(written, line))).toEqual([]);
    expect(others.filter((line) => has(written, line))).toEqual([]);
  });

  test.each([
    ['', 'invalid_input: a text of 0 characters cannot be watched for'],
    ['x'.repeat(201), 'invalid_input: a text of 201 characters cannot be watched for'],
    ['a\nb', 'invalid_input: a text of 3 characters cannot be watched for'],
    ['/(/', 'invalid_input: /(/ cannot be watched for: Unterminated group'],
    ['/a(?=b)/', 'it looks ahead or back'],
    ['/(?<!a)b/', 'it looks ahead or back'],
    ['/(a)\\1/', 'it refers back'],
    ['/(?<x>a)\\k<x>/', 'it refers back'],
    ['/a*/', 'it is found in every line'],
    ['/a{401}/', 'it is too large'],
    ['/(?:(?:(?:){999999}){999999}){999999}a/', 'it is too large'],
    ['/a/y', 'ends with the flags "y"'],
    ['/a/ii', 'ends with the flags "ii"'],
  ])('%s is refused', (written, why) => {
    expect(refusal(written)).toContain(why);
  });
});

/** Expressions that the platform understands alike. */
const expression = fc.letrec<{ any: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom('a', 'b', 'é', '.', '\\w', '\\W', '[ab]', '[^a]', '\\b', '\\B', '^', '$', ' '),
    tie('any').map((inner) => `(${inner})`),
  ),
  any: fc
    .array(
      fc
        .tuple(
          tie('atom'),
          fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{2,}', '*?'),
        )
        .map(([atom, times]) => (/^(\\[bB]|\^|\$)$/.test(atom) ? atom : atom + times)),
      { minLength: 1, maxLength: 3 },
    )
    .chain((parts) => fc.constantFrom('', '|').map((between) => parts.join(between))),
})).any;
// No character of two units: V8 finds \B between the two.
const line = fc
  .array(fc.constantFrom('a', 'b', 'é', ' ', 'A', '1'), { minLength: 1, maxLength: 5 })
  .map((characters) => characters.join(''));

test('finds what the platform finds', () => {
  fc.assert(
    fc.property(expression, fc.constantFrom('', 'i'), fc.array(line), (source, flags, lines) => {
      // A longer one can take the platform for ever.
      fc.pre(source.length <= 40);
      const written = `/${source}/${flags}`;
      const refused = refusal(written);
      fc.pre(refused === 'none');
      const native = new RegExp(source, `u${flags}`);
      expect(linesWith(written, lines.map((one) => `${one}\n`).join(''))).toEqual(
        lines.filter((one) => native.test(one)),
      );
    }),
    { numRuns: 400 },
  );
});

test('no expression takes for ever', () => {
  const scan = lineScan(patternOf('/(.*)*(.*)*(.*)*(a?){50}z/'), { at: 0, told: false });
  expect(scan.push(bytes('a'.repeat(20_000)))).toEqual([]);
});

test('a pattern with very many states forgets some and finds the same', () => {
  let random = 1;
  const text = Array.from({ length: 3_000 }, () => {
    random = (random * 1_103_515_245 + 12_345) % 0x8000_0000;
    return random > 0x4000_0000 ? 'a' : 'b';
  });
  const found = lineScan(patternOf('/a(a|b){12}c/'), { at: 0, told: false }).push(
    bytes(`${text.join('')}abbbbbbbbbbbbc`),
  );
  expect(found).toEqual([{ line: 0, seen: 3_014 }]);
  const others = Array.from({ length: 200 }, (_, at) => String.fromCodePoint(0x400 + at)).join('');
  expect(has('яz', `${others}яz`)).toBe(true);
});
