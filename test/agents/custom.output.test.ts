import { describe, expect, test } from 'vitest';
import { acpAgent } from '../../src/adapters/agents/acp/agent.ts';
import { customAgent } from '../../src/adapters/agents/custom.ts';
import type { CustomAgentDefinition } from '../../src/adapters/agents/custom/definition.ts';
import type { AgentOutcome } from '../../src/domain/agent-outcome.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import type { Exit } from '../../src/domain/attempt.ts';
import { replay } from '../../src/engine/replay.ts';
import { define, DEFINITION, REQUEST } from './custom-agent.ts';
import { PLACE, recording } from './recordings.ts';

interface Run {
  stdout?: string;
  stderr?: string;
  exit?: Exit;
  resumed?: string | null;
}

function run(change: Partial<CustomAgentDefinition>, of: Run) {
  const { stdout = '', stderr = '', exit = { code: 0 }, resumed = null } = of;
  const { report, outcome } = replay(
    define(change),
    { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), exit, resumed },
    PLACE,
  );
  return {
    outcome,
    answer: answerOf(report),
    session: report.sessionId,
    unknown: report.unknownLines,
  };
}
const outcome = (change: Partial<CustomAgentDefinition>, of: Run): AgentOutcome | null =>
  run(change, of).outcome;

describe('an agent that prints text', () => {
  test('has succeeded when it exits with 0 and said something', () => {
    expect(run({}, { stdout: 'Done:\n\u001b[32mall green\u001b[0m\n' })).toMatchObject({
      outcome: { kind: 'ok' },
      answer: 'Done:\nall green',
    });
    expect(outcome({}, { stdout: ' \n\n' })).toMatchObject({ kind: 'no_final_answer' });
    expect(outcome({}, { stdout: 'Done.', exit: { code: 3 } })).toEqual({
      kind: 'agent_error',
      message: 'Done.',
    });
    expect(outcome({}, { exit: { code: 3 } })).toEqual({
      kind: 'agent_error',
      message: 'exit code 3',
    });
    expect(outcome({}, { stdout: 'Do', exit: { signal: 'SIGKILL' } })).toBeNull();
    expect(outcome({}, { stdout: 'x', stderr: 'oh\nno\n', exit: { code: 1 } })).toEqual({
      kind: 'agent_error',
      message: 'oh\nno',
    });
  });

  test('is known by stderr, never by what its model wrote', () => {
    const words = 'You have hit your usage limit.\n';
    expect(outcome({}, { stderr: words, exit: { code: 1 } })).toMatchObject({
      kind: 'quota_exhausted',
      limit: { class: 'windowed', until: null },
    });
    expect(outcome({}, { stdout: words, exit: { code: 1 } })).toMatchObject({
      kind: 'agent_error',
    });
    expect(outcome({}, { stdout: words, stderr: words })).toEqual({ kind: 'ok' });
  });
});

describe('words of refusal', () => {
  const refusals: CustomAgentDefinition['refusals'] = [
    { match: 'credits are gone (really)', failure: 'quota_exhausted', class: 'needs_person' },
    { match: '/^E42: busy/', failure: 'overloaded', class: 'transient' },
    { match: '/token (\\w+) revoked/i', failure: 'auth_failed', class: null },
    { match: 'come back later', failure: 'quota_exhausted', class: 'until' },
  ];
  const end = (of: Run, change: Partial<CustomAgentDefinition> = {}): AgentOutcome | null =>
    outcome({ refusals, ...change }, { exit: { code: 1 }, ...of });

  test('are found on stderr, in its last line that has some', () => {
    const message = 'Error: Credits ARE gone (really)!';
    expect(end({ stderr: `start\n  ${message}\nbye\n` })).toEqual({
      kind: 'quota_exhausted',
      message,
      limit: { class: 'needs_person', until: null, message },
    });
    expect(end({ stderr: 'E42: busy\nToken abc revoked\n' })).toEqual({
      kind: 'auth_failed',
      message: 'Token abc revoked',
    });
    expect(end({ stderr: 'it said E42: busy\n' })).toMatchObject({ kind: 'agent_error' });
    expect(end({ stderr: 'E42: busy', exit: { signal: 'SIGTERM' } })).toMatchObject({
      kind: 'overloaded',
      limit: { class: 'transient' },
    });
  });

  test('invent no reset, and keep the one that was told', () => {
    expect(end({ stderr: 'come back later' })).toMatchObject({
      limit: { class: 'windowed', until: null },
    });
    expect(end({ stderr: 'come back later, resets in 2 hours' })).toMatchObject({
      limit: { class: 'until', until: PLACE.now + 7_200_000 },
    });
  });

  test('of a text agent count on stdout only where it failed', () => {
    const stdout = 'E42: busy\n';
    expect(end({ stdout })).toMatchObject({ kind: 'overloaded' });
    expect(end({ stdout, exit: { code: 0 } })).toEqual({ kind: 'ok' });
    expect(end({ stdout, exit: { signal: 'SIGKILL' } })).toBeNull();
  });

  test('of an agent with a protocol count in its errors, never in its answers', () => {
    const answer = { when: { type: 'result' }, text: 'text', error: 'error', session: null };
    const jsonl = { output: 'jsonl', answer } as const;
    const line = (event: object): string => `${JSON.stringify({ type: 'result', ...event })}\n`;
    expect(end({ stdout: line({ error: 'E42: busy' }) }, jsonl)).toMatchObject({
      kind: 'overloaded',
    });
    expect(end({ stdout: line({ text: 'E42: busy' }), exit: { code: 0 } }, jsonl)).toEqual({
      kind: 'ok',
    });
    expect(end({ stdout: line({ text: 'E42: busy', error: 'broken' }) }, jsonl)).toEqual({
      kind: 'agent_error',
      message: 'broken',
    });
    expect(end({ stdout: 'E42: busy\n' }, jsonl)).toMatchObject({ kind: 'agent_error' });
  });
});

