import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentReader } from '../../src/ports/agent.ts';
import type { Step } from '../fixtures/bin/acp-agent.ts';
import { agentOf, ofKind, run } from './acp-ground.ts';

const EDIT = { toolCallId: 'edit', title: 'Edit', kind: 'edit' };

describe('a turn', () => {
  test('ends well: its words, thoughts, tools, files, commands, plan and usage are told', async () => {
    const { exit, outcome, answer, events, report } = await run([
      { update: { sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: 'Hm.' } } },
      { say: 'First ' },
      { say: 'words.' },
      { update: { sessionUpdate: 'plan', entries: [{ content: 'Do it', status: 'in_progress' }] } },
      {
        update: {
          sessionUpdate: 'tool_call',
          ...EDIT,
          locations: [{ path: '/a' }],
          name: 'patch',
          status: 'pending',
        },
      },
      {
        update: {
          sessionUpdate: 'tool_call_update',
          toolCallId: 'edit',
          status: 'completed',
          content: [
            { type: 'diff', path: '/a', oldText: null, newText: 'new' },
            { type: 'diff', path: '/b', oldText: 'old', newText: 'new' },
          ],
        },
      },
      {
        update: {
          sessionUpdate: 'tool_call_update',
          toolCallId: 'shell',
          title: 'make',
          kind: 'execute',
          status: 'failed',
          rawInput: { command: ['make', 'all'] },
          rawOutput: { output: 'no rule', exitCode: 2 },
        },
      },
      { update: { sessionUpdate: 'of_the_future', content: [1] } },
      { say: 'Last ' },
      { say: 'words.' },
      {
        stop: 'end_turn',
        usage: {
          inputTokens: 800,
          outputTokens: 40,
          cachedReadTokens: 400,
          thoughtTokens: 10,
          totalTokens: 1250,
        },
      },
    ]);
    expect(exit).toEqual({ code: 0 });
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answer).toBe('Last words.');
    expect(events).toEqual([
      { kind: 'session', sessionId: 'session-1', model: null, version: '1.2.3' },
      { kind: 'thinking', text: 'Hm.', delta: true },
      { kind: 'text', text: 'First ', delta: true },
      { kind: 'text', text: 'words.', delta: true },
      { kind: 'plan', items: [{ text: 'Do it', status: 'in_progress' }] },
      { kind: 'tool_started', tool: 'patch', callId: 'edit', summary: 'Edit' },
      { kind: 'tool_finished', tool: 'patch', callId: 'edit', ok: true, summary: 'Edit' },
      { kind: 'file_changed', path: '/a', change: 'add' },
      { kind: 'file_changed', path: '/b', change: 'update' },
      { kind: 'tool_started', tool: 'execute', callId: 'shell', summary: 'make' },
      { kind: 'tool_finished', tool: 'execute', callId: 'shell', ok: false, summary: 'no rule' },
      { kind: 'command_run', command: 'make all', exitCode: 2, output: 'no rule' },
      { kind: 'text', text: 'Last ', delta: true },
      { kind: 'text', text: 'words.', delta: true },
      {
        kind: 'usage',
        scope: 'attempt',
        usage: { inputTokens: 1200, outputTokens: 50, cachedTokens: 400, costUsd: null },
        turns: null,
      },
      { kind: 'final', ok: true, text: null, failure: null, message: null },
    ]);
    expect(report.unknownLines).toBe(0);
  });

  test.each([
    ['max_turn_requests', 'max_turns'],
    ['max_tokens', 'agent_error'],
    ['refusal', 'agent_error'],
    ['cancelled', 'agent_error'],
    ['tired', 'agent_error'],
  ])('that stops with %s comes to %s', async (stop, kind) => {
    const { exit, outcome } = await run([{ say: 'Words.' }, { stop }]);
    expect(exit).toEqual({ code: 1 });
    expect(outcome).toMatchObject({ kind });
  });

  test('without an answer is no success', async () => {
    const { outcome } = await run([
      { say: 'I begin.' },
      { update: { sessionUpdate: 'tool_call', ...EDIT } },
    ]);
    expect(outcome).toMatchObject({ kind: 'no_final_answer' });
  });

  test('that ends with words of the agent itself is no success', async () => {
    const definition = { notices: /^(?:Info|Error): / };
    const notice: Step = { say: 'Error: Authentication failed (HTTP 401).' };
    const words: Step = { say: 'All done.' };
    const failed = await run([words, notice], { definition });
    expect(failed.outcome).toMatchObject({
      kind: 'agent_error',
      message: expect.stringContaining('401'),
    });
    const overcome = await run([notice, words], { definition });
    expect(overcome.outcome).toEqual({ kind: 'ok' });
    expect(overcome.answer).toBe('All done.');
    expect(ofKind(overcome.events, 'warning')).toHaveLength(1);
  });

  test('takes a long prompt and a long message', async () => {
    const long = 'x'.repeat(1_000_000);
    const { answer, outcome } = await run([{ say: `${long}.` }]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answer.endsWith('x.')).toBe(true);
  });

  test('of a child session says nothing for this one', async () => {
    const { answer } = await run([{ say: 'Mine.' }, { say: 'A child’s.', session: 'session-2' }]);
    expect(answer).toBe('Mine.');
  });

  test('whose next message begins anew has only that one as its answer', async () => {
    const { answer } = await run([
      { say: 'One.', messageId: 'm1' },
      { say: 'Two ', messageId: 'm2' },
      { say: 'and more.', messageId: 'm2' },
    ]);
    expect(answer).toBe('Two and more.');
  });

  test('is cheap to read again: nonsense between the messages is told and passed over', async () => {
    const { outcome, events } = await run([
      { print: 'debug: hello\n\n{"jsonrpc":"2.0","id":77,"result":{}}\n' },
      { say: 'Done.' },
    ]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(ofKind(events, 'warning')).toHaveLength(2);
  });
});

