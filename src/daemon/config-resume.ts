import { z } from 'zod';
import { namedZone, UTC } from '../domain/civil.ts';
import type { ResumePolicy } from '../domain/holds.ts';
import { quietHours, resumePolicy } from '../domain/quiet.ts';

const NO_HOURS = 'is no span of hours; write "22:00-07:00", or "" for none';

/** `[resume]`: tasks that a limit had put back. */
export const resumeSchema = z.strictObject({
  automatic: z.boolean({ error: 'must be true or false' }).prefault(true).meta({
    description:
      'Tasks that a limit put back start again by themselves when it is over; otherwise only `tend agents release` lets them.',
  }),
  quiet: z
    .string({ error: NO_HOURS })
    .refine((given) => given === '' || quietHours(given) !== null, NO_HOURS)
    .prefault('')
    .meta({
      description:
        'Hours of each day, in the time zone of the machine, in which they do not: "22:00-07:00"; "" = none.',
    }),
});

export type ResumeConfig = z.output<typeof resumeSchema>;

/** What holds at a moment (epoch ms) by the clock of this machine. */
export function resumeNow({ automatic, quiet }: ResumeConfig, now: number): ResumePolicy {
  const hours = quietHours(quiet);
  // To ask for the zone costs more than all else of a claim.
  return hours === null
    ? { automatic, quietUntil: null }
    : resumePolicy({ automatic, quiet: hours }, machineZone(), now);
}

/** The zone of the clock on the wall here. */
const machineZone = () => namedZone(Intl.DateTimeFormat().resolvedOptions().timeZone) ?? UTC;
