import { expect, test } from 'vitest';
import { usage } from './failure.ts';
import { filled } from './batch-vars.ts';

const fill = (data: Record<string, unknown>, given: Record<string, string> = {}): unknown =>
  filled(data, given, (key, message, hint) => usage(`${key.join('.')} ${message}`, hint)).data;

const use = (text: string) => '$' + `{${text}}`;

test.each<[string, unknown, Record<string, unknown>, Record<string, string>, unknown]>([
  ['in a text', `a ${use('x')} b ${use(' x ')}`, { x: 'y' }, {}, 'a y b y'],
  ['another value for it', use('x'), { x: 'y' }, { x: 'z' }, 'z'],
  ['one that is only given', use('x'), {}, { x: 'z' }, 'z'],
  ['a number stays one when it is alone', use('n'), { n: 3 }, {}, 3],
  ['also when it was given', use('n'), { n: 3 }, { n: '4' }, 4],
  ['but is text in a text', `n${use('n')}`, { n: 3 }, {}, 'n3'],
  ['a flag', use('f'), { f: true }, { f: 'false' }, false],
  ['what is given is what the file declares, if it can be', use('n'), { n: 3 }, { n: 'x' }, 'x'],
  ['what is meant as it stands', `$${use('HOME')} $HOME $$`, {}, {}, `${use('HOME')} $HOME $$`],
  ['in lists and tables', [{ a: [use('x')] }], { x: 'y' }, {}, [{ a: ['y'] }]],
  ['one by another', use('b'), { a: '1', b: `${use('a')}2` }, {}, '12'],
  ['what was given is not looked into', use('x'), { x: 'y' }, { x: use('z') }, use('z')],
  ['no text', 7, {}, {}, 7],
])('%s', (_, value, vars, given, expected) => {
  expect(fill({ vars, at: value }, given)).toEqual({ vars, at: expected });
});

test('an unknown one is refused where it is used, with the nearest', () => {
  expect(() => fill({ vars: { branch: 'x' }, task: [{ command: use('brnch') }] })).toThrow(
    expect.objectContaining({
      message: 'task.0.command there is no variable "brnch"',
      hint: `Did you mean ${use('branch')}?`,
    }),
  );
  expect(() => fill({ a: use('HOME') })).toThrow(
    expect.objectContaining({ hint: expect.stringContaining(`$${use('HOME')}`) }),
  );
});
