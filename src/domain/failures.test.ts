import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failingIn, sameFailure } from './failures.ts';

const lines = (...all: string[]): string => all.join('\n');

/** As the programs print them; what matters and a little around it. */
const OUTPUTS: Record<string, [output: string, ...failing: string[]]> = {
  vitest: [
    lines(
      '\u001b[31m❯\u001b[39m b.test.ts \u001b[2m(3 tests | 2 failed)\u001b[22m 6ms',
      '   \u001b[31m❯\u001b[39m math (2)',
      '     \u001b[32m✓\u001b[39m adds 1ms',
      '     \u001b[31m×\u001b[31m subtracts wrongly\u001b[39m\u001b[32m 4\u001b[2mms\u001b[22m',
      '   × top fails 0ms',
      '⎯⎯⎯⎯⎯⎯ Failed Suites 1 ⎯⎯⎯⎯⎯⎯⎯',
      '\u001b[41m\u001b[1m FAIL \u001b[22m\u001b[49m a.test.mjs\u001b[2m [ a.test.mjs ]\u001b[22m',
      'Error: No test suite found in file /tmp/x/a.test.mjs',
      ' FAIL  b.test.ts > math > subtracts wrongly',
      'AssertionError: expected 1 to be 2 // Object.is equality',
      ' FAIL   unit  b.test.ts > top fails',
      ' FAIL  |node| c.test.ts > in a project',
      ' Test Files  2 failed (2)',
    ),
    'a.test.mjs',
    'b.test.ts > math > subtracts wrongly',
    'b.test.ts > top fails',
    'c.test.ts > in a project',
  ],
  jest: [
    lines(
      'FAIL src/sum.test.js (5.1 s)',
      '  math',
      '    ✓ adds (2 ms)',
      '    ✕ subtracts (3 ms)',
      '',
      '  ● math › subtracts',
      '',
      '    expect(received).toBe(expected)',
      '',
      'FAIL src/broken.test.js',
      '  ● Test suite failed to run',
      '    SyntaxError: Unexpected token',
      '  ● Console',
    ),
    'src/sum.test.js',
    'math › subtracts',
    'src/broken.test.js',
  ],
  'node:test': [
    lines(
      '▶ math',
      '  ✔ adds (2.157119ms)',
      '  ✖ subtracts wrongly (1.502169ms)',
      '  ⚠ later (0.293289ms) # TODO',
      '✖ math (4.83637ms)',
      '✖ failing tests:',
      'test at a.test.mjs:2:44',
      '✖ subtracts wrongly (1.502169ms)',
      '  AssertionError [ERR_ASSERTION]: 1 == 2',
    ),
    'subtracts wrongly',
    'math',
  ],
  tap: [
    lines(
      'TAP version 13',
      '    ok 1 - adds',
      '    not ok 2 - subtracts wrongly',
      '    not ok 3 - later # TODO',
      '    not ok 4 - there # skip no network',
      'not ok 1 - math',
      'not ok 2',
      '1..2',
    ),
    'subtracts wrongly',
    'math',
  ],
  mocha: [
    lines(
      '  math',
      '    ✔ adds',
      '    1) subtracts',
      '  1 passing (4ms)',
      '  2 failing',
      '',
      '  1) math',
      '       subtracts:',
      '',
      '      AssertionError [ERR_ASSERTION]: 1 == 2',
      '      at Context.<anonymous> (test/a.js:4:50)',
      '  2) math',
      '       deep',
      '         below:',
      '  3) "before all" hook',
    ),
    'math subtracts',
    'math deep below',
    '"before all" hook',
  ],
  pytest: [
    lines(
      'test_math.py::test_eq[1-2] FAILED                                [ 50%]',
      'test_math.py::TestX::test_ok PASSED                              [ 60%]',
      '__________________________ ERROR at setup of test_err ________________',
      'E   RuntimeError: x - y',
      '=========================== short test summary info ===================',
      'FAILED test_math.py::test_eq[1-2] - assert 1 == 2',
      'FAILED test_math.py::test_name[a b - c] - assert 1',
      'FAILED tests/test_x.py::TestX::test_sub - AssertionError: 1 != 2',
      'ERROR test_math.py::test_err - RuntimeError: x - y',
      'ERROR tests/test_bad.py',
      'FAILED (failures=1)',
    ),
    'test_math.py::test_eq[1-2]',
    'test_math.py::test_name[a b - c]',
    'tests/test_x.py::TestX::test_sub',
    'test_math.py::test_err',
    'tests/test_bad.py',
  ],
  unittest: [
    lines(
      'FAIL: test_sub (test_math.TestX.test_sub)',
      'ERROR: test_y (test_math.TestX)',
      'ERROR: Could not find a version',
    ),
    'test_sub (test_math.TestX.test_sub)',
    'test_y (test_math.TestX)',
  ],
  cargo: [
    lines(
      'running 2 tests',
      'test tests::adds ... ok',
      'test tests::subtracts ... FAILED',
      'test src/lib.rs - add (line 3) ... FAILED',
      'test result: FAILED. 1 passed; 1 failed',
      '        FAIL [   0.005s] (1/2) crate::bin tests::next',
    ),
    'tests::subtracts',
    'src/lib.rs - add (line 3)',
    'crate::bin tests::next',
  ],
  go: [
    lines(
      '=== RUN   TestSub',
      '--- FAIL: TestSub (0.00s)',
      '    --- FAIL: TestSub/case_one (0.00s)',
      '    a_test.go:5: 1 != 2',
      'FAIL',
      'FAIL\texample.com/m/math\t0.003s',
      'FAIL\texample.com/m/bad [build failed]',
      'ok  \texample.com/m/fine\t0.002s',
    ),
    'TestSub',
    'TestSub/case_one',
    'example.com/m/math',
    'example.com/m/bad [build failed]',
  ],
  phpunit: [
    lines(
      'There were 2 failures:',
      '',
      '1) MathTest::testSub',
      'Failed asserting that 1 matches expected 2.',
      '2) MathTest::testRows with data set "one" (1)',
    ),
    'MathTest::testSub',
    'MathTest::testRows with data set "one" (1)',
  ],
  rspec: [
    lines(
      'Failures:',
      '  1) Math subtracts',
      '     Failure/Error: expect(1).to eq(2)',
      'rspec ./spec/math_spec.rb:5 # Math subtracts',
    ),
    './spec/math_spec.rb:5',
  ],
  others: [
    lines(
      '(fail) math > subtracts [0.53ms]',
      'subtracts ... FAILED (2ms)',
      'MathTest > subtracts() FAILED',
      '[ERROR]   MathTest.subtracts:12 expected: <2>',
      '[ERROR] MathTest.adds -- Time elapsed: 0.01 s <<< FAILURE!',
      '[ERROR] There are test failures.',
      '  1) test subtracts (MathTest)',
      '  Failed Math.Sub [5 ms]',
      '✖ 3 problems (3 errors, 0 warnings)',
    ),
    'math > subtracts',
    'MathTest > subtracts()',
    'MathTest.subtracts',
    'MathTest.adds',
    'test subtracts (MathTest)',
    'Math.Sub',
  ],
  'a report in XML': [
    lines(
      '<testsuite name="math" tests="3">',
      '<testcase classname="math" name="adds" time="0.1"/>',
      '<testcase classname="math" name="subtracts" time="0.1">',
      '<failure message="1 != 2">…</failure>',
      '</testcase>',
      '<testcase name="errs"><error message="x"/></testcase>',
      '<error message="of none"/>',
      '<testcase time="1"><failure/></testcase>',
    ),
    'math subtracts',
    'errs',
  ],
};

