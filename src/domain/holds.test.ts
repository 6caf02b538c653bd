import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMIT_CLASSES, LIMIT_FAILURES, type Limit, type LimitFailure } from './agent-outcome.ts';
import {
  accountOf,
  accountsOf,
  clears,
  familyOf,
  type Hold,
  holdAfter,
  isHeld,
  LONGEST_HOLD,
  manualHold,
  RESET_BUFFER,
} from './holds.ts';

const NOW = 1_795_222_830_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OF = { account: 'claude/default/opus', agent: 'claude', taskId: 't1' };

const refusal = (
  kind: LimitFailure,
  limit: Partial<Limit>,
): { kind: LimitFailure; limit: Limit } => ({
  kind,
  limit: { class: 'transient', until: null, message: 'no', ...limit },
});
const until = (moment: number) => refusal('quota_exhausted', { class: 'until', until: moment });

/** Refused as soon as the account may be used again, so many times. */
function refusedAgain(times: number, outcome: ReturnType<typeof refusal>): Hold {
  let hold = holdAfter(null, OF, outcome, NOW);
  for (let nth = 1; nth < times; nth++) hold = holdAfter(hold, OF, outcome, hold.retryAt ?? NOW);
  return hold;
}

test('everything about a hold', () => {
  expect(holdAfter(null, OF, until(NOW + HOUR), NOW)).toEqual({
    account: 'claude/default/opus',
    agent: 'claude',
    class: 'until',
    until: NOW + HOUR,
    retryAt: NOW + HOUR + RESET_BUFFER,
    since: NOW,
    count: 1,
    reason: 'no',
    failure: 'quota_exhausted',
    taskId: 't1',
    began: NOW,
  });
  expect([RESET_BUFFER, LONGEST_HOLD]).toEqual([75_000, 24 * HOUR]);
});

describe('a reset that was told', () => {
  test.each([
    ['to come', HOUR, HOUR + RESET_BUFFER],
    ['just now', 0, RESET_BUFFER],
    ['over', -HOUR, RESET_BUFFER],
    ['in a day', 24 * HOUR, 24 * HOUR],
    ['in a year', 365 * 24 * HOUR, 24 * HOUR],
  ])('%s', (_, ahead, wait) => {
    const hold = holdAfter(null, OF, until(NOW + ahead), NOW);
    expect(hold.until).toBe(NOW + ahead);
    expect(hold.retryAt).toBe(NOW + wait);
  });

  test('that is missing', () => {
    const hold = holdAfter(null, OF, refusal('quota_exhausted', { class: 'until' }), NOW);
    expect(hold).toMatchObject({ until: null, retryAt: NOW + RESET_BUFFER });
  });
});

describe('waits for what nobody told', () => {
  test.each([
    ['rate_limited', 'transient', [1, 2, 4, 8, 15, 15]],
    ['quota_exhausted', 'windowed', [15, 30, 60, 120, 240, 300, 300]],
  ] as const)('%s, %s: %j minutes', (kind, holdClass, minutes) => {
    const outcome = refusal(kind, { class: holdClass });
    minutes.forEach((wait, nth) => {
      const hold = refusedAgain(nth + 1, outcome);
      expect(hold.count).toBe(nth + 1);
      expect((hold.retryAt ?? 0) - hold.since).toBe(wait * MINUTE);
      expect(hold.until).toBeNull();
    });
  });

  test('no wait helps where a person has to act', () => {
    const hold = holdAfter(null, OF, refusal('quota_exhausted', { class: 'needs_person' }), NOW);
    expect(hold.retryAt).toBeNull();
    expect(isHeld(hold, Number.MAX_SAFE_INTEGER)).toBe(true);
  });

  test('a thousand refusals are no longer wait than a dozen', () => {
    expect(refusedAgain(1_100, refusal('overloaded', {})).retryAt).toBeLessThan(Infinity);
  });
});

