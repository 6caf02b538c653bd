import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/daemon/config.ts';
import { resumeNow } from '../../src/daemon/config-resume.ts';

const read = (text: string) => parseConfig('FILE', text).resume;
const problem = (text: string): unknown => {
  try {
    return read(text);
  } catch (error) {
    return (error as Error).message;
  }
};

describe('what is written', () => {
  test('nothing: it resumes by itself, at any time', () => {
    expect(read('')).toEqual({ automatic: true, quiet: '' });
    expect(read('[resume]\nquiet = ""')).toEqual({ automatic: true, quiet: '' });
  });

  test('the off switch and the hours', () => {
    expect(read('[resume]\nautomatic = false\nquiet = "9:00-17:30"')).toEqual({
      automatic: false,
      quiet: '9:00-17:30',
    });
  });

  test.each(['"at night"', '"22:00"', '"22:00-22:00"', '"25:00-07:00"', '7'])(
    '%s is refused, with what is expected',
    (quiet) => {
      expect(problem(`[resume]\nquiet = ${quiet}`)).toBe(
        'FILE, line 2: resume.quiet is no span of hours; write "22:00-07:00", or "" for none',
      );
    },
  );

  test('a word is no switch', () => {
    expect(problem('[resume]\nautomatic = "yes"')).toBe(
      'FILE, line 2: resume.automatic must be true or false',
    );
  });
});

test('the hours are those of the clock of this machine', () => {
  const noon = new Date(2026, 5, 1, 12).getTime();
  const late = new Date(2026, 5, 1, 23).getTime();
  const night = { automatic: true, quiet: '22:00-07:00' };
  expect(resumeNow(night, noon)).toEqual({ automatic: true, quietUntil: null });
  expect(resumeNow(night, late)).toEqual({
    automatic: true,
    quietUntil: new Date(2026, 5, 2, 7).getTime(),
  });
  expect(resumeNow({ automatic: false, quiet: '' }, late)).toEqual({
    automatic: false,
    quietUntil: null,
  });
});
