import { describe, expect, test } from 'vitest';
import { FURTHEST_RESET, resetTime } from './reset.ts';

/** Saturday, 21 November 2026, 01:00:30 UTC. */
const NOW = 1_795_222_830_000;
const shown = (moment: number | null): string | null =>
  moment === null
    ? null
    : new Intl.DateTimeFormat('sv-SE', {
        timeZone: 'UTC',
        dateStyle: 'short',
        timeStyle: 'medium',
      }).format(moment);
const reset = (message: string, timeZone = 'UTC') => shown(resetTime(message, NOW, timeZone));

describe('what agents and providers print', () => {
  test.each([
    // Claude Code
    ["You've hit your 5-hour limit · resets 1:47am (UTC)", '2026-11-21 01:47:00'],
    ["You've hit your weekly limit · resets Nov 24, 12:41pm (UTC)", '2026-11-24 12:41:00'],
    ["You've hit your limit · resets 7pm (Asia/Tokyo)", '2026-11-21 10:00:00'],
    ["You've hit your session limit · resets 10:30pm (Europe/Berlin)", '2026-11-21 21:30:00'],
    ['5-hour limit reached ∙ resets 3pm', '2026-11-21 15:00:00'],
    [
      'Claude usage limit reached. Your limit will reset at 1pm (Etc/GMT+5).',
      '2026-11-21 18:00:00',
    ],
    ['Claude AI usage limit reached|1795225980', '2026-11-21 01:53:00'],
    ['Resets Mon 12:00 AM', '2026-11-23 00:00:00'],
    ['Resets in 3 hr 5 min', '2026-11-21 04:05:30'],
    // Codex
    [
      'You’ve hit your usage limit. Visit https://chatgpt.com/x or try again at 1:28 AM.',
      '2026-11-21 01:28:00',
    ],
    [
      'to purchase more credits or try again at Nov 24th, 2026 12:48\u202fPM.',
      '2026-11-24 12:48:00',
    ],
    ['You’ve hit your usage limit. Try again in 3 days 4 hours 12 minutes.', '2026-11-24 05:12:30'],
    ['or try again in less than a minute.', '2026-11-21 01:01:30'],
    [
      '{"type":"usage_limit_reached","resets_at":1795225980,"resets_in_seconds":3569}',
      '2026-11-21 01:53:00',
    ],
    ['{\\"type\\":\\"usage_limit_reached\\",\\"resets_in_seconds\\":3569}', '2026-11-21 01:59:59'],
    // Gemini
    ['Please retry in 2s.\nSuggested retry after 2s.]', '2026-11-21 01:00:32'],
    ['Please retry in 13h1m12.5s.', '2026-11-21 14:01:42'],
    ['Your quota will reset after 8h44m7s.', '2026-11-21 09:44:37'],
    ['Your quota will reset after 0s..', '2026-11-21 01:00:30'],
    [
      'Usage limit reached for gemini-2.5-pro. Access resets at 3:04 PM PDT.',
      '2026-11-21 22:04:00',
    ],
    [
      '"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"40000s"',
      '2026-11-21 12:07:10',
    ],
    ['  retryDelayMs: 2000,\n', '2026-11-21 01:00:32'],
    // the others
    [
      '429 Rate limit reached … Please try again in 1.373s. Visit https://x.y',
      '2026-11-21 01:00:31',
    ],
    ['Please try again in 58 hours. Please review our Terms', '2026-11-23 11:00:30'],
    ['Individual quota reached. Resets in 59m21s', '2026-11-21 01:59:51'],
    [
      'Your usage limits will reset when your monthly cycle ends on 12/2/2026.',
      '2026-12-02 00:00:00',
    ],
    ['quota resets at midnight Pacific time', '2026-11-21 08:00:00'],
    // headers
    ['retry-after: 90', '2026-11-21 01:02:00'],
    ['"retry-after":"90"', '2026-11-21 01:02:00'],
    ['Retry-After: Sat, 21 Nov 2026 07:28:00 GMT', '2026-11-21 07:28:00'],
    ['retry-after-ms: 2000', '2026-11-21 01:00:32'],
    ['retryAfter=5', '2026-11-21 01:00:35'],
    ['x-ratelimit-reset-tokens: 6m0s', '2026-11-21 01:06:30'],
    ['x-ratelimit-reset: 60', '2026-11-21 01:01:30'],
    ['x-ratelimit-reset: 1795225980', '2026-11-21 01:53:00'],
    ['anthropic-ratelimit-unified-reset: 1795225980', '2026-11-21 01:53:00'],
    ['anthropic-ratelimit-requests-reset: 2026-11-21T01:00:32Z', '2026-11-21 01:00:32'],
    ['"resetsAt":1795225980000', '2026-11-21 01:53:00'],
    ['{"nextResetAt": "2026-11-24T12:48:00+02:00"}', '2026-11-24 10:48:00'],
  ])('%s', (message, expected) => {
    expect(reset(message)).toBe(expected);
  });
});

