import { type Hold, keptBy, type ResumePolicy } from './holds.ts';

/** Holds that keep something from being used now, as the policy makes them: how long really, and in which words. */
export const asTheyStand = (holds: readonly Hold[], policy: ResumePolicy, now: number): Hold[] =>
  holds.flatMap((hold) => {
    const kept = keptBy(hold, policy, now);
    return kept === null ? [] : [{ ...hold, retryAt: kept.freeAt, reason: kept.reason }];
  });

/** When something may be used again by itself (epoch ms); null = nothing is held, or nothing until a person acts. */
export function releaseAt(
  holds: readonly Hold[],
  policy: ResumePolicy,
  now: number,
): number | null {
  const times = asTheyStand(holds, policy, now).flatMap(({ retryAt }) => retryAt ?? []);
  return times.length === 0 ? null : Math.min(...times);
}
