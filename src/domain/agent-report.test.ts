import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentEvent, Usage } from './agent-event.ts';
import type { Limit } from './agent-outcome.ts';
import {
  addUsage,
  type AgentReport,
  answerOf,
  EMPTY_REPORT,
  fold,
  LONGEST_ANSWER,
  openedSession,
  sessionTotals,
  wordsOf,
} from './agent-report.ts';

const usage = (of: Partial<Usage>): Usage => ({
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  costUsd: null,
  ...of,
});
const LIMIT: Limit = { class: 'transient', until: null, message: 'slow down' };

function reportOf(events: readonly AgentEvent[], before: Usage | null = null): AgentReport {
  const report = { ...EMPTY_REPORT };
  for (const event of events) fold(report, event, before);
  return report;
}
/** What the events change about an empty report. */
function changed(events: readonly AgentEvent[], before: Usage | null = null): Partial<AgentReport> {
  const report = reportOf(events, before);
  return Object.fromEntries(
    Object.entries(report).filter(
      ([name, value]) => name !== 'events' && value !== EMPTY_REPORT[name as keyof AgentReport],
    ),
  );
}
const final = (of: Partial<Extract<AgentEvent, { kind: 'final' }>>): AgentEvent => ({
  kind: 'final',
  ok: true,
  text: null,
  failure: null,
  message: null,
  ...of,
});
const text = (said: string): AgentEvent => ({ kind: 'text', text: said });
const delta = (said: string): AgentEvent => ({ kind: 'text', text: said, delta: true });
const TOOL: AgentEvent = { kind: 'tool_started', tool: 'shell', callId: null, summary: 'ls' };
const session = (sessionId: string, model: string | null, version: string | null): AgentEvent => ({
  kind: 'session',
  sessionId,
  model,
  version,
});

test('nothing is known of nothing', () => {
  expect(changed([])).toEqual({});
  expect(answerOf(EMPTY_REPORT)).toBe('');
});

test('the session that was told last, and what was known of it', () => {
  expect(changed([session('a', 'opus', '2.1')])).toEqual({
    sessionId: 'a',
    model: 'opus',
    version: '2.1',
  });
  expect(changed([session('a', 'opus', '2.1'), session('b', null, null)])).toEqual({
    sessionId: 'b',
    model: 'opus',
    version: '2.1',
  });
});

test('events that tell nothing of the whole are only counted', () => {
  const events: AgentEvent[] = [
    { kind: 'thinking', text: 'hm' },
    { kind: 'tool_finished', tool: null, callId: null, ok: false, summary: '' },
    { kind: 'file_changed', path: 'a', change: 'add' },
    { kind: 'command_run', command: 'ls', exitCode: 1, output: '' },
    { kind: 'plan', items: [] },
    { kind: 'subagent', id: null, status: 'failed', summary: '' },
    { kind: 'warning', message: '429' },
  ];
  expect(changed(events)).toEqual({ changed: ['a'] });
  expect(reportOf(events).events).toBe(7);
});

describe('the answer', () => {
  test.each<[string, AgentEvent[], string]>([
    ['pieces of one text', [delta('Do'), delta('ne.')], 'Done.'],
    ['a text takes the place of the one before', [text('one'), text('two')], 'two'],
    ['a tool ends what was said before', [delta('Looking.'), TOOL, delta('Done.')], 'Done.'],
    ['nothing after a tool', [text('Looking.'), TOOL], ''],
    ['the terminal event’s own', [text('said'), final({ text: ' final \n' })], 'final'],
    ['what was said, when it has none', [text(' said '), final({})], 'said'],
    ['an empty one is one', [text('said'), final({ text: '' })], ''],
    ['the last terminal event counts', [final({ text: 'one' }), final({ text: 'two' })], 'two'],
  ])('%s', (_, events, expected) => {
    expect(answerOf(reportOf(events))).toBe(expected);
  });

  test('of any length keeps its end', () => {
    const report = { ...EMPTY_REPORT };
    for (let nth = 0; nth < 30; nth++) fold(report, delta('x'.repeat(10_000)), null);
    expect(report.text.length).toBeLessThanOrEqual(2 * LONGEST_ANSWER);
    fold(report, delta('the end'), null);
    expect(answerOf(report)).toHaveLength(LONGEST_ANSWER);
    expect(answerOf(report).endsWith('xthe end')).toBe(true);
    fold(report, text('y'.repeat(3 * LONGEST_ANSWER)), null);
    expect(report.text).toBe('y'.repeat(LONGEST_ANSWER));
    fold(report, final({ text: `z${'😀'.repeat(LONGEST_ANSWER)}z` }), null);
    expect(answerOf(report)).toBe(`${'😀'.repeat(LONGEST_ANSWER / 2 - 1)}z`);
  });
});

