import { expect, test } from 'vitest';
import { plainText } from './plain-text.ts';

test.each([
  ['', ''],
  ['a\nb', 'a\nb'],
  ['\u001b[1;31mred\u001b[0m', 'red'],
  ['\u001b[38:2::1:2:3mred\u001b[m', 'red'],
  ['\u001b[?25l\u001b[2K\u001b[1Gx', 'x'],
  ['\u001b[2 qx', 'x'],
  ['\u001b]0;title\u0007x', 'x'],
  ['\u001b]8;;http://a\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['\u001b(Bx\u001b7y\u001bMz', 'xyz'],
  ['\u001b[', '\u001b['],
  ['10%\r20%\rdone\nnext\r\n', 'done\nnext\n'],
  ['a\r\r\nb', 'a\nb'],
])('%j', (output, text) => {
  expect(plainText(output)).toBe(text);
});
