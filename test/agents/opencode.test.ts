import { describe, expect, test } from 'vitest';
import { opencode } from '../../src/adapters/agents/opencode.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import { goldenTable } from './golden.ts';
import { mangled } from './mangled.ts';
import * as lines from './opencode-lines.ts';
import { failed, finished, kinds, run, said, SESSION, started, used } from './opencode-lines.ts';
import { comesTo, PLACE, recording, runsOf } from './recordings.ts';

goldenTable('opencode', opencode);

const TOOL = used('bash', {
  status: 'completed',
  input: { command: 'ls' },
  output: 'a',
  metadata: { exit: 0 },
});
const TOOL_STEP = [started(), TOOL, finished('tool-calls')];
const ANSWER = [started(), said('All done.'), finished('stop')];
const COMPACTION = [started(), said('A summary.'), finished('stop')];
const GO_ON = said('Continue if you have next steps.', { synthetic: true, messageID: 'msg_user' });

describe('what a run comes to', () => {
  test('an answer is one when nothing follows it and the program ends well', () => {
    const { report, outcome } = run([...TOOL_STEP, ...ANSWER]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answerOf(report)).toBe('All done.');
    expect(report).toMatchObject({ turns: 2, usage: { inputTokens: 3000, outputTokens: 100 } });
  });

  test('the answer is all that the last step said, in its order', () => {
    const { report } = run([started(), said('One.'), TOOL, said('Two.'), finished('stop')]);
    expect(answerOf(report)).toBe('One.\n\nTwo.');
  });

  test('a step that is tried again says nothing twice', () => {
    const { report } = run([started(), said('All'), ...ANSWER]);
    expect(answerOf(report)).toBe('All done.');
  });

  test('a compaction ends a step like an answer, and is none', () => {
    const goingOn = [...TOOL_STEP, ...COMPACTION, GO_ON];
    expect(run(goingOn).outcome?.kind).toBe('no_final_answer');
    expect(run([...goingOn, started()]).outcome?.kind).toBe('no_final_answer');
    expect(run([...TOOL_STEP, ...COMPACTION, started()]).outcome?.kind).toBe('no_final_answer');
    expect(run([...goingOn, started()], { exit: { signal: 'SIGKILL' } }).outcome).toBeNull();
    const ended = run([...goingOn, ...ANSWER]);
    expect(ended.outcome).toEqual({ kind: 'ok' });
    expect(answerOf(ended.report)).toBe('All done.');
  });

  test('what is said in the person’s stead is no answer, nor what another message says', () => {
    for (const over of [{ synthetic: true }, { messageID: 'msg_other' }]) {
      const { report, outcome } = run([
        started(),
        said('Mine.'),
        said('Go on.', over),
        finished('stop'),
      ]);
      expect(outcome).toEqual({ kind: 'ok' });
      expect(answerOf(report)).toBe('Mine.');
      expect(run([...ANSWER, said('Go on.', over)]).outcome?.kind).toBe('no_final_answer');
    }
  });

  test('nothing is final while the program lives', () => {
    const reader = opencode.reader();
    const events = [...COMPACTION, GO_ON, ...ANSWER].flatMap(
      (one) => reader.line(one, 'stdout', PLACE) ?? [],
    );
    expect(kinds(events)).not.toContain('final');
    expect(reader.end?.()).toEqual([
      { kind: 'final', ok: true, text: 'All done.', failure: null, message: null },
    ]);
  });

  test.each([
    ['a signal', { signal: 'SIGTERM' }, undefined],
    ['an exit code', { code: 1 }, 'agent_error'],
  ] as const)('an answer does not count after %s', (_, exit, kind) => {
    expect(run(ANSWER, { exit }).outcome?.kind).toBe(kind);
  });

  test('an error after the answer takes it back', () => {
    const error = failed('APIError', { message: 'The server had an error', statusCode: 500 });
    expect(run([...ANSWER, error]).outcome?.kind).toBe('agent_error');
    expect(run([...ANSWER, error], { exit: { code: 1 } }).outcome?.kind).toBe('agent_error');
  });

  test('output that was cut off is no answer', () => {
    const { outcome } = comesTo(opencode, recording('opencode', 'max-tokens'));
    expect(outcome).toBe('no_final_answer');
    const message = 'the answer was cut off at the longest output of the model';
    expect(run([started(), said('Half'), finished('length')]).outcome).toEqual({
      kind: 'no_final_answer',
      message,
    });
  });

  test('a permission that is asked for ends the run without an answer', () => {
    const { stdout, stderr } = recording('opencode', 'tool-ask');
    const { outcome, report } = run(stdout.toString().trim().split('\n'), {
      stderr: stderr.toString().split('\n'),
    });
    expect(outcome).toEqual({
      kind: 'no_final_answer',
      message: 'the agent stopped where it was denied a permission',
    });
    expect(report.denied).toBe(1);
  });

  test('another session than the one to be resumed is none of ours', () => {
    const forked = recording('opencode', 'resume-fork');
    expect(comesTo(opencode, forked, 'ses_e0448fba0ffeM9OLRxY74x4Gt9').outcome).toBe(
      'resume_unavailable',
    );
    expect(run(ANSWER, { resumed: SESSION }).outcome).toEqual({ kind: 'ok' });
    const unknown = run([], {
      resumed: SESSION,
      stderr: ['\u001b[91m\u001b[1mError: \u001b[0mSession not found'],
      exit: { code: 1 },
    });
    expect(unknown.outcome).toEqual({
      kind: 'resume_unavailable',
      message: 'Error: Session not found',
    });
  });

  test('empty answers without end are stopped, and forgiven when they end', () => {
    const empty = [started(), finished('unknown')];
    const times = (count: number): string[] => Array.from({ length: count }, () => empty).flat();
    expect(kinds(run(times(4)).events)).not.toContain('final');
    const { events, outcome } = run(times(30), { exit: { signal: 'SIGTERM' } });
    expect(events.filter(({ kind }) => kind === 'final')).toHaveLength(1);
    expect(outcome?.kind).toBe('agent_error');
    expect(run([...times(6), ...ANSWER]).outcome).toEqual({ kind: 'ok' });
    const busy = Array.from({ length: 9 }, () => [started(), TOOL, finished('unknown')]).flat();
    expect(kinds(run(busy).events)).not.toContain('final');
  });
});

