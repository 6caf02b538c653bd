import { expect, test } from 'vitest';
import { silences } from './silencing.ts';

test.each([
  `test.${'only'}('a', () => {})`,
  'describe . only(x)',
  'it.only`a`',
  "test('a', { only: true }, () => {})",
  "fit('a', () => {})",
  "fdescribe('a')",
  'it "a", focus: true do',
  'it "a", :focus do',
  'process.exit(0)',
  "process['exit'](0)",
  'process.exitCode = 0',
  'import os; os._exit(0)',
  'sys.exit()',
  'func TestMain(m *testing.M) { os.Exit(0) }',
  'System.exit(0);',
  'std::process::exit(0)',
  'exit(0)',
  'at_exit { exit!(0) }',
  'pytest.exit("done", 0)',
  'def pytest_sessionfinish(session): pass',
  'globalThis.test = () => {}',
  "sys.modules['math'] = fake",
])('%s may silence others', (text) => {
  expect(silences(text)).toBe(true);
});

test.each([
  '',
  "test('only one', () => { expect(add(1, 2)).toBe(3); });",
  'def test_exit_code(): assert run().code == 0',
  'fn exits() {}',
  'const fit = 1;',
  '// the process exits',
])('%s does not', (text) => {
  expect(silences(text)).toBe(false);
});
