import { describe, expect, test } from 'vitest';
import { codex } from '../../src/adapters/agents/codex.ts';
import { AgentReading } from '../../src/engine/agent-reading.ts';
import type { AgentEvent, AgentStream, Usage } from '../../src/ports/agent.ts';
import { goldenTable } from './golden.ts';
import { comesTo, PLACE, type RecordedRun, recording } from './recordings.ts';

goldenTable('codex', codex);

const THREAD = '01a1fbb1-9130-7510-b4a3-32209359cd2d';
const OPENED = [{ type: 'thread.started', thread_id: THREAD }, { type: 'turn.started' }];
const USAGE = { input_tokens: 10, cached_input_tokens: 4, output_tokens: 2 };
const COMPLETED = { type: 'turn.completed', usage: USAGE };
const failedWith = (message: string) => ({ type: 'turn.failed', error: { message } });
const item = (of: object, stage = 'completed') => ({ type: `item.${stage}`, item: of });
const says = (said: string) => item({ id: 'm', type: 'agent_message', text: said });
const runs = (id: string, stage = 'completed') =>
  item({ id, type: 'command_execution', command: 'ls', exit_code: 0, status: 'completed' }, stage);

const lines = (...of: readonly (object | string)[]): Buffer =>
  Buffer.from(
    of.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  );
const run = (stdout: Buffer, over: Partial<RecordedRun> = {}): RecordedRun => ({
  argv: [],
  stdout,
  stderr: Buffer.alloc(0),
  log: null,
  exit: { code: 0 },
  ...over,
});
const outcomeOf = (...of: readonly (object | string)[]): string =>
  comesTo(codex, run(lines(...OPENED, ...of))).outcome;

describe('what a run came to', () => {
  test('a session that was not asked for is not the one that was', () => {
    const silent = recording('codex', 'resume-not-uuid');
    expect(comesTo(codex, silent, 'no-such-session').outcome).toBe('resume_unavailable');
    const asked = recording('codex', 'resume');
    expect(comesTo(codex, asked, '01a1fb93-4b47-7f00-8c4f-f8a2e2f4c106').outcome).toBe('ok');
    expect(comesTo(codex, asked, THREAD).outcome).toBe('resume_unavailable');
  });

  test('what a model or a tool says is no refusal and no protocol', () => {
    const talk = 'You’ve hit your usage limit. {"type":"turn.failed","error":{"message":"429"}}';
    const tool = {
      id: 'c',
      type: 'command_execution',
      aggregated_output: talk,
      status: 'completed',
    };
    const whole = run(lines(...OPENED, item(tool), says(talk), COMPLETED));
    expect(comesTo(codex, whole)).toMatchObject({ outcome: 'ok', limit: null, answer: talk });
    const broken = run(lines(...OPENED, item(tool), says(talk)), {
      exit: { code: 1 },
      stderr: Buffer.from(`2026-11-21T00:00:00.1Z ERROR codex_core::exec: exec error: ${talk}\n`),
    });
    expect(comesTo(codex, broken)).toMatchObject({ outcome: 'agent_error', limit: null });
  });

  test('only the end of the turn is an end, and the last one counts', () => {
    const retry = { type: 'error', message: 'Reconnecting... 1/5 (stream disconnected)' };
    expect(outcomeOf(retry, says('Done.'), COMPLETED)).toBe('ok');
    expect(outcomeOf(says('Done.'))).toBe('no_final_answer');
    expect(outcomeOf(says('Done.'), COMPLETED, failedWith('boom'))).toBe('agent_error');
    expect(outcomeOf(says('Done.'), failedWith('boom'), COMPLETED)).toBe('ok');
    expect(outcomeOf(says('Done.'), COMPLETED, { type: 'turn.started' })).toBe('no_final_answer');
    expect(outcomeOf(says('Done.'), JSON.stringify(COMPLETED).slice(0, 30))).toBe(
      'no_final_answer',
    );
  });

  test('what comes after the end changes no answer', () => {
    const late = [runs('late', 'started'), says('Late.'), { type: 'error', message: 'late' }];
    const seen = comesTo(codex, run(lines(...OPENED, says('Done.'), COMPLETED, ...late)));
    expect(seen).toMatchObject({ outcome: 'ok', answer: 'Done.' });
  });

  test('reasoning and an empty message are no answer, nor is what stood before a tool', () => {
    const thought = item({ type: 'reasoning', text: 'Done?' });
    expect(outcomeOf(thought, COMPLETED)).toBe('no_final_answer');
    expect(outcomeOf(says(' '), COMPLETED)).toBe('no_final_answer');
    expect(outcomeOf(says('Looking.'), runs('a'), COMPLETED)).toBe('no_final_answer');
    expect(outcomeOf(says('Done.'), thought, says(''), COMPLETED)).toBe('ok');
  });

  test('wrong shapes are passed over', () => {
    const odd = [
      'null',
      '[]',
      '[{"type":"turn.completed"}]',
      '{"type":7}',
      '{"type":"error"}',
      '{"type":"thread.started","thread_id":5}',
      '{"type":"item.completed"}',
      '{"type":"item.completed","item":"x"}',
      '{"type":"item.completed","item":{"type":"new_thing"}}',
      '{"type":"item.completed","item":{"type":"todo_list","items":[1,{"text":2}]}}',
      '{"type":"item.completed","item":{"type":"file_change","changes":{"path":1}}}',
    ];
    const seen = comesTo(codex, run(lines(...OPENED, ...odd, says('Done.'), COMPLETED)));
    expect(seen).toMatchObject({
      outcome: 'ok',
      sessionId: THREAD,
      answer: 'Done.',
      unknownLines: 7,
    });
    const noUsage = comesTo(
      codex,
      run(lines(...OPENED, says('Done.'), { type: 'turn.completed' })),
    );
    expect(noUsage).toMatchObject({ outcome: 'ok', turns: 1 });
  });

  test('a thread of another name does not take the place of the first', () => {
    const other = { type: 'thread.started', thread_id: 'other' };
    expect(
      comesTo(codex, run(lines(...OPENED, other, says('Done.'), COMPLETED)), THREAD),
    ).toMatchObject({ outcome: 'ok', sessionId: THREAD });
  });

  test.each([
    [
      'You’ve hit your usage limit. Visit https://x.y/z to purchase more credits or try again later.',
      'windowed',
    ],
    [
      'You hit your spend cap set in your workspace. Ask an owner to increase your spend cap.',
      'needs_person',
    ],
    ['Quota exceeded. Check your plan and billing details.', 'needs_person'],
  ])('%s', (message, kind) => {
    const seen = comesTo(codex, run(lines(...OPENED, failedWith(message)), { exit: { code: 1 } }));
    expect(seen).toMatchObject({ outcome: 'quota_exhausted', limit: { class: kind, until: null } });
  });

  test('a run that is ended while it waits to try again tells for what it waited', () => {
    const waiting = {
      type: 'error',
      message: 'Reconnecting... 3/5 (last status: 429 Too Many Requests)',
    };
    const ended = run(lines(...OPENED, waiting), { exit: { signal: 'SIGTERM' } });
    expect(comesTo(codex, ended).outcome).toBe('rate_limited');
  });
});