describe('what a model wrote', () => {
  const TALK =
    '{"type":"error","sessionID":"x","error":{"name":"APIError"}} 429 usage limit reached';

  test('is neither protocol nor refusal', () => {
    const tool = used('bash', {
      status: 'completed',
      input: { command: TALK },
      output: `${TALK}\n`,
    });
    const spoken = [started(), tool, said(TALK), finished('stop')];
    const { report, outcome } = run(spoken);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answerOf(report)).toBe(TALK);
    expect(report.limit).toBeNull();
    const broken = run(spoken.slice(0, -1), { exit: { code: 1 } });
    expect(broken.outcome).toEqual({ kind: 'agent_error', message: 'exit code 1' });
  });

  test('is not believed where an error quotes it', () => {
    const quoted = failed('UnknownError', { message: 'JSON parsing failed: Text: 429 rate limit' });
    expect(run([started(), quoted], { exit: { code: 1 } }).outcome?.kind).toBe('agent_error');
  });

  test('is not believed where stderr quotes it', () => {
    const stderr = [
      `! permission requested: bash (echo "usage limit reached 429"); auto-rejecting`,
      lines.logged(
        'INFO',
        `message=${JSON.stringify(`stream error error.error="AI_APICallError: ${TALK}"`)}`,
      ),
      'rate limit exceeded, said the tool',
    ];
    const { outcome, report } = run([started()], { stderr, exit: { code: 1 } });
    expect(outcome?.kind).toBe('agent_error');
    expect(report).toMatchObject({ limit: null, retries: 0, denied: 1 });
  });
});

describe('bad input', () => {
  test('lines of any shape harm nothing but themselves', () => {
    const all = new Set(
      runsOf('opencode')
        .filter((name) => !/loop|max-steps/.test(name))
        .flatMap((name) => recording('opencode', name).stdout.toString().split('\n'))
        .filter((one) => one.startsWith('{"type"')),
    );
    for (const one of [...all].slice(0, 150)) {
      const reader = opencode.reader();
      for (const odd of mangled(one)) reader.line(odd, 'stdout', PLACE);
      expect(() => reader.end?.()).not.toThrow();
    }
  });

  test('half a line at the end is no line', () => {
    const { report, outcome } = run([...ANSWER.slice(0, -1), finished('stop').slice(0, -9)]);
    expect(outcome?.kind).toBe('no_final_answer');
    expect(report.unknownLines).toBe(1);
  });

  test('types of the future are read over', () => {
    const future = JSON.stringify({ type: 'step_weighed', timestamp: 1, sessionID: SESSION });
    const { report, outcome } = run([future, ...ANSWER, future]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(report.unknownLines).toBe(0);
  });

  test("another session's lines are a bill and no answer", () => {
    const other = 'ses_other';
    const { report, outcome } = run([
      started(),
      said('Mine.'),
      started('msg_2', other),
      said('Not mine.', { messageID: 'msg_2' }, other),
      finished('stop', other),
      finished('stop'),
    ]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answerOf(report)).toBe('Mine.');
    expect(report).toMatchObject({ sessionId: SESSION, turns: 2 });
  });
});
