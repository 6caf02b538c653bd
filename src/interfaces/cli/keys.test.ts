import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseKeys } from './keys.ts';

const key = (name: string) => ({ is: 'key', name });
const text = (given: string) => ({ is: 'text', text: given });

test.each([
  ['letters', 'qé日', [text('q'), text('é'), text('日')]],
  ['arrows', '\u001b[A\u001bOB', [key('up'), key('down')]],
  [
    'pages and ends',
    '\u001b[5~\u001b[6~\u001b[H\u001b[4~',
    ['pageUp', 'pageDown', 'home', 'end'].map(key),
  ],
  ['enter, tab and its way back', '\r\t\u001b[Z', ['enter', 'tab', 'backTab'].map(key)],
  ['controls', '\u0003\u001a\u007f', ['ctrl-c', 'ctrl-z', 'backspace'].map(key)],
  ['controls without a meaning', '\u0001\u0000x', [text('x')]],
  ['an unknown sequence', '\u001b[200;3ux', [text('x')]],
  [
    'a paste',
    '\u001b[200~q\r\u001b[A\u001b[201~x',
    [{ is: 'paste', text: 'q\r\u001b[A' }, text('x')],
  ],
  ['a click', '\u001b[<0;5;8M\u001b[<0;5;8m', [{ is: 'click', row: 7, column: 4 }]],
  [
    'the wheel',
    '\u001b[<65;1;3M\u001b[<64;1;3M',
    [
      { is: 'wheel', by: 1, row: 2 },
      { is: 'wheel', by: -1, row: 2 },
    ],
  ],
  ['another button', '\u001b[<2;5;8M', []],
])('%s', (_, given, keys) => expect(parseKeys(given)).toEqual({ keys, rest: '' }));

test.each(['\u001b', '\u001b[', '\u001b[<0;5', '\u001bO', '\u001b[200~pasted'])(
  'the beginning of something waits for its rest: %j',
  (given) => expect(parseKeys(given)).toEqual({ keys: [], rest: given }),
);

test('a lone escape is the key once nothing follows', () => {
  expect(parseKeys('\u001b', true)).toEqual({ keys: [key('escape')], rest: '' });
});

test('it does not matter where the stream is cut', () => {
  const piece = fc.constantFrom(
    'a',
    '日',
    '\r',
    '\u001b[A',
    '\u001bOB',
    '\u001b[5~',
    '\u001b[<64;1;3M',
    '\u001b[200~p\r\u001b[201~',
  );
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(40)), (pieces, cuts) => {
      const all = pieces.join('');
      const places = [...cuts.map((cut) => cut % (all.length + 1)), all.length].toSorted(
        (a, b) => a - b,
      );
      let [rest, at] = ['', 0];
      const keys = places.flatMap((place) => {
        const parsed = parseKeys(rest + all.slice(at, place));
        [rest, at] = [parsed.rest, place];
        return parsed.keys;
      });
      expect(rest).toBe('');
      expect(keys).toEqual(parseKeys(all).keys);
    }),
  );
});