describe('usage and cost', () => {
  const cost = (amount: number): Step => ({
    update: { sessionUpdate: 'usage_update', used: 1, size: 2, cost: { amount, currency: 'USD' } },
  });
  const call = {
    usage: { inputTokens: 100, outputTokens: 10, totalTokens: 110, cachedReadTokens: 50 },
  };

  test('of each model call add up, beside the cost of the session', async () => {
    const { report } = await run([
      { say: 'a', meta: call },
      cost(0.5),
      { say: 'b', meta: call },
      cost(0.75),
    ]);
    expect(report.usage).toEqual({
      inputTokens: 200,
      outputTokens: 20,
      cachedTokens: 100,
      costUsd: 0.75,
    });
    expect(report.turns).toBe(2);
    expect(report.session).toMatchObject({ costUsd: 0.75 });
  });

  test('of the whole turn replace those of its calls', async () => {
    const usage = { inputTokens: 300, outputTokens: 30, totalTokens: 330 };
    const { report } = await run([
      { say: 'a', meta: call },
      cost(0.5),
      { stop: 'end_turn', usage },
    ]);
    expect(report.usage).toEqual({
      inputTokens: 300,
      outputTokens: 30,
      cachedTokens: null,
      costUsd: 0.5,
    });
  });

  test('may stand in a field of the agent’s own', async () => {
    const meta = { quota: { token_count: { input_tokens: 7, output_tokens: 3 } } };
    const { report } = await run([{ say: 'a' }, { stop: 'end_turn', meta }]);
    expect(report.usage).toEqual({
      inputTokens: 7,
      outputTokens: 3,
      cachedTokens: null,
      costUsd: null,
    });
  });
});

describe('the reader', () => {
  const read = (reader: AgentReader, line: string) =>
    reader.line(line, 'stdout', { now: 0, timeZone: 'UTC' });
  const TYPES = [
    'session',
    'update',
    'permission',
    'wrote',
    'stop',
    'error',
    'noise',
    'interrupted',
    'history',
    'other',
  ];
  const UPDATES = [
    'agent_message_chunk',
    'agent_thought_chunk',
    'tool_call',
    'tool_call_update',
    'plan',
    'plan_update',
    'usage_update',
  ];
  const FIELDS = [
    'content',
    'locations',
    'rawInput',
    'rawOutput',
    'entries',
    'plan',
    'cost',
    '_meta',
    'status',
    'kind',
    'toolCallId',
    'title',
  ];

  test('never throws, whatever shape its lines have', () => {
    const update = fc.record({
      sessionUpdate: fc.constantFrom(...UPDATES),
      ...Object.fromEntries(FIELDS.map((name) => [name, fc.jsonValue()])),
    });
    const line = fc.record({
      acp: fc.constant(1),
      type: fc.constantFrom(...TYPES),
      sessionId: fc.oneof(fc.constant('s'), fc.jsonValue()),
      update: fc.oneof(update, fc.jsonValue()),
      ...Object.fromEntries(
        ['asked', 'answer', 'usage', 'meta', 'data', 'code', 'message', 'stopReason', 'text'].map(
          (name) => [name, fc.jsonValue()],
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const reader = agentOf().reader();
        for (const one of lines) expect(read(reader, JSON.stringify(one))).toBeInstanceOf(Array);
      }),
    );
  });

  test('does not understand what the holder does not say', () => {
    const reader = agentOf().reader();
    for (const line of [
      'hello',
      '{}',
      '{"acp":2,"type":"stop"}',
      '{"acp":1,"type":"future"}',
      '{"acp":1',
      '[]',
    ])
      expect(read(reader, line)).toBeNull();
    expect(reader.line('{"acp":1,"type":"stop"}', 'stderr', { now: 0, timeZone: 'UTC' })).toEqual(
      [],
    );
  });
});
