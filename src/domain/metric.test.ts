import { expect, test } from 'vitest';
import { numberIn } from './metric.ts';

test.each([
  ['42', 42],
  ['42\n\n  \n', 42],
  ['1\n2\nscore 3\n', 3],
  ['from 1 to 2.5', 2.5],
  ['-0.25', -0.25],
  ['+7', 7],
  ['.5', 0.5],
  ['5.', 5],
  ['1e3', 1_000],
  ['1.5E-2', 0.015],
  ['coverage: 87.5%', 87.5],
  ['took 12ms', 12],
  ['{"score": 0.9}', 0.9],
  ['score=3', 3],
  ['10-20', 20],
  ['passed 3, failed 4', 4],
  ['v1.2.3 has 9', 9],
  ['\u001b[32m97\u001b[0m\n', 97],
  ['1\r2\r3', 3],
  ['1\r\n2\r\n', 2],
  [`${'x '.repeat(5_000)}8`, 8],
])('%j', (output, number) => {
  expect(numberIn(output)).toBe(number);
});

test.each([
  '',
  '\n \n',
  'none',
  '12\nnone',
  'v1.2.3',
  '12:30:45',
  '1,234',
  'NaN',
  'Infinity',
  '1e999',
  'a1',
])('%j tells none', (output) => {
  expect(numberIn(output)).toBeNull();
});
