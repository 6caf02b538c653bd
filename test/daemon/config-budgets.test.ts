import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { TendError } from '../../src/domain/errors.ts';
import { LiveSettings } from '../../src/daemon/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'tend-budgets-'));
const path = join(folder, 'config.toml');
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string): LiveSettings => {
  writeFileSync(path, text, { mode: 0o600 });
  return new LiveSettings(path);
};
const problem = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    const { code, message, hint } = error as TendError;
    expect(code).toBe('config_invalid');
    return `${message.replace(path, 'FILE')} – ${hint}`;
  }
  throw new Error('the configuration was accepted');
};

describe('budgets', () => {
  test('there is none by default', () => {
    expect(read('').budgets).toEqual([]);
  });

  test('say their limit, for how long, and of what', () => {
    const settings = read(`
      [budgets.daily]
      usd = 20
      window = "day"
      [budgets.nightly-claude]
      usd = 2.5
      window = "month"
      agent = "claude"
      group = "nightly"
      owner = "cli:1000"
      warn = 0.5
    `);
    expect(settings.budgets).toEqual([
      {
        name: 'daily',
        limitUsd: 20,
        window: 'day',
        agent: null,
        group: null,
        owner: null,
        warn: 0.8,
      },
      {
        name: 'nightly-claude',
        limitUsd: 2.5,
        window: 'month',
        agent: 'claude',
        group: 'nightly',
        owner: 'cli:1000',
        warn: 0.5,
      },
    ]);
    expect(settings.configuration().values).toMatchObject({
      'budgets.daily.usd': 20,
      'budgets.daily.window': 'day',
      'budgets.daily.warn': 0.8,
      'budgets.nightly-claude.agent': 'claude',
    });
    expect(settings.configuration().values).not.toHaveProperty('budgets.daily.agent');
  });

  test('one setting at a time can be changed, and holds at once', () => {
    const settings = read('[budgets.daily]\nusd = 20\nwindow = "day"\n');
    settings.configure('budgets.daily.usd', '5');
    expect(settings.budgets).toMatchObject([{ limitUsd: 5 }]);
    expect(() => settings.configure('budgets.daily.window', 'fortnight')).toThrow('must be one of');
    expect(settings.budgets).toMatchObject([{ window: 'day' }]);
  });

  test('an agent of one’s own may have one', () => {
    const own =
      '[agents.mine]\ncommand = ["my-agent", "{prompt}"]\noutput = "text"\n[agents.mine.permissions]\nworkspace = []\n';
    expect(read(`${own}[budgets.b]\nusd = 1\nwindow = "day"\nagent = "mine"`).budgets).toHaveLength(
      1,
    );
  });

  const WINDOW = 'must be one of "day", "week", "month", "ever"';
  test.each([
    ['usd = 1\nwindow = "fortnight"', `line 3: budgets.b.window ${WINDOW}`],
    ['usd = 1\nwindow = "days"', `line 3: budgets.b.window ${WINDOW}`],
    ['usd = 1', `line 1: budgets.b.window ${WINDOW}`],
    ['usd = 0\nwindow = "day"', 'line 2: budgets.b.usd must be more than 0'],
    ['usd = inf\nwindow = "day"', 'line 2: budgets.b.usd must be more than 0'],
    ['usd = "1"\nwindow = "day"', 'line 2: budgets.b.usd must be more than 0'],
    ['usd = 1\nwindow = "day"\nwarn = 80', 'line 4: budgets.b.warn must be a fraction from 0 to 1'],
    ['usd = 1\nwindow = "day"\nagents = "claude"', 'line 4: budgets.b.agents is no setting'],
    [
      'usd = 1\nwindow = "day"\nagent = "claud"',
      'line 4: budgets.b.agent names no known agent; did you mean "claude"?',
    ],
    [
      'usd = 1\nwindow = "day"\nagent = "zzzzzzzz"',
      'line 4: budgets.b.agent names no known agent – ',
    ],
  ])('%j is refused', (text, expected) => {
    expect(problem(`[budgets.b]\n${text}\n`)).toContain(`FILE, ${expected}`);
  });

  test('a name that is none is refused', () => {
    expect(problem('[budgets."a b"]\nusd = 1\nwindow = "day"\n')).toContain(
      'is no name for a budget',
    );
  });
});
