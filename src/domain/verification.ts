import type { Exit } from './attempt.ts';
import type { CheckSeen } from './evidence.ts';
import type { StopReason } from './lifecycle.ts';
import type { Verification } from './verdict.ts';

/** What one run of a check came to, with a sentence that says why. */
export interface RunResult {
  result: Exclude<Verification, 'none'>;
  detail: string;
}

const is = (result: RunResult['result'], detail: string): RunResult => ({ result, detail });

/** What a run of a verification shows: decided by how it ended, never by what it wrote. */
export function resultOfRun({ ended }: Pick<CheckSeen, 'ended'>): RunResult {
  if (ended === null) return is('unobserved', 'it has not ended');
  if (ended === 'cancelled') return is('unobserved', 'it was stopped before it had ended');
  switch (ended.kind) {
    case 'exited':
      return ofExit({ code: ended.code });
    case 'signaled':
      return ofExit({ signal: ended.signal });
    case 'stopped':
      return ofStop(ended.reason);
    case 'spawn_failed':
      return is('infrastructure', `it could not be started: ${ended.detail}`);
    case 'lost':
      return is('infrastructure', `it was lost (${ended.how}): how it ended is not known`);
    case 'voided':
      return is('infrastructure', 'it was never started');
    // A verification is a command: what is no end of one tells nothing about the work.
    default:
      return is(
        'infrastructure',
        `it ended as no command does (${ended.kind.replaceAll('_', ' ')})`,
      );
  }
}

/** A shell tells of a signal that ended its last command as 128 and the number of the signal. */
const BY_SHELL = 128;
const KILL = 9;
const KILLED = 'it was ended by SIGKILL, perhaps for want of memory';

function ofExit(exit: Exit): RunResult {
  if ('signal' in exit)
    return exit.signal === 'SIGKILL'
      ? is('infrastructure', KILLED)
      : is('failed', `it was ended by ${exit.signal}`);
  switch (exit.code) {
    case 0:
      return is('passed', 'it ended with exit code 0');
    case 126:
      return is('infrastructure', 'its command cannot be executed (exit code 126)');
    case 127:
      return is('infrastructure', 'its command was not found (exit code 127)');
    case BY_SHELL + KILL:
      return is('infrastructure', KILLED);
    default:
      return is('failed', `it ended with exit code ${exit.code}`);
  }
}

function ofStop(reason: StopReason): RunResult {
  switch (reason) {
    case 'timed_out':
      return is('timed_out', 'it did not end within its time limit');
    case 'idle':
    case 'no_first_output':
      return is('timed_out', 'it was silent for too long');
    case 'output_limit':
      return is('failed', 'it wrote more than is kept of a task');
    default:
      return is(
        'unobserved',
        `it was stopped before it had ended (${reason.replaceAll('_', ' ')})`,
      );
  }
}