describe('refusals while the account is held', () => {
  const first = holdAfter(null, OF, refusal('rate_limited', { class: 'windowed' }), NOW);

  test('those that had begun before are one with it', () => {
    const second = holdAfter(first, { ...OF, taskId: 't2' }, refusal('rate_limited', {}), NOW + 5);
    expect(second).toBe(first);
    expect(holdAfter(first, OF, refusal('rate_limited', { class: 'windowed' }), NOW + 5)).toEqual({
      ...first,
      since: NOW + 5,
      retryAt: NOW + 5 + 15 * MINUTE,
    });
  });

  test('what lasts longer counts', () => {
    const later = holdAfter(first, OF, until(NOW + HOUR), NOW + 5);
    expect(later).toMatchObject({ class: 'until', until: NOW + HOUR, count: 1 });
    const never = holdAfter(
      later,
      OF,
      refusal('quota_exhausted', { class: 'needs_person' }),
      NOW + 9,
    );
    expect(never).toMatchObject({ class: 'needs_person', count: 1 });
    expect(holdAfter(never, OF, until(NOW + HOUR), NOW + 10)).toBe(never);
    expect(holdAfter(never, OF, refusal('overloaded', {}), NOW + 10)).toBe(never);
  });

  test('the probe that is refused makes it longer', () => {
    const again = refusal('rate_limited', { class: 'windowed' });
    const probe = holdAfter(first, OF, again, first.retryAt ?? 0);
    expect(probe).toMatchObject({ count: 2, since: first.retryAt, began: first.since });
  });
});

describe('the reason', () => {
  test.each([
    ['a\n b\t\tc ', 'a b c'],
    ['x'.repeat(400), 'x'.repeat(300)],
    [' \n', 'rate limited'],
  ])('%j', (message, reason) => {
    expect(holdAfter(null, OF, refusal('rate_limited', { message }), NOW).reason).toBe(reason);
  });
});

test('an account is held until the moment it may be used again', () => {
  const hold = holdAfter(null, OF, refusal('overloaded', {}), NOW);
  expect(isHeld(hold, NOW + MINUTE - 1)).toBe(true);
  expect(isHeld(hold, NOW + MINUTE)).toBe(false);
});

test('a success clears a hold that is older than its own start', () => {
  const hold = holdAfter(null, OF, refusal('overloaded', {}), NOW);
  expect([NOW - 1, NOW, NOW + 1].map((startedAt) => clears(hold, startedAt))).toEqual([
    false,
    true,
    true,
  ]);
});

describe('an agent that a person lays aside', () => {
  test('until it is released', () => {
    expect(manualHold('codex', null, ' on\nholiday ', NOW)).toEqual({
      account: 'codex/*',
      agent: 'codex',
      class: 'needs_person',
      until: null,
      retryAt: null,
      since: NOW,
      count: 1,
      reason: 'on holiday',
      failure: null,
      taskId: null,
    });
  });
  test('for a time', () => {
    const hold = manualHold('codex', HOUR, '', NOW);
    expect(hold).toMatchObject({ class: 'until', until: NOW + HOUR, retryAt: NOW + HOUR });
    expect([isHeld(hold, NOW + HOUR - 1), isHeld(hold, NOW + HOUR)]).toEqual([true, false]);
  });
  test('concerns all its accounts', () => {
    expect(accountsOf('codex/x/gpt')).toEqual(['codex/x/gpt', 'codex/*', 'codex/drained']);
  });
});

