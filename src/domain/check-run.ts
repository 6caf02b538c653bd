import type { CheckKind } from './checks.ts';
import type { CheckSeen } from './evidence.ts';

/** Which check is meant: `attempt` null = of whichever attempt it was asked. */
export interface Wanted {
  attempt: number | null;
  what: CheckKind;
  nth: number;
  commit: string;
}

/** What has to come before more can be said. */
export type Pending =
  | { kind: 'due'; what: CheckKind; nth: number; commit: string }
  | { kind: 'running'; check: CheckSeen };

export type EndedCheck = CheckSeen & { ended: Exclude<CheckSeen['ended'], null> };

const hasEnded = (check: CheckSeen): check is EndedCheck => check.ended !== null;

/** A check that has ended, or what comes first. */
export function runOf(
  checks: readonly CheckSeen[],
  { attempt, what, nth, commit }: Wanted,
): Pending | { kind: 'ended'; check: EndedCheck } {
  const check = checks.find(
    (one) =>
      one.what === what &&
      one.nth === nth &&
      one.commit === commit &&
      (attempt === null || one.attempt === attempt),
  );
  if (check === undefined) return { kind: 'due', what, nth, commit };
  return hasEnded(check) ? { kind: 'ended', check } : { kind: 'running', check };
}
