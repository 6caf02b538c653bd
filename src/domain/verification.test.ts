import { expect, test } from 'vitest';
import { AGENT_FAILURES, type AgentOutcome } from './agent-outcome.ts';
import type { CheckSeen } from './evidence.ts';
import { STOP_REASONS, type StopReason } from './lifecycle.ts';
import { resultOfRun } from './verification.ts';

type Ended = CheckSeen['ended'];

test.each<[Ended, string, RegExp]>([
  [{ kind: 'exited', code: 0 }, 'passed', /exit code 0$/],
  [{ kind: 'exited', code: 1 }, 'failed', /exit code 1$/],
  [{ kind: 'exited', code: 2 }, 'failed', /exit code 2$/],
  [{ kind: 'exited', code: 124 }, 'failed', /exit code 124$/],
  [{ kind: 'exited', code: 126 }, 'infrastructure', /cannot be executed/],
  [{ kind: 'exited', code: 127 }, 'infrastructure', /not found/],
  [{ kind: 'exited', code: 137 }, 'infrastructure', /SIGKILL, perhaps for want of memory/],
  [{ kind: 'exited', code: 139 }, 'failed', /exit code 139$/],
  [
    { kind: 'signaled', signal: 'SIGKILL' },
    'infrastructure',
    /SIGKILL, perhaps for want of memory/,
  ],
  [{ kind: 'signaled', signal: 'SIGSEGV' }, 'failed', /SIGSEGV/],
  [{ kind: 'signaled', signal: 'SIGTERM' }, 'failed', /SIGTERM/],
  [{ kind: 'spawn_failed', detail: 'no such folder /x' }, 'infrastructure', /no such folder \/x/],
  [{ kind: 'lost', how: 'vanished' }, 'infrastructure', /vanished/],
  [{ kind: 'lost', how: 'rebooted' }, 'infrastructure', /rebooted/],
  [{ kind: 'voided' }, 'infrastructure', /never started/],
  ['cancelled', 'unobserved', /was stopped/],
  [null, 'unobserved', /has not ended/],
])('%j', (ended, result, detail) => {
  expect(resultOfRun({ ended })).toEqual({ result, detail: expect.stringMatching(detail) });
});

test('what stopped it says what it came to', () => {
  const of = (reason: StopReason) => resultOfRun({ ended: { kind: 'stopped', reason } }).result;
  expect(Object.fromEntries(STOP_REASONS.map((reason) => [reason, of(reason)]))).toEqual({
    user: 'unobserved',
    parent: 'unobserved',
    policy: 'unobserved',
    timed_out: 'timed_out',
    idle: 'timed_out',
    no_first_output: 'timed_out',
    budget_exceeded: 'unobserved',
    max_turns: 'unobserved',
    output_limit: 'failed',
    settled: 'unobserved',
  });
});

test('what an agent says never passes', () => {
  for (const kind of ['ok', ...AGENT_FAILURES])
    expect(resultOfRun({ ended: { kind } as AgentOutcome }).result).toBe('infrastructure');
});

test('what it wrote does not count', () => {
  const seen = { ended: { kind: 'exited', code: 1 }, text: 'PASS' } as const;
  expect(resultOfRun(seen).result).toBe('failed');
  const said = { ended: { kind: 'exited', code: 1 }, text: 'sh: jest: command not found' } as const;
  expect(resultOfRun(said).result).toBe('failed');
});