describe('further words', () => {
  test.each([
    ['resets in 1h26m11s', '2026-11-21 02:26:41'],
    ['resets 1h26m11s', '2026-11-21 02:26:41'],
    ['(resets 2h 13m)', '2026-11-21 03:13:30'],
    ['resets ~2h', '2026-11-21 03:00:30'],
    ['available again in 45 minutes', '2026-11-21 01:45:30'],
    ['will be available at 5pm', '2026-11-21 17:00:00'],
    ['renews on Dec 1', '2026-12-01 00:00:00'],
    ['refreshes in an hour', '2026-11-21 02:00:30'],
    ['try again in 2 weeks, 3 days, and 1 hour', '2026-12-08 02:00:30'],
    ['try again in 250 milliseconds', '2026-11-21 01:00:30'],
    ['try again later (in 3 hours)', '2026-11-21 04:00:30'],
    ['try again tomorrow at 9am', '2026-11-22 09:00:00'],
    ['Please try your request again in 20s', '2026-11-21 01:00:50'],
    ['Please wait 12 seconds before trying again.', '2026-11-21 01:00:42'],
    ['Wait for about 45 minutes, then try again', '2026-11-21 01:45:30'],
    ['retry after 90', '2026-11-21 01:02:00'],
    ['(retry after 90.)', '2026-11-21 01:02:00'],
    ['retry-after 90s', '2026-11-21 01:02:00'],
    ['Retry at 02:00', '2026-11-21 02:00:00'],
    ['Reset time: 3pm', '2026-11-21 15:00:00'],
    ['reset: 15:00', '2026-11-21 15:00:00'],
    ['resets: in 5 hours', '2026-11-21 06:00:30'],
    ['limited until 2026-11-24 12:48 UTC', '2026-11-24 12:48:00'],
    // the first that tells something
    ['reset by peer; resets at 3am', '2026-11-21 03:00:00'],
    ['resets Nov 20, 3am; resets Nov 22, 3am', '2026-11-22 03:00:00'],
  ])('%s', (message, expected) => {
    expect(reset(message)).toBe(expected);
  });
});

describe('no reset', () => {
  test.each([
    '',
    'context of 5 minutes',
    'at 3pm',
    'in 45 minutes',
    'the build failed again at 10:30 AM',
    'Please try again later.',
    'Retrying in 60s (attempt 1/10): [API Error: 429 The usage limit has been reached]',
    'retried 5 times (total retry wait time: 51.35 seconds) Last error: 429',
    'wait for limits to reset (every 5h and every week.).',
    'resets 5 hours after your first message',
    'resets every 5 hours',
    'reset the 5-hour window',
    'reset 5 hours',
    'reset in 5 months',
    'retry 3 times',
    'retry 10:30',
    'available 10:30',
    'unavailable at 10:30',
    'try again after 3 attempts',
    'wait 5 minutes',
    'please wait a moment and try again',
    'awaiting 5 minutes before trying again',
    'retry_count: 3',
    'retry_interval: 30s',
    '"resetCount":1795225980',
    '"retryAttempt":2',
    '"isRetryable":false',
    'retry: 5',
    'reset=3',
    'reset_at: 5',
    'ECONNRESET at 10:30',
    'preset at 10:30',
    'resetting-at 10:30',
    'resets 3pm (Foo/Bar)',
    'resets 3pm XYZ',
    'resets 13pm',
    'resets Nov 31',
    'try again at 10 de jul. de 2026, 11:52.',
  ])('%j', (message) => {
    expect(reset(message)).toBeNull();
  });

  test('an old sentence, or one that is not to be believed', () => {
    expect(reset('resets Nov 20, 3am')).toBeNull();
    expect(reset('try again at Nov 21st, 2026 12:59 AM')).toBeNull();
    expect(reset('resets at 1795222700')).toBeNull();
    expect(reset('resets today at 00:59')).toBeNull();
    expect(reset('resets 2028-03-01')).toBeNull();
    expect(reset('try again in 401 days')).toBeNull();
    expect(reset('try again in 400 days')).not.toBeNull();
    expect(reset('try again in 999999999 weeks')).toBeNull();
    expect(FURTHEST_RESET).toBe(400 * 24 * 3_600_000);
  });

  test('a minute that has begun is not over', () => {
    expect(reset('resets Nov 21, 1:00am')).toBe('2026-11-21 01:00:00');
    expect(reset('resets 1:00am')).toBe('2026-11-21 01:00:00');
    expect(reset('resets 12:59am')).toBe('2026-11-22 00:59:00');
    expect(reset('resets at 1795222770')).toBeNull();
    expect(reset('resets at 1795222771')).toBe('2026-11-21 00:59:31');
  });

  test('a machine in an unknown place', () => {
    expect(reset('resets 3pm', 'Nowhere/Else')).toBeNull();
    expect(reset('resets 3pm (UTC)', 'Nowhere/Else')).toBe('2026-11-21 15:00:00');
    expect(reset('resets in 5 hours', '')).toBe('2026-11-21 06:00:30');
  });
});

test('in a long text, the first thousand words of a reset are looked at', () => {
  const noise = 'connection reset by peer\n';
  expect(reset(`${noise.repeat(999)}resets 3pm`)).toBe('2026-11-21 15:00:00');
  expect(reset(`${noise.repeat(1_000)}resets 3pm`)).toBeNull();
});
