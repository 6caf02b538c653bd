import { describe, expect, test } from 'vitest';
import { copilot } from '../../src/adapters/agents/copilot.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import {
  callFailed,
  ephemeral,
  gaveUp,
  kinds,
  line,
  result,
  run,
  said,
  SESSION,
  toolEnded,
  toolStarted,
  turn,
} from './copilot-lines.ts';
import { goldenTable } from './golden.ts';
import { mangled } from './mangled.ts';
import { comesTo, PLACE, recording, runsOf } from './recordings.ts';

goldenTable('copilot', copilot);

const ANSWER = [turn(), said('All done.')];
const failedRun = { exit: { code: 1 } } as const;

describe('what a run comes to', () => {
  test('its answer is the last message, its session the one of the last line', () => {
    const { report, outcome } = run([turn(), said('Looking.'), ...ANSWER, result(0)]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answerOf(report)).toBe('All done.');
    expect(report).toMatchObject({ sessionId: SESSION, model: 'gpt-5', turns: 2 });
  });

  test('words before a tool are no answer', () => {
    const calls = [
      said('I will look.', [{ name: 'view' }]),
      toolStarted('view', { path: 'a' }),
      toolEnded({ success: true }),
    ];
    expect(run([turn(), ...calls, turn(), said(''), result(0)]).outcome?.kind).toBe(
      'no_final_answer',
    );
  });

  test.each([
    ['no last line', ANSWER, {}, 'no_final_answer'],
    ['no last line, and a code', ANSWER, failedRun, 'agent_error'],
    ['no last line, and a signal', ANSWER, { exit: { signal: 'SIGKILL' } }, undefined],
    ['a last line with a code', [...ANSWER, result(1)], {}, 'agent_error'],
    ['a last line without a code', [...ANSWER, result(undefined)], {}, 'agent_error'],
    ['a last line with words for a code', [...ANSWER, result('0')], {}, 'agent_error'],
    [
      'an error since the answer',
      [...ANSWER, gaveUp('query', 'It broke.'), result(0)],
      {},
      'agent_error',
    ],
    ['an error before the answer', [gaveUp('query', 'It broke.'), ...ANSWER, result(0)], {}, 'ok'],
    [
      'a break since the answer',
      [...ANSWER, line('abort', { reason: 'user_abort' }), result(0)],
      {},
      'agent_error',
    ],
    [
      'credits used up',
      [...ANSWER, ephemeral('session_limits_exhausted.requested', {}), result(0)],
      {},
      'budget_exceeded',
    ],
    ['two last lines, the last one bad', [...ANSWER, result(0), result(1)], {}, 'agent_error'],
    ['two last lines, the last one good', [...ANSWER, result(1), result(0)], {}, 'ok'],
    ['lines after the last one', [...ANSWER, result(0), ephemeral('assistant.idle', {})], {}, 'ok'],
  ] as const)('%s', (_, lines, over, kind) => {
    expect(run(lines, over).outcome?.kind).toBe(kind);
  });

  test('exit code 0 of a broken-off program is no success', () => {
    expect(comesTo(copilot, recording('copilot', 'sigterm-tool-native')).outcome).toBe(
      'no_final_answer',
    );
  });

  test('another session than the one to be resumed is none of ours', () => {
    const resumed = recording('copilot', 'sigterm-tool-native-resume');
    expect(comesTo(copilot, resumed, '22222222-3333-4444-8555-666666666666').outcome).toBe('ok');
    expect(comesTo(copilot, resumed, SESSION).outcome).toBe('resume_unavailable');
    const { stderr } = recording('copilot', 'resume-unknown');
    expect(run([], { stderr: stderr.toString().split('\n'), ...failedRun }).outcome).toEqual({
      kind: 'resume_unavailable',
      message: "Error: No session, task, or name matched '99999999-9999-4999-8999-999999999999'.",
    });
  });

  test('answers that were cut off and asked for again are warned of', () => {
    const warnings = (name: string): number =>
      run(recording('copilot', name).stdout.toString().split('\n')).events.filter(
        ({ kind }) => kind === 'warning',
      ).length;
    expect(warnings('max-tokens')).toBe(2);
    expect(kinds(run([turn(), callFailed('"cut"'), turn()]).events)).not.toContain('warning');
    for (const name of ['tool', 'parallel', 'subagent', 'cut', 'quota-mid', 'rate-limit-once'])
      expect(warnings(name)).toBe(0);
  });
});

