import { expect, test } from 'vitest';
import { recordedAt } from './recorded-at.ts';

/** 2026-11-26T00:00:00Z. */
const NOW = 1795651200000;
/** 2026-11-21T00:00:00Z. */
const DAY = 1795219200000;

test.each([
  ['{"type":"init","timestamp":"2026-11-21T00:47:45Z"}', 1795222065000],
  ['{"type":"step_start","timestamp":1795222803058}', 1795222803058],
  ['{"type":"thread.started","thread_id":"01a1fb92-b4f9-7a71-b42c-ba969472484e"}', 1795222058233],
  ['2026-11-21T00:00:00Z ERROR codex_core', DAY],
  ['{}\n2026-11-21T00:00:00.5Z ERROR codex_core', DAY + 500],
])('%s was printed at %d', (text, time) => {
  expect(recordedAt(text, NOW)).toBe(time);
});

test.each([
  ['nothing that tells a time', 'plain words, 12:30'],
  ['a session id that is random', '{"session_id":"43a2723a-5a4d-4858-a0db-6b9acce72a28"}'],
  ['a day that is none', '{"timestamp":"2026-13-41T00:00:00Z"}'],
  ['a time to come', '{"timestamp":"2027-01-01T00:00:00Z"}'],
  ['a time before there were any', '{"timestamp":"1999-01-01T00:00:00Z"}'],
])('%s tells none', (_, text) => {
  expect(recordedAt(text, NOW)).toBeNull();
});

test('what is no time does not hide one', () => {
  const text = '{"timestamp":"2026-13-41T00:00:00Z"}\n{"timestamp":1795222803058}';
  expect(recordedAt(text, NOW)).toBe(1795222803058);
});