describe('the names of what failed', () => {
  test.each(Object.entries(OUTPUTS))('%s', (_, [output, ...failing]) => {
    expect(failingIn(output)).toEqual(failing);
    expect(failingIn(output.replaceAll('\n', '\r\n'))).toEqual(failing);
  });

  test.each([
    '',
    'PASS',
    'all is well\n0 failing\n',
    '1) a list\n2) of things',
    'Error: FAIL is no name',
    'FAILED',
  ])('%j names nothing', (output) => {
    expect(failingIn(output)).toEqual([]);
  });

  test('are at most 50, and none is long', () => {
    const many = Array.from({ length: 900 }, (_, nth) => `not ok ${nth} - case ${nth}`);
    expect(failingIn(many.join('\n'))).toHaveLength(50);
    expect(failingIn(`not ok 1 - ${'x'.repeat(9_000)}`)[0]).toHaveLength(300);
  });

  test('are found in any text in reasonable time', () => {
    fc.assert(fc.property(fc.string(), (text) => void failingIn(text)));
    const words = [
      'FAIL ',
      'FAILED ',
      '::',
      ' - ',
      '[',
      ']',
      '1) ',
      '\n',
      '<testcase ',
      '="',
      ' > ',
    ];
    const bad = fc.array(fc.constantFrom(...words), { minLength: 3_000, maxLength: 5_000 });
    fc.assert(
      fc.property(bad, (parts) => void failingIn(parts.join(''))),
      { numRuns: 20 },
    );
  });
});

describe('the same failure', () => {
  const vitest = (name: string, ms: number) => ` FAIL  a.test.ts > ${name}\n took ${ms}ms\n`;

  test.each([
    ['the same names', vitest('x', 3), vitest('x', 900)],
    ['names with other numbers', vitest('case 1 of 0x7f', 3), vitest('case 2 of 0x80', 3)],
    ['names in another order', 'not ok 1 - a\nnot ok 2 - b', 'not ok 1 - b\nnot ok 2 - a'],
    ['names and other words', 'not ok 1 - a\nsome words', 'other words\nnot ok 1 - a'],
    ['nothing at all', '', '\n \n'],
    [
      'the same last lines in another folder',
      'Error: cannot open /tmp/tend-Ab12/t-7k2m9q4x/src/a.ts:12:3 (took 1.5s)',
      'Error: cannot open /home/x/state/t-aaaabbbb/src/a.ts:9:1 (took 80 ms)\n\n',
    ],
    ['the same on Windows', 'in C:\\one\\a.ts', 'in D:\\two\\three\\a.ts'],
    ['the same with colours', '\u001b[31mboom\u001b[0m', 'boom'],
    ['ids and hashes', 'commit 1a2b3c4 of t-7k2m9q4x', 'commit 9f8e7d6 of t-zzzzzzzz'],
  ])('%s', (_, one, other) => {
    expect(sameFailure(one, other)).toBe(true);
    expect(sameFailure(other, one)).toBe(true);
  });

  test.each([
    ['other names', vitest('x', 3), vitest('y', 3)],
    ['one name more', 'not ok 1 - a', 'not ok 1 - a\nnot ok 2 - b'],
    ['one case more', 'not ok 1 - a 1', 'not ok 1 - a 1\nnot ok 2 - a 2'],
    ['other words', 'boom', 'bang'],
    ['names and none', 'not ok 1 - a', 'boom'],
    ['nothing and something', '', 'boom'],
    ['another file', 'cannot open /tmp/a.ts', 'cannot open /tmp/b.ts'],
  ])('is not told by %s', (_, one, other) => {
    expect(sameFailure(one, other)).toBe(false);
  });
});
