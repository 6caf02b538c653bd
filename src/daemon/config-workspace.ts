/** `[workspace]`: where agents work, and what is asked of their work. */
import { z } from 'zod';
import { DENIED } from '../domain/globs.ts';
import { duration } from '../domain/duration.ts';
import type { WorkspaceSettings } from '../engine/context.ts';
import { flag, list, oneOf, quoted } from './config-agent-values.ts';
import { durationText } from './size.ts';

const DAY = 86_400_000;
const NO_DURATION = 'is no duration; write "90s", "10m" or "2h"';
const MOST_DAYS = 3_650;
const days = `must be a whole number of days from 0 to ${MOST_DAYS}`;

const globs = list(quoted('a pattern'), 'patterns, as in ["docs/**", "*.md"]');
const inside = quoted('a path')
  .refine((given) => !given.startsWith('/'), 'must be a path inside of the repository')
  .refine((given) => !given.split('/').includes('..'), 'must not lead out of the repository');

/** Of the person. */
export const workspaceSchema = z.strictObject({
  agents: oneOf(['none', 'worktree', 'in_place']).prefault('none').meta({
    description:
      'Where an agent works that is started in a repository and was not told: "none" = in the folder, "worktree" = in a work tree of its own, "in_place" = in the checkout, alone and saved.',
  }),
  setup: quoted('a command line').optional().meta({
    description: 'Run by the shell once in each new work tree, before anything else.',
  }),
  links: list(inside, 'folders, as in ["node_modules"]')
    .prefault(['node_modules', '.venv', 'target'])
    .meta({
      description:
        'Ignored folders of the checkout that a new work tree is linked to, so that nothing is installed twice.',
    }),
  keep_ignored: globs.prefault([]).meta({
    description: 'Ignored files that are saved all the same: patterns.',
  }),
  verify: quoted('a command line, "auto" or "none"').prefault('none').meta({
    description:
      'What verifies the work: a command line, "auto" = what the repository says itself, "none".',
  }),
  verify_timeout: z
    .union([z.string(), z.number()], { error: NO_DURATION })
    .transform((given, context) => {
      const ms = duration(given);
      if (ms !== null && ms > 0 && ms <= DAY) return ms;
      const message = ms === null ? NO_DURATION : 'must be more than 0 and at most 24h';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .prefault('10m')
    .meta({ description: 'Longest run of a verification.' }),
  review: flag.prefault(false).meta({
    description: 'Work in a work tree waits for `tend accept`.',
  }),
  denied: globs.prefault([...DENIED]).meta({
    description: 'What nobody changes without a review: patterns.',
  }),
  trash_days: z
    .int({ error: days })
    .min(0, { error: days })
    .max(MOST_DAYS, { error: days })
    .prefault(30)
    .meta({ description: 'Work trees that were taken away can be brought back for so long.' }),
  merge_message: quoted('a text').optional().meta({
    description: 'What the commit of `tend merge` says; see the guide for what is filled in.',
  }),
});

/** Of what the person denied, a project excepts nothing. */
const onlyMore = list(
  quoted('a pattern').refine(
    (given) => !given.trim().startsWith('!'),
    'must not be an exception: a project can only deny more',
  ),
  'patterns, as in ["migrations/**"]',
);

/** Of a project: nothing that runs, and nothing that lets more pass. */
export const projectWorkspaceSchema = z.strictObject({
  review: flag.prefault(false).meta({
    description: 'Work in a work tree waits for `tend accept`; false changes nothing.',
  }),
  denied: onlyMore.prefault([]).meta({
    description: 'What nobody changes without a review, besides what the person said: patterns.',
  }),
});

export type WorkspaceConfig = WorkspaceSettings & { trashAfter: number };

/** What the section means. */
export const workspaceOf = (file: z.output<typeof workspaceSchema>): WorkspaceConfig => ({
  agents: file.agents,
  setup: file.setup ?? null,
  links: file.links,
  keepIgnored: file.keep_ignored,
  verify: file.verify,
  verifyTimeout: file.verify_timeout,
  review: file.review,
  denied: file.denied,
  mergeMessage: file.merge_message ?? null,
  trashAfter: file.trash_days * DAY,
});

/** With what a project adds. */
export const narrowWorkspace = (
  person: WorkspaceConfig,
  { review, denied }: z.output<typeof projectWorkspaceSchema>,
): WorkspaceConfig => ({
  ...person,
  review: person.review || review,
  denied: [...new Set([...person.denied, ...denied])],
});

/** As it would be written in the file: patterns may have commas. */
const written = (items: readonly string[]): string =>
  `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;

/** The effective values by their names in the file. */
export const flatWorkspace = (
  given: WorkspaceConfig,
): Record<string, string | number | boolean | null> => ({
  'workspace.agents': given.agents,
  'workspace.setup': given.setup,
  'workspace.links': written(given.links),
  'workspace.keep_ignored': written(given.keepIgnored),
  'workspace.verify': given.verify,
  'workspace.verify_timeout': durationText(given.verifyTimeout),
  'workspace.review': given.review,
  'workspace.denied': written(given.denied),
  'workspace.trash_days': given.trashAfter / DAY,
  'workspace.merge_message': given.mergeMessage,
});
