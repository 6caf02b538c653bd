import { expect, test } from 'vitest';
import { objectsIn } from './json-in.ts';

test.each<[text: string, found: object[]]>([
  ['', []],
  ['no object', []],
  ['{"a":1} and {"b":{"c":2}}', [{ a: 1 }, { b: { c: 2 } }]],
  ['{ {"a":"}"} {bad} {"b":1', [{ a: '}' }]],
  ['"{" {"a":"\\"{"}', [{ a: '"{' }]],
  ['```json\n{"a":1}\n```', [{ a: 1 }]],
])('%j', (text, found) => {
  expect([...objectsIn(text, 50)]).toEqual(found);
});

test('no more are tried than was said', () => {
  expect([...objectsIn('{}{}{}', 2)]).toEqual([{}, {}]);
});
