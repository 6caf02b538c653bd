import { type Pending, runOf } from './check-run.ts';
import type { CheckKind, VerifySpec } from './checks.ts';
import { endOf } from './cut.ts';
import type { CheckSeen } from './evidence.ts';
import { failingIn, sameFailure } from './failures.ts';
import type { Saved, VerificationFacts } from './product.ts';
import type { TaskId } from './task.ts';
import { resultOfRun, type RunResult } from './verification.ts';

/** Longest end of an output that is recorded, in characters. */
const LONGEST_TAIL = 4_000;

/** The work whose verification is asked for. */
export interface Verified {
  /** Attempt that made it. */
  attempt: number;
  saved: Saved;
  /** Commit that it began from; null = it is not known. */
  base: string | null;
}

/** What a verification came to, that was run once more where it failed. */
interface Tried extends RunResult {
  kind: 'tried';
  flaky: boolean;
  text: string;
  runs: readonly TaskId[];
}

type Found = { kind: 'found'; facts: VerificationFacts };

/**
 * What the verification of the saved work came to, or what has to be run first. What passes only with checks that the
 * task itself changed, or where it changed nothing, and what the base fails in the same way, is not observed.
 */
export function verifying(
  checks: readonly CheckSeen[],
  work: Verified,
  { from }: VerifySpec,
): Pending | Found {
  const { attempt, saved } = work;
  const { honest } = saved;
  if (from === 'base' && honest !== null) {
    const tried = twice(checks, attempt, 'honest', honest);
    return tried.kind === 'tried' ? judged(checks, work, tried, WITH_BASE) : tried;
  }
  const tried = twice(checks, attempt, 'verify', saved.commit);
  if (tried.kind !== 'tried') return tried;
  if (tried.result === 'passed' && saved.change.files === 0)
    return found(saved, tried, 'unobserved', NOTHING_CHANGED);
  const isSuspect = honest !== null || saved.suspects.length > 0;
  if (tried.result !== 'passed' || !isSuspect) return judged(checks, work, tried, null);
  if (honest === null) return found(saved, tried, 'unobserved', ONLY_CHECKS);
  const again = twice(checks, attempt, 'honest', honest);
  if (again.kind !== 'tried') return again;
  const both = {
    ...again,
    flaky: tried.flaky || again.flaky,
    runs: [...tried.runs, ...again.runs],
  };
  if (again.result === 'passed') return found(saved, both, 'passed', null);
  const why = again.result === 'failed' ? OWN_CHECKS : `${NOT_TRIED}: ${again.detail}`;
  return found(saved, both, 'unobserved', why);
}

const WITH_BASE = 'it was run with the checks as they were in the base';
const OWN_CHECKS = 'it passes only with the checks that the task itself changed';
const NOT_TRIED = 'the task changed its own checks, and those of the base could not be run';
const NOTHING_CHANGED = 'it changed nothing, so what passes is the base';
const ONLY_CHECKS = 'all that the task changed is what checks it';
const FAILS_ALIKE = 'the base fails in the same way';

/** It fails as the base does: nobody's fault, but no success either. */
export const isOldFailure = ({ detail }: VerificationFacts): boolean => detail === FAILS_ALIKE;

/** Whether what was run failed, whoever's fault that is. */
export const hasFailed = (facts: VerificationFacts): boolean =>
  facts.result === 'failed' || isOldFailure(facts);

/** A failure is nobody's fault where the base fails alike. */
function judged(
  checks: readonly CheckSeen[],
  { saved, base }: Verified,
  tried: Tried,
  detail: string | null,
): Pending | Found {
  if (tried.result === 'passed') return found(saved, tried, 'passed', detail);
  if (tried.result !== 'failed') return found(saved, tried, tried.result, tried.detail);
  if (base === null) return found(saved, tried, 'failed', detail);
  const before = runOf(checks, { attempt: null, what: 'baseline', nth: 1, commit: base });
  if (before.kind !== 'ended') return before;
  const { check } = before;
  const isOld = resultOfRun(check).result === 'failed' && failedBefore(tried.text, check.text);
  return isOld
    ? found(saved, tried, 'unobserved', FAILS_ALIKE)
    : found(saved, tried, 'failed', detail);
}

/** Whether everything that fails failed before; where no names are told, whether it looks the same. */
function failedBefore(text: string, before: string): boolean {
  const names = failingIn(text);
  const known = failingIn(before);
  return names.length > 0 && known.length > 0
    ? names.every((name) => known.includes(name))
    : sameFailure(text, before);
}

/** A first failure is believed only once a second run has failed to pass. */
function twice(
  checks: readonly CheckSeen[],
  attempt: number,
  what: CheckKind,
  commit: string,
): Pending | Tried {
  const first = runOf(checks, { attempt, what, nth: 1, commit });
  if (first.kind !== 'ended') return first;
  const tried = triedIn(first.check);
  if (tried.result !== 'failed') return tried;
  const second = runOf(checks, { attempt, what, nth: 2, commit });
  if (second.kind !== 'ended') return second;
  const again = triedIn(second.check);
  const runs = [...tried.runs, ...again.runs];
  if (again.result === 'passed') return { ...again, flaky: true, runs };
  return { ...(again.result === 'failed' ? again : tried), runs };
}

const triedIn = (check: CheckSeen): Tried => ({
  kind: 'tried',
  ...resultOfRun(check),
  flaky: false,
  text: check.text,
  runs: [check.id],
});

function found(
  { tree }: Saved,
  { flaky, text, runs, result: told }: Tried,
  result: VerificationFacts['result'],
  detail: string | null,
): Found {
  const isBad = told !== 'passed';
  return {
    kind: 'found',
    facts: {
      result,
      tree,
      flaky,
      detail,
      tail: isBad ? endOf(text, LONGEST_TAIL) : '',
      failing: told === 'failed' ? failingIn(text) : [],
      runs,
    },
  };
}
