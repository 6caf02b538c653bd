import { describe, expect, test } from 'vitest';
import { codex } from '../../src/adapters/agents/codex.ts';
import {
  COMPLETED,
  OPENED,
  THREAD,
  failedWith,
  item,
  lines,
  outcomeOf,
  reading,
  run,
  runs,
  says,
} from './codex-lines.ts';
import { goldenTable } from './golden.ts';
import { comesTo, recording } from './recordings.ts';

goldenTable('codex', codex);

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
