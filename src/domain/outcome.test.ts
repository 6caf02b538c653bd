import { describe, expect, test } from 'vitest';
import type { AgentOutcome } from './agent-outcome.ts';
import { type AgentReport, EMPTY_REPORT } from './agent-report.ts';
import type { AgentFacts } from './agent-work.ts';
import type { EndedAttempt, Outcome, OutputSummary, RunningAttempt } from './attempt.ts';
import type { AgentEvidence } from './evidence.ts';
import { endAttempt, inWords, type Over } from './outcome.ts';
import type { StopRequest } from './task.ts';

const NOW = 100_000;
const PROCESS = { pid: 7, startTime: '42', bootId: 'boot' };
const facts: AgentFacts = {
  sessionId: 'ours',
  resumed: 's-0',
  before: null,
  report: null,
  settledAt: 94_000,
};
const started: RunningAttempt = {
  number: 2,
  node: 'n',
  claimedAt: 90_000,
  process: PROCESS,
  startedAt: 91_000,
  deadlineAt: 151_000,
  idleFrom: 91_000,
  endedAt: null,
  outcome: null,
  agent: facts,
};
const OUTPUT: OutputSummary = {
  bytes: 9_000,
  truncated: true,
  preview: '{"type":"result"}\n',
  errorTail: 'a warning',
};
const remains = { process: PROCESS, startedAt: 91_000, at: 96_000, output: OUTPUT, survivors: [] };
const EXITED: Over = { kind: 'exited', exit: { code: 1 }, ...remains };
const GONE: Over = { kind: 'gone', how: 'rebooted', ...remains };
const stopped = (reason: StopRequest['reason']): StopRequest => ({
  reason,
  requestedAt: 95_000,
  killAt: 99_000,
});

const evidence = (
  of: Partial<AgentReport>,
  outcome: AgentOutcome | null = null,
): AgentEvidence => ({ report: { ...EMPTY_REPORT, ...of }, outcome });
const final = (of: Partial<NonNullable<AgentReport['final']>>): AgentReport['final'] => ({
  ok: true,
  text: null,
  failure: null,
  message: null,
  ...of,
});
const end = (
  agent: AgentEvidence | null,
  over: Over = EXITED,
  stop: StopRequest | null = null,
): EndedAttempt => endAttempt(started, over, agent, stop, NOW);
const ERROR: AgentOutcome = { kind: 'agent_error', message: 'boom' };

describe('the end of an attempt of an agent', () => {
  test('keeps what it was to do, and what it told', () => {
    const agent = evidence({ sessionId: 's-1', turns: 3, text: 'done' }, { kind: 'ok' });
    expect(end(agent)).toEqual({
      number: 2,
      node: 'n',
      claimedAt: 90_000,
      process: PROCESS,
      startedAt: 91_000,
      deadlineAt: 151_000,
      endedAt: 96_000,
      outcome: { kind: 'ok' },
      exit: { code: 1 },
      output: { bytes: 9_000, truncated: true, preview: 'done', errorTail: 'a warning' },
      survivors: [],
      agent: { ...facts, sessionId: 's-1', report: agent.report },
    });
  });

  test('keeps the session that was chosen, where none was printed', () => {
    expect(end(evidence({})).agent).toMatchObject({ sessionId: 'ours', report: EMPTY_REPORT });
  });

  test('keeps what was known before, where its output could not be read', () => {
    const report = { ...EMPTY_REPORT, sessionId: 's-1', turns: 2 };
    const known = { ...started, agent: { ...facts, sessionId: 's-1', report } };
    const { agent, output, outcome } = endAttempt(known, EXITED, null, null, NOW);
    expect(agent).toEqual({ ...facts, sessionId: 's-1', report });
    expect(output).toEqual(OUTPUT);
    expect(outcome).toEqual({ kind: 'exited', code: 1 });
  });

  test('has nothing of an agent where nothing was known of one', () => {
    const { agent: _, ...command } = started;
    expect(endAttempt(command, EXITED, null, null, NOW)).not.toHaveProperty('agent');
    expect(endAttempt(command, EXITED, evidence({}), null, NOW)).not.toHaveProperty('agent');
  });
});