describe('the terminal event', () => {
  test('is kept as it was told, the last one', () => {
    const bad = final({ ok: false, failure: 'max_turns', message: 'enough' });
    expect(changed([final({ text: 'a' }), bad])).toEqual({
      final: { ok: false, text: null, failure: 'max_turns', message: 'enough' },
    });
  });
});

describe('what stands in the way', () => {
  const WAY: AgentEvent[] = [
    { kind: 'retrying', attempt: 1, delay: 2_000, message: '' },
    { kind: 'retrying', attempt: 2, delay: null, message: '' },
    { kind: 'limit', result: 'rate_limited', limit: LIMIT },
    { kind: 'error', message: 'overloaded', failure: 'overloaded' },
  ];
  const STANDS = {
    retries: 2,
    limit: { result: 'rate_limited', limit: LIMIT },
    error: { message: 'overloaded', failure: 'overloaded' },
  };
  test('stands there until the model answers', () => {
    expect(changed(WAY)).toEqual(STANDS);
    expect(changed(WAY.slice(0, 1))).toEqual({ retries: 1, wait: 2_000 });
    expect(changed([text('before'), ...WAY])).toEqual({ ...STANDS, text: 'before' });
    expect(changed([...WAY, { kind: 'thinking', text: 'hm' }])).toEqual(STANDS);
    expect(changed([...WAY, final({ ok: false })])).toMatchObject(STANDS);
  });
  test.each([text('now'), delta('now'), TOOL])('is overcome by %j', (event) => {
    for (const way of [WAY, WAY.slice(0, 1)])
      expect(changed([...way, event])).toEqual(event === TOOL ? {} : { text: 'now' });
  });
  test('the last one of each counts', () => {
    const later: AgentEvent[] = [
      { kind: 'limit', result: 'quota_exhausted', limit: { ...LIMIT, until: 7 } },
      { kind: 'error', message: 'gone', failure: null },
    ];
    expect(changed([...WAY, ...later])).toEqual({
      retries: 2,
      limit: { result: 'quota_exhausted', limit: { ...LIMIT, until: 7 } },
      error: { message: 'gone', failure: null },
    });
  });
  test('denials are counted', () => {
    const denied: AgentEvent = { kind: 'permission_denied', tool: 'shell', reason: 'no' };
    expect(changed([denied, text('on'), denied])).toEqual({ denied: 2, text: 'on' });
  });
});

