import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTendError } from '../../domain/errors.ts';
import { idArgument, ids, oneOf, pair, text, time, whole, words } from './options.ts';

const usageError = expect.objectContaining({ code: 'invalid_input' });

test('values', () => {
  expect(time('--timeout')('90s')).toBe(90_000);
  expect(time('--timeout')('1h30m')).toBe(5_400_000);
  expect(whole('-p', -100, 100)('-5')).toBe(-5);
  expect(ids('--after')('a,b', ['z'])).toEqual(['z', 'a', 'b']);
  expect(pair('--env')('A=b=c', { A: 'x', B: 'y' })).toEqual({ A: 'b=c', B: 'y' });
  expect(words('--state', ['a', 'b'])('b,a')).toEqual(['b', 'a']);
  expect(idArgument('t-1', ['t-0'])).toEqual(['t-0', 't-1']);
  expect(text('--title')('x')).toBe('x');
  expect(oneOf('--notify', ['never'])('never')).toBe('never');
});

test.each([
  ['--timeout "soon"', () => time('--timeout')('soon')],
  ['--retry "1.5"', () => whole('--retry', 0, 9)('1.5')],
  ['--retry "10"', () => whole('--retry', 0, 9)('10')],
  ['--env "=x"', () => pair('--env')('=x')],
  ['--env "x"', () => pair('--env')('x')],
  ['--after "a b"', () => ids('--after')('a b')],
  ['--state "x"', () => words('--state', ['a'])('a,x')],
  ['"../x"', () => idArgument('../x')],
  ['--title ""', () => text('--title')('')],
])('%s is refused by name', (name, parse) => {
  expect(parse).toThrow(usageError);
  expect(parse).toThrow(name);
});

test('any text is a value or a usage error', () => {
  const parsers = [time('o'), whole('o', 0, 9), ids('o'), pair('o'), text('o'), idArgument];
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...parsers), (given, parse) => {
      try {
        parse(given);
      } catch (error) {
        expect(isTendError(error) && error.code).toBe('invalid_input');
      }
    }),
  );
});