describe('what is shown of it', () => {
  const shown = (of: Partial<AgentReport>, outcome: AgentOutcome | null = null) =>
    end(evidence(of, outcome)).output;

  test.each<[string, Partial<AgentReport>, string]>([
    ['its answer', { text: ' done \n', final: final({}) }, 'done'],
    ['its final answer', { text: 'let me see', final: final({ text: 'done' }) }, 'done'],
    ['what it said last', { text: 'let me see' }, 'let me see'],
    [
      'why it failed',
      { final: final({ ok: false, message: 'no credit' }), error: { message: 'e', failure: null } },
      'no credit',
    ],
    ['its last error', { error: { message: 'no route', failure: null } }, 'no route'],
    [
      'its last error, when its end says nothing',
      { final: final({ ok: false }), error: { message: 'no route', failure: null } },
      'no route',
    ],
    ['nothing, rather than the protocol', {}, ''],
  ])('%s', (_, of, preview) => {
    expect(shown(of).preview).toBe(preview);
  });

  test('is the end of it, in whole characters', () => {
    expect(shown({ text: `begin ${'x'.repeat(300)}` }).preview).toBe('x'.repeat(300));
    expect(shown({ text: `${'x'.repeat(9)}😀${'y'.repeat(299)}` }).preview).toBe('y'.repeat(299));
    expect(shown({ text: `${'x'.repeat(9)}😀${'y'.repeat(298)}` }).preview).toBe(
      `😀${'y'.repeat(298)}`,
    );
  });

  test('its failure is the last word of the failure channel', () => {
    expect(shown({}, ERROR).errorTail).toBe('boom');
    const limit = { class: 'transient', until: null, message: 'slow down' } as const;
    expect(shown({}, { kind: 'rate_limited', limit, message: 'slow down' }).errorTail).toBe(
      'slow down',
    );
    expect(shown({}, { kind: 'ok' }).errorTail).toBe('a warning');
    expect(shown({}, null).errorTail).toBe('a warning');
  });

  test('but not where something else ended it: that it was cut off is no word of its own', () => {
    const cut = { kind: 'no_final_answer', message: 'the agent ended without an answer' } as const;
    const timedOut = end(evidence({ text: 'let me see' }, cut), EXITED, stopped('timed_out'));
    expect(timedOut.output).toMatchObject({ preview: 'let me see', errorTail: 'a warning' });
  });
});

test('an attempt that has ended worked where it did', () => {
  const workspace = { path: '/w', cwd: '/w', branch: null, prepared: null };
  const ended = endAttempt({ ...started, workspace }, EXITED, null, null, NOW);
  expect(ended.workspace).toBe(workspace);
});

describe('what it came to', () => {
  test.each<[string, Over, AgentOutcome | null, StopRequest | null, object]>([
    ['what it said, whatever the exit', EXITED, { kind: 'ok' }, null, { kind: 'ok' }],
    ['what it said of its failure', { ...EXITED, exit: { code: 0 } }, ERROR, null, ERROR],
    ['its exit, when it said nothing', EXITED, null, null, { kind: 'exited', code: 1 }],
    [
      'its signal, when it said nothing',
      { ...EXITED, exit: { signal: 'SIGSEGV' } },
      null,
      null,
      { kind: 'signaled', signal: 'SIGSEGV' },
    ],
    ['what it said before the machine went down', GONE, { kind: 'ok' }, null, { kind: 'ok' }],
    ['a loss, when it had said nothing', GONE, null, null, { kind: 'lost', how: 'rebooted' }],
    [
      'what it said before it was ended',
      EXITED,
      { kind: 'ok' },
      stopped('settled'),
      { kind: 'ok' },
    ],
    ['what it said, ended and gone', GONE, ERROR, stopped('settled'), ERROR],
    [
      'the stop, when what it said is lost',
      GONE,
      null,
      stopped('settled'),
      { kind: 'stopped', reason: 'settled' },
    ],
    [
      'any other stop, whatever it said',
      EXITED,
      { kind: 'ok' },
      stopped('idle'),
      { kind: 'stopped', reason: 'idle' },
    ],
    [
      'any other stop, though the machine went down',
      GONE,
      { kind: 'ok' },
      stopped('user'),
      { kind: 'stopped', reason: 'user' },
    ],
    [
      'a refused launch',
      { kind: 'refused', detail: 'no folder' },
      ERROR,
      null,
      { kind: 'spawn_failed', detail: 'no folder' },
    ],
    ['a voided launch', { kind: 'voided' }, { kind: 'ok' }, null, { kind: 'voided' }],
  ])('%s', (_, over, outcome, stop, expected) => {
    expect(end(evidence({}, outcome), over, stop).outcome).toEqual(expected);
  });
});

test.each<[Outcome, string]>([
  [{ kind: 'exited', code: 3 }, 'ended with exit code 3'],
  [{ kind: 'signaled', signal: 'SIGSEGV' }, 'was ended by SIGSEGV'],
  [{ kind: 'stopped', reason: 'no_first_output' }, 'was stopped (no first output)'],
  [{ kind: 'lost', how: 'vanished' }, 'was lost: its process is gone'],
  [{ kind: 'ok' }, 'came to its end'],
  [{ kind: 'spawn_failed', detail: 'no folder' }, 'could not be started'],
  [{ kind: 'max_turns', message: 'no' }, 'failed (max turns)'],
])('%j in words', (outcome, expected) => {
  expect(inWords(outcome)).toBe(expected);
});
