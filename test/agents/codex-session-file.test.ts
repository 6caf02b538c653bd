import { describe, expect, test } from 'vitest';
import {
  COMPLETED,
  OPENED,
  THREAD,
  failedWith,
  kinds,
  lines,
  reading,
  runs,
  says,
} from './codex-lines.ts';
import { PLACE } from './recordings.ts';

describe("the session's own file", () => {
  const stamp = (at: number): string => new Date(at).toISOString();
  const logged = (at: number, type: string, payload: object) => ({
    timestamp: stamp(at),
    type: 'event_msg',
    payload: { type, ...payload },
  });
  const tokens = (at: number, input: number, percent = 0) =>
    logged(at, 'token_count', {
      info: { total_token_usage: { input_tokens: input, output_tokens: 1 } },
      rate_limits: {
        primary: { used_percent: percent, resets_at: 1_795_227_660 },
        secondary: null,
      },
    });
  const MESSAGE = 'You’ve hit your usage limit. Try again later.';
  const RESET = 1_795_227_660_000;
  const exceeded = (at: number, message = MESSAGE) =>
    logged(at, 'task_complete', {
      error: { message, codex_error_info: 'usage_limit_exceeded' },
    });
  const NOW = PLACE.now;
  const opened = ['stdout', lines(...OPENED)] as const;
  const failed = [
    'stdout',
    lines({ type: 'error', message: MESSAGE }, failedWith(MESSAGE)),
  ] as const;

  test('has the exact reset, whether it is read before or after the refusal', () => {
    const log = ['log', lines(tokens(NOW, 5, 100), exceeded(NOW))] as const;
    const exact = { result: 'quota_exhausted', limit: { class: 'until', until: RESET } };
    const first = reading(null, opened, log, failed);
    expect(first.report.limit).toMatchObject(exact);
    expect(kinds(first.events, 'limit')).toHaveLength(1);
    const told = { message: MESSAGE, codex_error_info: 'usage_limit_exceeded' };
    const later = reading(null, opened, failed, log, ['log', lines(logged(NOW, 'error', told))]);
    expect(later.report.limit).toMatchObject(exact);
    expect(kinds(later.events, 'limit')).toMatchObject([{ limit: { class: 'windowed' } }, exact]);
  });

  test('the time that was told counts more than a window that ends at another one', () => {
    const told = 'You’ve hit your usage limit. Try again at Nov 29th, 2026 7:33 PM.';
    const log = ['log', lines(tokens(NOW, 5, 100), exceeded(NOW, told))] as const;
    const { report } = reading(null, opened, log, [
      'stdout',
      lines({ type: 'error', message: told }, failedWith(told)),
    ]);
    const until = Date.parse('2026-11-29T19:33:00Z');
    expect(report.limit).toMatchObject({ limit: { class: 'until', until } });
  });

  test('a refusal of an earlier attempt is none of this one', () => {
    const stale = lines(tokens(NOW - 60_000, 5, 100), exceeded(NOW - 60_000, 'an earlier one'));
    const { report, events } = reading(null, ['log', stale], opened, ['log', stale], failed);
    expect(report.limit).toMatchObject({ limit: { class: 'windowed', until: null } });
    expect(kinds(events, 'usage')).toEqual([]);
  });

  test('a window that is used up is no refusal', () => {
    const log = ['log', lines(tokens(NOW, 5, 100), logged(NOW, 'task_complete', {}))] as const;
    const { report, events } = reading(null, opened, log, [
      'stdout',
      lines(says('Done.'), COMPLETED),
    ]);
    expect(kinds(events, 'limit')).toEqual([]);
    expect(report.final).toMatchObject({ ok: true });
  });

  test('counts model calls, of this attempt alone, and no call twice', () => {
    const before = logged(NOW - 1, 'task_started', {});
    const log = lines(before, tokens(NOW - 1, 3), logged(NOW, 'task_started', {}), tokens(NOW, 5));
    const more = lines(tokens(NOW, 5, 100), tokens(NOW, 10));
    const earlier = { inputTokens: 3, outputTokens: 1, cachedTokens: null, costUsd: null };
    const seen = reading(
      earlier,
      opened,
      ['stdout', lines(runs('a', 'started'))],
      ['log', log],
      ['stdout', lines(runs('a'), runs('b', 'started'), runs('b'))],
      ['log', more],
    );
    expect(seen.report).toMatchObject({ turns: 2, usage: { inputTokens: 7 } });
    const scopes = seen.events.flatMap((event) => (event.kind === 'usage' ? event.scope : []));
    expect(scopes).toEqual(['turn', 'session', 'session', 'session']);
    const stdout = lines(runs('a'), runs('b'), says('D'), COMPLETED);
    const ended = reading(null, opened, ['stdout', stdout], ['log', log]);
    expect(ended.report).toMatchObject({ turns: 3, usage: { inputTokens: 10 } });
  });

  test('names the model and the version, and no other session', () => {
    const meta = { type: 'session_meta', payload: { id: 'parent', cli_version: '0.169.0' } };
    const context = { type: 'turn_context', payload: { model: 'gpt-9' } };
    const { report } = reading(null, ['log', lines(meta)], opened, [
      'log',
      lines(context, '{"half'),
    ]);
    expect(report).toMatchObject({ sessionId: THREAD, model: 'gpt-9', version: '0.169.0' });
  });
});
