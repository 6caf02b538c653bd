import { z } from 'zod';
import { CHECK_KINDS } from '../domain/checks.ts';
import { JUDGEMENTS } from '../domain/product.ts';
import { MERGE_HOWS, MERGE_STATES } from '../domain/merge.ts';
import { VERIFICATIONS } from '../domain/verdict.ts';
import { WORKSPACE_KINDS } from '../domain/workspace.ts';

const time = z.iso.datetime().meta({ description: 'UTC' });

const changed = z.object({ files: z.int(), insertions: z.int(), deletions: z.int() });

const mergeState = z
  .object({
    state: z.enum(MERGE_STATES),
    target: z.string(),
    how: z.enum(MERGE_HOWS),
    commit: z.string().meta({ description: 'What is merged.' }),
    from: z.string().nullable(),
    to: z.string().nullable().meta({ description: 'What the target is at then.' }),
    changed: changed.nullable(),
    verified: z.enum(['same', 'again', 'none']).meta({
      description: 'The same tree passed as the work; the merged tree was verified again; neither.',
    }),
    unverified: z.string().nullable().meta({ description: 'The reason to do without.' }),
    check: z.string().nullable().meta({ description: 'The task that verifies the merged tree.' }),
    detail: z.string().nullable(),
    paths: z.array(z.string()).meta({ description: 'In conflict, or in the way.' }),
    createdAt: time,
    endedAt: time.nullable(),
  })
  .meta({ id: 'TaskMerge' });

export const workspaceView = z
  .object({
    kind: z.enum(WORKSPACE_KINDS).nullable().meta({ description: 'Null = simply its folder.' }),
    repository: z.string().nullable(),
    branch: z.string().nullable(),
    path: z.string().nullable().meta({ description: 'Root of its work tree.' }),
    base: z.string().nullable().meta({ description: 'Commit that its work is compared with.' }),
    target: z.string().nullable().meta({ description: 'Branch that its work is meant for.' }),
    commit: z.string().nullable().meta({ description: 'What holds its work; null = not yet.' }),
    ref: z
      .string()
      .nullable()
      .meta({ description: 'Keeps that, and ignored files that are kept.' }),
    commits: z.int(),
    changed,
    unsaved: z.string().nullable().meta({ description: 'Why nothing could be saved.' }),
    touched: z.array(z.string()).meta({
      description: "Paths and branches of the person's checkout that changed while it ran.",
    }),
    merge: mergeState.nullable(),
    trashed: z
      .object({ at: time, path: z.string() })
      .nullable()
      .meta({ description: 'Its work tree was taken away; `undo` brings it back.' }),
  })
  .meta({ id: 'Workspace' });

const result = z.enum(VERIFICATIONS).exclude(['none']);

const verified = {
  result: result.nullable().meta({ description: 'Null = not yet.' }),
  flaky: z.boolean().meta({ description: 'Failed, then passed when it was run again.' }),
  detail: z.string().nullable(),
  failing: z.array(z.string()),
  tail: z.string().meta({ description: 'End of what a failed run wrote.' }),
  suspects: z.array(z.string()).meta({
    description: 'Tests, scripts and the like that the task itself changed.',
  }),
  runs: z.array(z.string()).meta({ description: 'The tasks that ran it.' }),
};

export const verificationView = z
  .object({
    command: z.string(),
    found: z.string().nullable().meta({ description: 'Where the command was found.' }),
    from: z.enum(['saved', 'base']),
    ...verified,
  })
  .meta({ id: 'Verification' });

const judged = {
  decision: z.enum(JUDGEMENTS).nullable().meta({ description: 'Null = not yet.' }),
  reasons: z.array(z.string()),
  run: z.string().nullable().meta({ description: "The judge's own task." }),
};

export const judgeView = z
  .object({ agent: z.string(), model: z.string().nullable(), rounds: z.int(), ...judged })
  .meta({ id: 'Judge' });

export const reviewView = z
  .object({
    required: z.boolean(),
    decision: z.enum(['accepted', 'rejected']).nullable(),
    at: time.nullable(),
    feedback: z.string().nullable(),
  })
  .meta({ id: 'Review' });

export const checklistView = z.array(
  z.object({
    item: z.string(),
    met: z.boolean().nullable().meta({ description: 'Null = not answered.' }),
    evidence: z.string(),
  }),
);

export const checkView = z
  .object({
    of: z.string(),
    attempt: z.int(),
    what: z.enum(CHECK_KINDS),
    commit: z.string(),
  })
  .meta({ id: 'CheckOf' });

export const bestView = z.object({
  attempt: z.int().nullable().meta({ description: 'The winner; null = not decided.' }),
  of: z.int(),
});

/** What an attempt made. */
export const attemptWork = {
  workspace: z
    .object({
      branch: z.string().nullable(),
      path: z.string(),
      commit: z.string().nullable(),
      ref: z.string().nullable(),
      on: z.enum(['branch', 'aside', 'unfinished']).nullable().meta({
        description: 'Whether the branch is at the commit.',
      }),
      commits: z.int(),
      changed,
      sinceLast: changed.meta({ description: 'From the attempt before.' }),
    })
    .nullable(),
  verification: z.object(verified).nullable(),
  judge: z.object(judged).nullable(),
  metric: z.number().nullable(),
  review: z
    .object({
      decision: z.enum(['accepted', 'rejected']),
      at: time,
      feedback: z.string().nullable(),
    })
    .nullable()
    .meta({ description: 'What a person said of it; null = nothing.' }),
};