describe('accounts', () => {
  const KEY = 'sk-ant-0123456789abcdef';
  test.each([
    [{}, null, 'claude/default/default'],
    [{ HOME: '/home/dev' }, 'opus', 'claude/default/opus'],
    [{ ANTHROPIC_API_KEY: KEY }, 'opus', /^claude\/own-[0-9a-f]{8}\/opus$/],
    [
      { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: 'https://API.Example.com:8443/v1' },
      null,
      /^claude\/api\.example\.com-[0-9a-f]{8}\/default$/,
    ],
    [
      { BASE_URL: `https://user:${KEY}@example.com/` },
      null,
      /^claude\/example\.com-[0-9a-f]{8}\/default$/,
    ],
    [{ BASE_URL: 'http://[::1]:80' }, null, /^claude\/own-[0-9a-f]{8}\/default$/],
  ])('%j, %j', (variables, model, expected) => {
    expect(accountOf('claude', variables, model)).toMatch(expected);
  });

  test('the same variables are the same account, in any order; others are another one', () => {
    const [a, b] = [
      { K: '1', HOME: '/a' },
      { HOME: '/a', K: '1' },
    ];
    expect(accountOf('x', a, null)).toBe(accountOf('x', b, null));
    const others = [
      { K: '2', HOME: '/a' },
      { K: '1', HOME: '/b' },
      { K: '1' },
      { L: '1', HOME: '/a' },
    ];
    const names = new Set([a, ...others].map((variables) => accountOf('x', variables, null)));
    expect(names.size).toBe(5);
  });

  test('nothing of a value but a host shows, and the name has three parts', () => {
    const value = fc
      .string({ minLength: 4, unit: 'grapheme' })
      .filter((text) => text.trim().length > 3);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('A', 'B', 'HOME'), value),
        fc.option(fc.string()),
        (variables, model) => {
          const account = accountOf('agent', variables, model);
          expect(account.split('/')).toHaveLength(3);
          expect(account).toMatch(/^agent\/(?:default|own-[0-9a-f]{8})\/[a-z0-9.-]+$/);
        },
      ),
    );
  });
});

describe('families of models', () => {
  test.each([
    [null, 'default'],
    ['', 'default'],
    ['  ', 'default'],
    ['opus', 'opus'],
    ['Sonnet', 'sonnet'],
    ['sonnet[1m]', 'sonnet'],
    ['claude-opus-5-5', 'opus'],
    ['claude-3-5-sonnet-latest', 'sonnet'],
    ['claude-sonnet-4-5-20250929', 'sonnet'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'sonnet'],
    ['claude-opus-4@20250514', 'opus'],
    ['anthropic/claude-haiku-4.5', 'haiku'],
    ['claude', 'claude'],
    ['gpt-6.1-sol', 'gpt-sol'],
    ['gpt-5', 'gpt'],
    ['gpt-5-codex', 'gpt-codex'],
    ['openai/gpt-4o', 'gpt-4o'],
    ['o3', 'o3'],
    ['models/gemini-2.5-pro', 'gemini-pro'],
    ['gemini-3-pro-preview', 'gemini-pro'],
    ['gemini-2.5-flash-lite', 'gemini-flash-lite'],
    ['qwen3-coder-plus', 'qwen3-coder-plus'],
    ['openrouter/deepseek/deepseek-r1:free', 'deepseek-r1'],
    ['5.5', '5.5'],
    ['llama_3.1_70b', 'llama-70b'],
    ['???', '-'],
  ])('%j is %j', (model, family) => {
    expect(familyOf(model)).toBe(family);
  });
});

test('whatever happens, a hold is not longer than a day, and never shorter than it was', () => {
  const outcome = fc.record({
    kind: fc.constantFrom(...LIMIT_FAILURES),
    limit: fc.record({
      class: fc.constantFrom(...LIMIT_CLASSES),
      until: fc.option(fc.integer({ min: NOW - 48 * HOUR, max: NOW + 48 * HOUR })),
      message: fc.string(),
    }),
  });
  const refusals = fc.array(fc.record({ outcome, later: fc.nat(48 * HOUR) }), { minLength: 1 });
  fc.assert(
    fc.property(refusals, (all) => {
      let [hold, now]: [Hold | null, number] = [null, NOW];
      for (const { outcome, later } of all) {
        now += later;
        const next: Hold = holdAfter(hold, OF, outcome, now);
        expect(isHeld(next, now)).toBe(true);
        if (next.retryAt !== null) expect(next.retryAt - now).toBeLessThanOrEqual(24 * HOUR);
        if (hold !== null) {
          expect(next.retryAt ?? Infinity).toBeGreaterThanOrEqual(hold.retryAt ?? Infinity);
          expect(next.count - hold.count).toBe(isHeld(hold, now) ? 0 : 1);
        }
        hold = next;
      }
    }),
  );
});