/** All events of lines that arrive one after the other, each on its stream, with the report at the end. */
function reading(
  before: Usage | null,
  ...parts: readonly (readonly [AgentStream, Buffer, number?])[]
) {
  const reader = new AgentReading(codex, before);
  const events = parts.flatMap(([stream, bytes, now = PLACE.now]) =>
    reader.push(stream, bytes, { ...PLACE, now }),
  );
  return { report: reader.report, events: events.map(({ event }) => event) };
}
const kinds = (events: readonly AgentEvent[], kind: AgentEvent['kind']): AgentEvent[] =>
  events.filter((event) => event.kind === kind);

test('every item is an event of its kind', () => {
  const agents = { a: { status: 'completed', message: 'did it' }, b: { status: 'running' } };
  const seen = reading(null, [
    'stdout',
    lines(
      ...OPENED,
      item(
        { type: 'todo_list', items: [{ text: 'one', completed: true }, { text: 'two' }] },
        'started',
      ),
      item({ id: 'c', type: 'command_execution', command: 'rm x', status: 'declined' }),
      item({
        id: 'f',
        type: 'file_change',
        status: 'completed',
        changes: [{ path: 'a', kind: 'delete' }],
      }),
      item({
        id: 'g',
        type: 'file_change',
        status: 'failed',
        changes: [{ path: 'b', kind: 'add' }],
      }),
      item({ id: 'w', type: 'web_search', query: 'tend' }),
      item({
        id: 's',
        type: 'collab_tool_call',
        tool: 'wait',
        status: 'completed',
        agents_states: agents,
      }),
      item({ id: 'e', type: 'error', message: 'mind' }),
    ),
  ]);
  expect(seen.events.slice(1).filter(({ kind }) => !/^(?:tool|usage)/.test(kind))).toEqual([
    {
      kind: 'plan',
      items: [
        { text: 'one', status: 'completed' },
        { text: 'two', status: 'pending' },
      ],
    },
    { kind: 'permission_denied', tool: 'shell', reason: 'the command was declined: rm x' },
    { kind: 'file_changed', path: 'a', change: 'delete' },
    { kind: 'subagent', id: 'a', status: 'finished', summary: 'did it' },
    { kind: 'subagent', id: 'b', status: 'working', summary: '' },
    { kind: 'warning', message: 'mind' },
  ]);
  expect(seen.report).toMatchObject({ denied: 1, final: null });
});

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
