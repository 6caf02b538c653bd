import { describe, expect, test } from 'vitest';
import type { AgentOutcome } from './agent-outcome.ts';
import { type AgentReport, EMPTY_REPORT } from './agent-report.ts';
import { NO_OUTPUT, type RunningAttempt } from './attempt.ts';
import type { AgentEvidence } from './evidence.ts';
import { endAttempt, ending, inWords, type Over } from './outcome.ts';
import type { StopRequest } from './task.ts';
import { ANSWER, finishOf, QUESTION } from './worker-sample.ts';
import type { WorkerFacts } from './worker.ts';

const started: RunningAttempt = {
  number: 1,
  node: 'n',
  claimedAt: 10,
  process: { pid: 7, startTime: '42', bootId: 'boot' },
  startedAt: 20,
  deadlineAt: 9_000,
  idleFrom: 20,
  endedAt: null,
  outcome: null,
};
const remains = {
  process: started.process,
  startedAt: 20,
  at: 80,
  output: NO_OUTPUT,
  survivors: [],
};
const OVER = {
  exited: { kind: 'exited', exit: { code: 0 }, ...remains },
  crashed: { kind: 'exited', exit: { signal: 'SIGSEGV' }, ...remains },
  vanished: { kind: 'gone', how: 'vanished', ...remains },
  rebooted: { kind: 'gone', how: 'rebooted', ...remains },
  refused: { kind: 'refused', detail: 'no such program' },
  voided: { kind: 'voided' },
} as const satisfies Record<string, Over>;
const WELL = { ok: true, text: null, failure: null, message: null };
const said = (outcome: AgentOutcome | null, of: Partial<AgentReport> = {}): AgentEvidence => ({
  report: { ...EMPTY_REPORT, ...of },
  outcome,
});
const stop = (reason: StopRequest['reason'], requestedAt = 60): StopRequest => ({
  reason,
  requestedAt,
  killAt: 70,
});
const end = (
  worker: WorkerFacts | undefined,
  over: Over,
  agent: AgentEvidence | null = said({ kind: 'ok' }),
  asked: StopRequest | null = null,
) => endAttempt({ ...started, ...(worker !== undefined && { worker }) }, over, agent, asked, 99);

const ASKED = { question: QUESTION };
const ERROR: AgentOutcome = { kind: 'agent_error', message: 'boom' };
const SILENT: AgentOutcome = { kind: 'no_final_answer', message: 'nothing' };

describe('an attempt that asked', () => {
  test.each<[string, WorkerFacts, Over, AgentEvidence | null, StopRequest | null, string]>([
    ['parks when it ends', ASKED, OVER.exited, said({ kind: 'ok' }), null, 'parked'],
    [
      'parks when it is answered',
      { question: { ...QUESTION, answer: ANSWER } },
      OVER.exited,
      null,
      null,
      'parked',
    ],
    ['parks when it crashes', ASKED, OVER.crashed, said(ERROR), null, 'parked'],
    ['parks when its process is lost', ASKED, OVER.vanished, null, null, 'parked'],
    ['parks when the machine was restarted', ASKED, OVER.rebooted, null, null, 'parked'],
    [
      'parks when its process had to be ended',
      ASKED,
      OVER.crashed,
      said(ERROR),
      stop('settled'),
      'parked',
    ],
    [
      'parks when it ended before it was stopped',
      ASKED,
      OVER.exited,
      null,
      stop('user', 5_000),
      'parked',
    ],
    ['is stopped by a person', ASKED, OVER.crashed, said(ERROR), stop('user'), 'stopped'],
    ['is stopped by its deadline', ASKED, OVER.crashed, null, stop('timed_out'), 'stopped'],
    [
      'is done when it finished all the same',
      { ...ASKED, finish: finishOf() },
      OVER.exited,
      said({ kind: 'ok' }),
      null,
      'ok',
    ],
    ['never ran', ASKED, OVER.voided, null, null, 'voided'],
    ['could not be started', ASKED, OVER.refused, null, null, 'spawn_failed'],
  ])('%s', (_, worker, over, agent, asked, expected) => {
    expect(end(worker, over, agent, asked).outcome.kind).toBe(expected);
  });

  test('keeps what its worker told, and the stop that came too late', () => {
    const late = end(ASKED, OVER.exited, null, stop('user', 5_000));
    expect(late).toMatchObject({ worker: ASKED, cancelled: 'user' });
    expect(end(undefined, OVER.exited)).not.toHaveProperty('worker');
  });

  test('waits for a person', () => {
    expect(ending({ kind: 'parked' })).toEqual({ state: 'awaiting_input' });
    expect(inWords({ kind: 'parked' })).toBe('stopped to ask a person');
  });
});

describe('an attempt that told its result', () => {
  const finish = finishOf({ checks: [{ requirement: 'docs', met: false, evidence: '' }] });
  test.each<[string, AgentEvidence, Over, string]>([
    ['is done without last words', said(SILENT, { final: WELL }), OVER.exited, 'ok'],
    ['is not done without its end', said(SILENT), OVER.exited, 'no_final_answer'],
    ['has failed with its protocol', said(ERROR, { final: WELL }), OVER.exited, 'agent_error'],
    ['is as its exit says', said(null), OVER.crashed, 'signaled'],
  ])('%s', (_, agent, over, expected) => {
    expect(end({ finish }, over, agent).outcome.kind).toBe(expected);
  });

  test('is told by it, with what is not met', () => {
    const { output } = end({ finish }, OVER.exited, said({ kind: 'ok' }, { text: 'Bye.' }));
    expect(output.preview).toBe('The result.\n(not met: docs)');
  });
});
