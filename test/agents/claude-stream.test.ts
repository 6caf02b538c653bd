import { describe, expect, test } from 'vitest';
import { claude } from '../../src/adapters/agents/claude.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import { assistant, call, init, result, returned, run, said, SESSION } from './claude-lines.ts';

const outcomeOf = (...lines: Parameters<typeof run>[1]) => run(claude, lines).outcome;

describe('drift', () => {
  test('the order of keys means nothing, and missing ones fail nothing', () => {
    const line =
      '{"num_turns":1,"is_error":false,"result":"x","subtype":"success","type":"result"}';
    expect(outcomeOf(init(), line)).toEqual({ kind: 'ok' });
    const { outcome, report } = run(claude, [{ type: 'result', subtype: 'success', result: 'x' }]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(report.usage).toBeNull();
    expect(report.unknownLines).toBe(0);
  });

  test('a usage under another name leaves what the turns told', () => {
    const usage = { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 1 };
    const { report } = run(claude, [
      init(),
      said('Hi.', {}, { usage }),
      result({ usage: undefined, num_turns: undefined }),
    ]);
    expect(report.usage).toEqual({
      inputTokens: 15,
      outputTokens: null,
      cachedTokens: 5,
      costUsd: null,
    });
    expect(report.turns).toBe(1);
  });

  test('unknown types are counted as such, unknown subtypes and blocks are nothing', () => {
    const { report, outcome } = run(claude, [
      init(),
      { type: 'weather', session_id: SESSION },
      { type: 'system', subtype: 'weather', session_id: SESSION },
      assistant([{ type: 'hologram', text: 'not a text' }]),
      { no: 'type' },
      result(),
    ]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(report.unknownLines).toBe(2);
    expect(report.text).toBe('');
  });

  test.each([
    ['subtype', result({ subtype: 'succeeded' })],
    ['no subtype', result({ subtype: undefined })],
    ['flag', result({ is_error: true })],
    ['aborted', result({ terminal_reason: 'aborted_by_something' })],
    ['API error without a flag', result({ is_error: undefined, terminal_reason: 'api_error' })],
    ['status', result({ api_error_status: 500 })],
    ['code', result({ api_error: 'connection_failed' })],
  ])('success needs every sign of it: %s', (_, line) => {
    expect(outcomeOf(init(), said('Hi.'), line)?.kind).toBe('agent_error');
  });

  test('an empty answer is none; the text after the last tool is one', () => {
    expect(outcomeOf(init(), result({ result: '' }))?.kind).toBe('no_final_answer');
    const { outcome, report } = run(claude, [init(), said('The answer.'), result({ result: '' })]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answerOf(report)).toBe('The answer.');
    expect(
      outcomeOf(init(), said('I look.'), call('Bash', {}), result({ result: ' ' }))?.kind,
    ).toBe('no_final_answer');
  });

  test('a structured answer without a text', () => {
    const { report } = run(claude, [
      init(),
      result({ result: '', structured_output: { ok: true } }),
    ]);
    expect(answerOf(report)).toBe('{"ok":true}');
  });

  test('an error without its codes is known by its words', () => {
    const failed = result({ is_error: true, result: 'API Error: Repeated 529 Overloaded errors.' });
    const error = said('API Error: Repeated 529 Overloaded errors.', {}, { model: '<synthetic>' });
    const { outcome, events } = run(claude, [init(), error, failed]);
    expect(outcome?.kind).toBe('overloaded');
    expect(events.filter(({ kind }) => kind === 'text')).toEqual([]);
  });

  test.each([
    [
      'rate_limit',
      429,
      "You've hit your weekly limit · resets Nov 24, 12:41pm (UTC)",
      'quota_exhausted',
    ],
    ['rate_limit', 429, 'temporarily limiting requests (not your usage limit)', 'rate_limited'],
    ['billing_error', 400, 'No more of it', 'quota_exhausted'],
    ['authentication_failed', 403, 'Failed to authenticate. API Error: 403 x', 'auth_failed'],
    ['server_error', 503, 'Service unavailable', 'overloaded'],
    ['server_error', 500, 'Internal server error', 'agent_error'],
    ['model_not_found', 404, 'There is an issue', 'model_unavailable'],
    ['a_new_code', null, 'Something else', 'agent_error'],
    ['invalid_request', 400, 'Prompt is too long', 'agent_error'],
  ])('%s (%s) is %s', (error, status, text, kind) => {
    const marks = { error, is_api_error_message: true, api_error_status: status };
    const line = said(text, marks, { model: '<synthetic>' });
    const end = result({ is_error: true, api_error_status: status, result: text });
    expect(outcomeOf(init(), line, end)?.kind).toBe(kind);
  });

  test('billing needs a person, whatever its words', () => {
    const line = said('No more of it', { error: 'billing_error' });
    const { outcome } = run(claude, [
      init(),
      line,
      result({ is_error: true, result: 'No more of it' }),
    ]);
    expect(outcome).toMatchObject({ kind: 'quota_exhausted', limit: { class: 'needs_person' } });
  });
});

describe('limits', () => {
  const limit = (info: Record<string, unknown>) => ({
    type: 'rate_limit_event',
    session_id: SESSION,
    rate_limit_info: { status: 'rejected', ...info },
  });

  test.each([
    [
      { resetsAt: 1_795_225_620, rateLimitType: 'five_hour' },
      'quota_exhausted',
      'until',
      1_795_225_620_000,
    ],
    [
      { resetsAt: 1_795_225_620_000, rateLimitType: 'x' },
      'quota_exhausted',
      'until',
      1_795_225_620_000,
    ],
    [
      { rateLimitType: 'a', unifiedWindows: { a: { resetsAt: 1_795_225_620 } } },
      'quota_exhausted',
      'until',
      1_795_225_620_000,
    ],
    [{ rateLimitType: 'seven_day' }, 'quota_exhausted', 'windowed', null],
    [{ rateLimitType: 'seven_day', resetsAt: 'soon' }, 'quota_exhausted', 'windowed', null],
    [{ rateLimitType: 'seven_day', resetsAt: 1e300 }, 'quota_exhausted', 'windowed', null],
    [{}, 'rate_limited', 'transient', null],
  ])('%j is %s, %s', (info, kind, limitClass, until) => {
    const { outcome } = run(claude, [init(), limit(info)], { exit: { code: 1 } });
    expect(outcome).toMatchObject({ kind, limit: { class: limitClass, until } });
  });

  test('one that paid usage overcomes is none', () => {
    const { events, outcome } = run(claude, [init(), limit({ isUsingOverage: true }), result()]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(events.map(({ kind }) => kind)).toContain('warning');
  });
});

describe('several turns of a session', () => {
  const own = (cost: number) => ({
    total_cost_usd: 9,
    model_usage_since_last_result: { m: { costUSD: cost } },
  });

  test('add up, and the last result counts', () => {
    const one = [init(), said('One.'), result({ result: 'One.', ...own(0.5) })];
    const two = [
      init(),
      said('Two.', {}, { id: 'msg_2' }),
      result({ result: 'Two.', ...own(0.25) }),
    ];
    const { report } = run(claude, [...one, ...two]);
    expect(report.usage).toEqual({
      inputTokens: 30,
      outputTokens: 10,
      cachedTokens: 6,
      costUsd: 0.75,
    });
    expect(report.turns).toBe(2);
    expect(answerOf(report)).toBe('Two.');
  });

  test('a total of the session is not added to itself', () => {
    const { report } = run(claude, [
      init(),
      result({ total_cost_usd: 1 }),
      init(),
      result({ total_cost_usd: 3 }),
    ]);
    expect(report.usage).toMatchObject({ inputTokens: 30, costUsd: 3 });
  });

  test('the same end twice is one, and an error after a success counts', () => {
    const twice = run(claude, [init(), result(), result()]);
    expect(twice.report.usage).toMatchObject({ inputTokens: 15 });
    expect(twice.outcome).toEqual({ kind: 'ok' });
    const failed = result({ subtype: 'error_max_turns', is_error: true, errors: ['Reached it'] });
    expect(outcomeOf(init(), result(), failed)).toEqual({
      kind: 'max_turns',
      message: 'Reached it',
    });
  });
});

describe('tools', () => {
  const effects = (...lines: Parameters<typeof run>[1]) =>
    run(claude, [init(), ...lines]).events.filter(
      ({ kind }) => kind === 'file_changed' || kind === 'command_run' || kind === 'plan',
    );

  test.each([
    ['Write', { file_path: '/a' }, { tool_use_result: { type: 'create' } }, 'add'],
    ['Write', { file_path: '/a' }, { tool_use_result: { type: 'update' } }, 'update'],
    ['Edit', { file_path: '/a' }, { tool_use_result: 'text' }, 'update'],
    ['MultiEdit', { file_path: '/a' }, {}, 'update'],
    ['NotebookEdit', { notebook_path: '/a' }, {}, 'update'],
  ])('%s changes a file when it has worked', (name, input, more, change) => {
    expect(effects(call(name, input), returned({ content: 'done' }, more))).toEqual([
      { kind: 'file_changed', path: '/a', change },
    ]);
    expect(effects(call(name, input), returned({ is_error: true }, more))).toEqual([]);
    expect(effects(call(name, input))).toEqual([]);
  });

  test('a file that a subagent changes is changed; its calls are its own', () => {
    const inside = { parent_tool_use_id: 'toolu_0' };
    const { events } = run(claude, [
      init(),
      said('Mine.'),
      call('Write', { file_path: '/a' }, 'toolu_1', inside),
      returned({}, inside),
      returned({ tool_use_id: 'never_seen' }, inside),
    ]);
    expect(events.map(({ kind }) => kind)).toEqual([
      'session',
      'usage',
      'text',
      'subagent',
      'file_changed',
    ]);
  });

  test('a command in the background has no exit code, one that was refused did not run', () => {
    const bash = call('Bash', { command: 'sleep 9' });
    expect(
      effects(bash, returned({}, { tool_use_result: { backgroundTaskId: 'b1' } })),
    ).toMatchObject([{ kind: 'command_run', command: 'sleep 9', exitCode: null }]);
    const meta = { tool_result_meta: [{ id: 'toolu_1', non_execution_kind: 'permission-rule' }] };
    expect(effects(bash, returned({ is_error: true, content: 'Exit code 1' }, meta))).toEqual([]);
    expect(effects(bash, returned({ is_error: true, content: 'Timed out' }))).toEqual([]);
  });

  test('a plan, item by item', () => {
    const todos = [
      { content: 'Look', status: 'completed' },
      { content: 'Mend', status: 'in_progress' },
      { content: 'Test', status: 'someday' },
    ];
    expect(effects(call('TodoWrite', { todos }))).toEqual([
      {
        kind: 'plan',
        items: [
          { text: 'Look', status: 'completed' },
          { text: 'Mend', status: 'in_progress' },
          { text: 'Test', status: 'pending' },
        ],
      },
    ]);
  });

  test('a subagent in the background has not ended with its call', () => {
    const ended = {
      type: 'system',
      subtype: 'task_notification',
      tool_use_id: 'toolu_1',
      status: 'failed',
    };
    const statuses = (...lines: Parameters<typeof run>[1]) =>
      run(claude, lines).events.flatMap((event) =>
        event.kind === 'subagent' ? [event.status] : [],
      );
    const lines = [
      call('Task', { description: 'Look' }),
      returned({ content: 'Started.' }, { tool_use_result: { status: 'async_launched' } }),
    ];
    expect(statuses(...lines)).toEqual(['started']);
    expect(statuses(...lines, ended, ended)).toEqual(['started', 'failed']);
  });
});
