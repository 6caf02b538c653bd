import { TendError } from '../../domain/errors.ts';
import { isCode } from './beside.ts';
import { GitError } from './run.ts';
import { complaintIn } from './survey.ts';

/** Something stands in the way for good: one sentence with the reason. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const FULL = /No space left on device|Disk quota exceeded/;

/**
 * What passes by itself: another git that is at work, a work tree that one has begun to make, a branch that somebody
 * made just now, a machine short of everything.
 */
const PASSES =
  /\.lock'?: File exists|failed to read .*worktrees\/|Unable to create '.*\.lock'|another git process|' already exists$|branch named .* already exists|cannot fork|Resource temporarily unavailable|out of memory|Input\/output error|ended by SIG/im;

/** The same failure as a refusal where it is one for good, in words where the disk is full, otherwise itself. */
export function explained(error: unknown, path: string): unknown {
  const said = error instanceof GitError ? error.stderr : '';
  if (isCode(error, 'ENOSPC', 'EDQUOT') || FULL.test(said))
    return new TendError(
      'disk_full',
      `There is no space left for the work tree ${path}.`,
      'Free some space; the task starts by itself afterwards.',
      error,
    );
  if (isCode(error, 'ENAMETOOLONG'))
    return new Refused(`The name of the branch is too long for a folder: ${path}.`);
  if (error instanceof GitError && !PASSES.test(said))
    return new Refused(`git cannot make ${path} ready: ${lastComplaint(said)}`);
  return error;
}

/** The line that says why: the progress that git tells comes before it. */
function lastComplaint(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return complaintIn(lines.find((line) => /^(?:fatal|error): /.test(line)) ?? stderr);
}
