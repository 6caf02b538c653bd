import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutFenced, cutMiddle, endOf, FENCES, fenced, withoutLongRuns } from './cut.ts';

const LONE = /(?<![\ud800-\udbff])[\udc00-\udfff]|[\ud800-\udbff](?![\udc00-\udfff])/;
const long = fc
  .array(fc.constantFrom('a', '😀', '`', '```', '\n', '````\n', '\n```js\n', 'words '), {
    maxLength: 400,
  })
  .map((all) => all.join(''));
/** Whether the text ends inside a fence, as readers of Markdown see it. */
function isOpen(text: string): boolean {
  let open: string | null = null;
  for (const line of text.split('\n')) {
    const run = /^`{3,}/.exec(line)?.[0];
    if (run === undefined || line.slice(run.length).includes('`')) continue;
    if (open === null) open = run;
    else if (line.trimEnd() === run && run.length >= open.length) open = null;
  }
  return open !== null;
}

test('the end of a text', () => {
  expect(endOf('abc', 3)).toBe('abc');
  expect(endOf('abc', 2)).toBe('bc');
  expect(endOf('a😀b', 2)).toBe('b');
  expect(endOf('a😀b', 3)).toBe('😀b');
});

describe('the middle left out', () => {
  test('says how much is missing', () => {
    const text = 'a'.repeat(70) + 'b'.repeat(70);
    expect(cutMiddle(text, 140)).toBe(text);
    expect(cutMiddle(text, 100)).toBe(
      `${'a'.repeat(33)}\n[… 73 characters left out …]\n${'b'.repeat(34)}`,
    );
  });

  test('fits, and keeps both ends and every character whole', () => {
    fc.assert(
      fc.property(long, fc.integer({ min: 100, max: 500 }), (text, longest) => {
        const shown = cutMiddle(text, longest);
        expect(shown.length).toBeLessThanOrEqual(longest);
        expect(LONE.test(shown)).toBe(false);
        const [, head = '', count, tail = ''] =
          /^([^]*)\n\[… (\d+) characters left out …\]\n([^]*)$/.exec(shown) ?? [];
        if (count === undefined) {
          expect(shown).toBe(text);
          return;
        }
        expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
        expect(head.length + Number(count) + tail.length).toBe(text.length);
      }),
    );
  });
});

describe('fences', () => {
  test.each([
    ['text', '```\ntext\n```'],
    ['text\n', '```\ntext\n```'],
    ['', '```\n\n```'],
    ['a `b` ``c``', '```\na `b` ``c``\n```'],
    ['```\ncode\n```', '````\n```\ncode\n```\n````'],
    ['x`````y', '``````\nx`````y\n``````'],
    ['`'.repeat(64), `${'`'.repeat(65)}\n${'`'.repeat(64)}\n${'`'.repeat(65)}`],
    ['`'.repeat(65), '```\n[65 backticks]\n```'],
  ])('%j', (text, expected) => {
    expect(fenced(text)).toBe(expected);
  });

  test('no text can close its own', () => {
    fc.assert(
      fc.property(long, (text) => {
        const [opening = '', ...lines] = fenced(text).split('\n');
        const closing = lines.pop();
        expect(closing).toBe(opening);
        expect(lines.join('\n')).toBe(withoutLongRuns(text).replace(/\n$/, ''));
        expect(lines.some((line) => line.includes(opening))).toBe(false);
        expect(fenced(text).length).toBeLessThanOrEqual(text.length + FENCES);
      }),
    );
  });
});

describe('cut through fences', () => {
  const [x, y] = ['x\n', 'y\n'].map((line) => line.repeat(400));
  const NOTE = '\n\\[… \\d+ characters left out …\\]\n';
  test.each([
    ['none', `${x}`, `^[x\n]+${NOTE}[x\n]+$`],
    ['one', fenced(`${x}`), `^\`{3}[x\n]+\`{3}${NOTE}\`{3}[x\n]+\`{3}$`],
    [
      'one that shows fences',
      fenced(`\`\`\`ts\n${x}\`\`\`\n`),
      `^\`{4}\n\`{3}ts[x\n]+\`{4}${NOTE}\`{4}[x\n]+\`{3}\n\`{4}$`,
    ],
    ['the first of two', `${fenced(`${x}`)}\n${y}`, `^\`{3}[x\n]+\`{3}${NOTE}[y\n]+$`],
    ['the second of two', `${y}\n${fenced(`${x}`)}`, `^[y\n]+${NOTE}\`{3}[x\n]+\`{3}$`],
  ])('%s', (_, text, expected) => {
    expect(cutFenced(text, 500)).toMatch(new RegExp(expected));
    expect(cutFenced(text, text.length)).toBe(text);
  });

  test('half a fence is none', () => {
    // Wherever the cut goes through the long fence, what follows it stays outside.
    for (let before = 0; before < 70; before++) {
      const fence = '`'.repeat(60);
      const text = `${fence}\n${'x'.repeat(600 + before)}\n${fence}\n${'y\n'.repeat(60)}`;
      const shown = cutFenced(text, 460);
      expect(isOpen(shown)).toBe(false);
      expect(shown.endsWith('y\ny\n')).toBe(true);
    }
  });

  test('what was closed stays closed, and nothing is longer than it may be', () => {
    fc.assert(
      fc.property(
        fc.array(long, { maxLength: 8 }),
        fc.integer({ min: 300, max: 2_000 }),
        (texts, longest) => {
          const text = texts.map(fenced).join('\nand\n');
          const shown = cutFenced(text, longest);
          expect(shown.length).toBeLessThanOrEqual(longest);
          expect(isOpen(shown)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
