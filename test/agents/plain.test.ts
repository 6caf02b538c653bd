import { describe, expect, test } from 'vitest';
import { claude } from '../../src/adapters/agents/claude.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import { init, result, run, said } from './claude-lines.ts';

describe('a stdout of plain text', () => {
  test('is the answer with exit code 0', () => {
    const { outcome, report } = run(claude, [
      'It is done.',
      '',
      'Two files were changed: 429 lines.',
    ]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answerOf(report)).toBe('It is done.\n\nTwo files were changed: 429 lines.');
    expect(report.unknownLines).toBe(0);
  });

  test.each([
    ["You've hit your 5-hour limit · resets 1:47am (UTC)", 'quota_exhausted'],
    ['Error: Reached max turns (2)', 'max_turns'],
    ['Invalid API key · Fix external API key', 'auth_failed'],
    ['It fell over.', 'agent_error'],
  ])('is the word on the failure with another one: %s', (line, kind) => {
    expect(run(claude, [line], { exit: { code: 1 } }).outcome).toMatchObject({
      kind,
      message: line,
    });
  });

  test('is not asked before stderr', () => {
    const end = { exit: { code: 1 }, stderr: 'Invalid API key' };
    expect(run(claude, ['The server says 429.'], end).outcome?.kind).toBe('auth_failed');
  });

  test('says nothing after a signal', () => {
    expect(run(claude, ['Half an ans'], { exit: { signal: 'SIGTERM' } }).outcome).toBeNull();
  });

  test('that is empty is no answer', () => {
    expect(run(claude, []).outcome?.kind).toBe('no_final_answer');
    expect(run(claude, ['  ']).outcome?.kind).toBe('no_final_answer');
  });
});

describe('a protocol with other lines between its own', () => {
  test('is judged by the protocol', () => {
    const { outcome, report } = run(claude, ['Warning: old version', init(), result(), 'Bye.']);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answerOf(report)).toBe('All done.');
    expect(report.unknownLines).toBe(1);
  });

  test('has no answer in what stands around it', () => {
    expect(run(claude, ['Warning: old version', { type: 'system' }]).outcome?.kind).toBe(
      'no_final_answer',
    );
    expect(run(claude, ['Warning: old version', '{"type":"resu']).outcome?.kind).toBe(
      'no_final_answer',
    );
    expect(run(claude, ['Note.', said('Half', { session_id: undefined })]).outcome?.kind).toBe(
      'no_final_answer',
    );
  });
});
