import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AGENT_EVENT_KINDS, type AgentEventKind, LONGEST_SUMMARY, summary } from './agent-event.ts';

test('every kind of event is in the list, once', () => {
  const listed: Record<AgentEventKind, true> = Object.fromEntries(
    AGENT_EVENT_KINDS.map((kind) => [kind, true]),
  ) as Record<(typeof AGENT_EVENT_KINDS)[number], true>;
  expect(Object.keys(listed)).toHaveLength(AGENT_EVENT_KINDS.length);
});

test.each([
  ['', ''],
  [' one\n\ttwo  three\r\n', 'one two three'],
  ['x'.repeat(LONGEST_SUMMARY), 'x'.repeat(LONGEST_SUMMARY)],
  ['x'.repeat(LONGEST_SUMMARY + 1), `${'x'.repeat(LONGEST_SUMMARY - 1)}…`],
  [`${'x'.repeat(LONGEST_SUMMARY - 2)}😀😀`, `${'x'.repeat(LONGEST_SUMMARY - 2)}…`],
  [`x${' '.repeat(2 * LONGEST_SUMMARY - 2)}😀`, 'x'],
])('summary %#', (text, expected) => {
  expect(summary(text)).toBe(expected);
});

test('a summary is one short line of whole characters, and its own summary', () => {
  const piece = fc.constantFrom('a', '😀', ' ', '\n', '\u2028', 'x'.repeat(100));
  const text = fc.array(piece, { maxLength: 600 }).map((all) => all.join(''));
  fc.assert(
    fc.property(text, (long) => {
      const short = summary(long);
      expect(short.length).toBeLessThanOrEqual(LONGEST_SUMMARY);
      expect(short).not.toMatch(/[\n\r\u2028]|^ | $/);
      expect(short.isWellFormed()).toBe(true);
      expect(summary(short)).toBe(short);
    }),
  );
});