describe('usage', () => {
  const told = (
    scope: 'turn' | 'attempt' | 'session',
    of: Partial<Usage>,
    turns: number | null = null,
  ): AgentEvent => ({
    kind: 'usage',
    scope,
    usage: usage(of),
    turns,
  });

  test('of single model calls adds up', () => {
    const events = [
      told('turn', { inputTokens: 10 }),
      told('turn', { inputTokens: 5, costUsd: 0.5 }, 2),
    ];
    expect(changed(events)).toEqual({ usage: usage({ inputTokens: 15, costUsd: 0.5 }), turns: 3 });
  });

  test('of the attempt takes the place of what was known', () => {
    const events = [told('turn', { inputTokens: 10 }), told('attempt', { outputTokens: 7 })];
    expect(changed(events)).toEqual({ usage: usage({ outputTokens: 7 }), turns: 1 });
    expect(changed([told('attempt', {}, 4)])).toEqual({ usage: usage({}), turns: 4 });
  });

  test('of the session is less what was there before', () => {
    const before = usage({ inputTokens: 100, outputTokens: 50, cachedTokens: 3 });
    const session = { inputTokens: 130, outputTokens: 40, costUsd: 2 };
    expect(changed([told('turn', {}), told('session', session)], before)).toEqual({
      // What was unknown before is not subtracted, what is unknown now stays unknown, and nothing is below zero.
      usage: usage({ inputTokens: 30, outputTokens: 0, costUsd: 2 }),
      session: usage(session),
      turns: 1,
    });
    expect(changed([told('session', session, 9)])).toEqual({
      usage: usage(session),
      session: usage(session),
      turns: 9,
    });
  });

  test('sums keep what is unknown in both unknown', () => {
    const number = fc.option(fc.nat());
    const any = fc.option(
      fc.record({
        inputTokens: number,
        outputTokens: number,
        cachedTokens: number,
        costUsd: number,
      }),
    );
    const sum = (a: number | null, b: number | null) =>
      a === null && b === null ? null : (a ?? 0) + (b ?? 0);
    fc.assert(
      fc.property(any, any, (a, b) => {
        const both = addUsage(a, b);
        expect(addUsage(b, a)).toEqual(both);
        if (a === null || b === null) expect(both).toBe(a ?? b);
        else
          for (const name of ['inputTokens', 'outputTokens', 'cachedTokens', 'costUsd'] as const)
            expect(both?.[name]).toBe(sum(a[name], b[name]));
      }),
    );
  });
});

test('events and usages that were given stay as they are', () => {
  const first = usage({ inputTokens: 1 });
  const report = reportOf([{ kind: 'usage', scope: 'turn', usage: first, turns: null }]);
  fold(report, { kind: 'usage', scope: 'turn', usage: first, turns: null }, null);
  expect(first).toEqual(usage({ inputTokens: 1 }));
  expect(EMPTY_REPORT).toMatchObject({ usage: null, events: 0, text: '' });
});

test('the words of a report are its answer, else what went wrong', () => {
  const final = { ok: false, text: null, failure: null, message: 'No.' };
  const error = { message: 'Broken.', failure: null };
  expect(wordsOf({ ...EMPTY_REPORT, text: 'Yes.', final, error })).toBe('Yes.');
  expect(wordsOf({ ...EMPTY_REPORT, final, error })).toBe('No.');
  expect(wordsOf({ ...EMPTY_REPORT, final: { ...final, message: null }, error })).toBe('Broken.');
  expect(wordsOf({ ...EMPTY_REPORT, error })).toBe('Broken.');
  expect(wordsOf(EMPTY_REPORT)).toBe('');
});

describe('the session of an attempt', () => {
  const used = (inputTokens: number): Usage => usage({ inputTokens });
  const facts = { sessionId: 's-1', before: used(10), report: null };

  test.each([
    ['nothing was read', null, null],
    ['nothing was said', EMPTY_REPORT, null],
    ['it was printed', { ...EMPTY_REPORT, sessionId: 's-1' }, 's-1'],
    ['a model answered', { ...EMPTY_REPORT, turns: 1 }, 's-1'],
  ])('is known to be open when %s: %s', (_, report, opened) => {
    expect(openedSession({ ...facts, report })).toBe(opened);
  });

  test('has used what it tells, or what came on top of what was there before', () => {
    expect(sessionTotals(facts)).toEqual(used(10));
    expect(sessionTotals({ ...facts, report: { ...EMPTY_REPORT, usage: used(5) } })).toEqual(
      used(15),
    );
    expect(sessionTotals({ ...facts, report: { ...EMPTY_REPORT, session: used(12) } })).toEqual(
      used(12),
    );
  });
});
