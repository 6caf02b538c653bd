import { expect, test } from 'vitest';
import type { TaskSpec } from '../../domain/task.ts';
import { windowsArgument, windowsArguments, windowsWrapper } from './windows.ts';

test.each([
  ['plain', 'plain'],
  ['', '""'],
  ['a b', '"a b"'],
  ['a"b', String.raw`"a\"b"`],
  ['a\\', 'a\\'],
  ['a b\\', String.raw`"a b\\"`],
  [String.raw`a\"b`, String.raw`"a\\\"b"`],
])('%j as an argument is %s', (text, argument) => {
  expect(windowsArgument(text)).toBe(argument);
});

test('the wrapper claims exclusively before it starts anything, and records last', () => {
  const spec = {
    work: { kind: 'command', argv: ["C:\\it's.exe", 'a b'] },
    cwd: 'C:\\work',
    streams: 'split',
  } as unknown as TaskSpec;
  const script = windowsWrapper(spec, 'C:\\state\\t-1\\1');
  const at = (part: string): number => script.indexOf(part);
  expect(at("'C:\\state\\t-1\\1\\claim', 'CreateNew'")).toBeGreaterThan(0);
  expect(at('CreateNew')).toBeLessThan(at('Start-Process'));
  expect(at('Start-Process')).toBeLessThan(at("'C:\\state\\t-1\\1\\exit'"));
  expect(script).toContain("FilePath = 'C:\\it''s.exe'");
  expect(script).toContain(`ArgumentList = '"a b"'`);
  expect(script).toContain("RedirectStandardError = 'C:\\state\\t-1\\1\\stderr'");
  expect(windowsArguments('C:\\w.ps1').slice(-2)).toEqual(['-File', 'C:\\w.ps1']);
});