describe('subagents', () => {
  const over = { agentId: 'agent-1' };

  test('do not answer for the agent, but what they did counts', () => {
    const { report, outcome, events } = run([
      turn(),
      said('Mine.'),
      line('subagent.started', { agentDescription: 'Look' }, over),
      turn(over),
      toolStarted('create', { path: '/r/a' }, over),
      toolEnded({ success: true, fileEdits: [{ path: '/r/a', kind: 'create' }] }, over),
      said('Not mine.', [], over),
      line('subagent.failed', { error: 'broke' }, over),
      result(0),
    ]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answerOf(report)).toBe('Mine.');
    expect(report.turns).toBe(2);
    expect(events).toContainEqual({ kind: 'file_changed', path: '/r/a', change: 'add' });
    const steps = events.flatMap((event) => (event.kind === 'subagent' ? [event.status] : []));
    expect(steps).toEqual(['started', 'working', 'failed']);
    expect(kinds(events)).not.toContain('tool_started');
    expect(kinds(events)).not.toContain('tool_finished');
  });
});

describe('tools', () => {
  const ended = (data: object) =>
    run([toolStarted('bash', { command: 'make' }), toolEnded(data)]).events.slice(1);

  test('a command has its code, and is not well when the code is not', () => {
    const data = {
      success: true,
      shellExecution: { exitCode: 2 },
      result: { content: 'no\nrule' },
    };
    expect(ended(data)).toEqual([
      { kind: 'command_run', command: 'make', exitCode: 2, output: 'no rule' },
      { kind: 'tool_finished', tool: 'bash', callId: 'call_1', ok: false, summary: 'no rule' },
    ]);
  });

  test.each([
    ['a rule', { code: 'denied', message: 'by a rule' }, true],
    [
      'nobody to ask',
      { message: 'Permission denied because no interactive user response was available.' },
      true,
    ],
    ['the file system', { message: 'EACCES: permission denied' }, false],
  ])('denied by %s', (_, error, isDenied) => {
    expect(kinds(ended({ success: false, error }))).toEqual([
      ...(isDenied ? ['permission_denied'] : []),
      'tool_finished',
    ]);
  });

  test.each([
    ['create', 'add'],
    ['edit', 'update'],
    ['delete', 'delete'],
    ['moved', 'update'],
  ])('%s is told as %s', (kind, change) => {
    expect(ended({ success: true, fileEdits: [{ path: '/r/a', kind }, 5] })[0]).toEqual({
      kind: 'file_changed',
      path: '/r/a',
      change,
    });
  });
});

describe('lines that are not looked into', () => {
  test('are told by their beginning, not by what a tool or a model wrote', () => {
    const args = { command: '"type":"result"', ephemeral: true, type: 'session.error' };
    const { events } = run([toolStarted('odd', args, { ephemeral: true })]);
    expect(kinds(events)).toEqual(['tool_started']);
    const delta = ephemeral('assistant.message_delta', {
      deltaContent: '{"type":"result","exitCode":0}',
    });
    expect(run([delta])).toMatchObject({ events: [], report: { unknownLines: 0 } });
  });

  test('keys in another order change nothing', () => {
    const turned = JSON.stringify({ exitCode: 0, sessionId: SESSION, type: 'result' });
    expect(run([...ANSWER, turned]).outcome).toEqual({ kind: 'ok' });
  });

  test('what was said is neither protocol nor refusal', () => {
    const talk = '{"type":"result","exitCode":1} 429 usage limit reached';
    const lines = [
      turn(),
      said(talk, [{}]),
      toolStarted('bash', { command: talk }),
      toolEnded({ success: true, result: { content: talk } }),
      said(talk),
    ];
    const { report, outcome } = run([...lines, result(0)]);
    expect([outcome, answerOf(report), report.limit]).toEqual([{ kind: 'ok' }, talk, null]);
    expect(run(lines, failedRun).outcome?.kind).toBe('agent_error');
  });
});

describe('bad input', () => {
  test('lines of any shape harm nothing but themselves', () => {
    const all = new Set(
      runsOf('copilot')
        .filter((name) => name !== 'loop')
        .flatMap((name) => recording('copilot', name).stdout.toString().split('\n'))
        .filter((one) => /^\{"type":"(?!.*_delta|session\.[a-df-rt-z]|model\.call_[^f])/.test(one)),
    );
    const kindsSeen = new Map<string, number>();
    for (const one of all) {
      const kind = one.slice(0, 30);
      kindsSeen.set(kind, (kindsSeen.get(kind) ?? 0) + 1);
      if ((kindsSeen.get(kind) ?? 0) > 3) continue;
      const reader = copilot.reader();
      for (const odd of mangled(one)) expect(() => reader.line(odd, 'stdout', PLACE)).not.toThrow();
    }
    expect(kindsSeen.size).toBeGreaterThan(8);
  });

  test('half a line at the end is no line', () => {
    const { report, outcome } = run([...ANSWER, result(0).slice(0, -5)]);
    expect([outcome?.kind, report.unknownLines]).toEqual(['no_final_answer', 1]);
  });
});