describe('an agent that prints lines of JSON', () => {
  const answer = {
    when: { type: 'result', 'meta.last': true },
    text: 'output.0.text',
    error: 'problem',
    session: 'meta.session',
  };
  const jsonl = { output: 'jsonl', answer } as const;
  const lines = (...events: readonly unknown[]): string =>
    events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const final = (more: object): string =>
    lines({ type: 'result', meta: { last: true, session: 's-1' }, ...more });

  test('says where its answer is, and whose session it is', () => {
    const stdout = `log line\n${lines(
      { type: 'start', meta: { session: 's-1' } },
      { type: 'result', meta: { last: false }, output: [{ text: 'not yet' }] },
      { type: 'result', meta: { last: true }, output: [{ text: 'Done.' }], problem: null },
      ['no object'],
    )}`;
    expect(run(jsonl, { stdout })).toEqual({
      outcome: { kind: 'ok' },
      answer: 'Done.',
      session: 's-1',
      unknown: 2,
    });
  });

  test('has failed where an error stands', () => {
    const output = [{ text: 'I could not.' }];
    const failure = (problem: unknown): unknown =>
      outcome(jsonl, { stdout: final({ output, problem }) });
    for (const nothing of [false, null, '', 0, undefined])
      expect(failure(nothing)).toEqual({ kind: 'ok' });
    expect(failure(true)).toEqual({ kind: 'agent_error', message: 'I could not.' });
    expect(failure('broken')).toEqual({ kind: 'agent_error', message: 'broken' });
    expect(failure({ code: 7 })).toEqual({ kind: 'agent_error', message: '{"code":7}' });
    expect(failure({ message: 'Rate limit reached' })).toMatchObject({ kind: 'rate_limited' });
  });

  test('needs its final event, with an answer in it', () => {
    const kind = (stdout: string): unknown => outcome(jsonl, { stdout })?.kind;
    expect(kind('')).toBe('no_final_answer');
    expect(kind(lines({ type: 'result', output: [{ text: 'Done.' }] }))).toBe('no_final_answer');
    expect(kind(final({ output: [] }))).toBe('no_final_answer');
    expect(kind(final({ output: 'Done.' }))).toBe('no_final_answer');
    expect(run(jsonl, { stdout: final({ output: [{ text: { a: 1 } }] }) })).toMatchObject({
      outcome: { kind: 'ok' },
      answer: '{"a":1}',
    });
    // What every object has by itself is no field.
    const odd = {
      ...jsonl,
      answer: { ...answer, when: { type: 'result' }, text: 'constructor.name' },
    };
    expect(outcome(odd, { stdout: lines({ type: 'result' }) })?.kind).toBe('no_final_answer');
  });

  test('is not mistaken for the one that was to go on', () => {
    expect(
      outcome(jsonl, { stdout: final({ output: [{ text: 'Hi.' }] }), resumed: 's-0' }),
    ).toMatchObject({
      kind: 'resume_unavailable',
    });
  });

  test('cannot do without a word on where the answer is', () => {
    expect(() => define({ output: 'jsonl' })).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    );
  });
});

describe('an agent that prints what Claude Code prints', () => {
  test.each([
    ['success', 'ok'],
    ['quota', 'quota_exhausted'],
    ['billing', 'quota_exhausted'],
    ['max-turns', 'max_turns'],
  ])('%s is understood', (name, kind) => {
    const { stdout, stderr, exit } = recording('claude', name);
    const agent = define({ output: 'claude-stream' });
    const { outcome: found } = replay(agent, { stdout, stderr, exit, resumed: null }, PLACE);
    expect(found?.kind).toBe(kind);
  });
});

describe('an agent that speaks ACP', () => {
  const definition: CustomAgentDefinition = {
    ...DEFINITION,
    output: 'acp',
    command: ['my-agent', 'acp'],
    env: { A: 'b' },
    refusals: [{ match: 'E42', failure: 'overloaded', class: null }],
  };

  test('needs somebody who does', () => {
    expect(() => customAgent(definition)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: 'mine speaks ACP, which is not available here',
      }),
    );
  });

  test('is called by its command, and refuses in its own words', () => {
    const agent = customAgent(definition, acpAgent);
    expect(agent).toMatchObject({ name: 'mine', programs: ['my-agent'], verified: false });
    const { files, env } = agent.launch(REQUEST);
    expect(env).toMatchObject({ A: 'b' });
    expect(Object.values(files).map((file) => JSON.parse(file) as unknown)).toMatchObject([
      { command: ['/opt/my-agent', 'acp'], prompt: 'do it' },
    ]);
    const recorded = { stdout: Buffer.from(''), stderr: Buffer.from('E42\n') };
    const { outcome: found } = replay(
      agent,
      { ...recorded, exit: { code: 1 }, resumed: null },
      PLACE,
    );
    expect(found).toMatchObject({ kind: 'overloaded', limit: { class: 'transient' } });
  });
});
