import { z } from 'zod';
import type { WorkAsk } from '../engine/facade.ts';
import { countField, durationField, lineText, MAX_COMMAND_BYTES, processText } from './fields.ts';

/** Most further attempts, and most attempts that compete. */
const MOST_FIXES = 100;
const MOST_RIVALS = 5;
const MOST_ROUNDS = 20;
const DEFAULT_ROUNDS = 2;

const globText = lineText(1_000);

const place = z.strictObject({
  kind: z.enum(['worktree', 'in_place']).meta({
    description:
      'A git work tree of its own; or the folder itself, alone in it, and its work is saved.',
  }),
  branch: lineText(244).optional().meta({
    description: 'Of its work tree; default: tend/<task>. One that is there is gone on with.',
  }),
  base: lineText(1_000).optional().meta({
    description: 'Revision that the work starts from; default: what is checked out.',
  }),
  setup: processText(MAX_COMMAND_BYTES).min(1).optional().meta({
    description: 'A line for the shell, run once in a new work tree.',
  }),
});

const judge = z.strictObject({
  agent: lineText(64),
  model: lineText(200).optional(),
});

/** Where a task works and what is asked of its work; the same names at all doors. */
export const workFields = {
  workspace: place.optional().meta({
    description:
      'Where it works, in a git repository; default: as configured, and a work tree where anything is asked of the work.',
  }),
  verify: processText(MAX_COMMAND_BYTES).min(1).optional().meta({
    description:
      'A line for the shell that says by exit code 0 that the work is good, run in a clean checkout of it; auto = what the repository says itself; none.',
  }),
  verifyTimeout: durationField.optional().meta({ description: 'Longest verification (10m).' }),
  verifyFrom: z.enum(['saved', 'base']).default('saved').meta({
    description:
      'Whose tests and scripts count where the task changed them: both must pass, or those of the base alone.',
  }),
  fix: countField(0, MOST_FIXES).default(0).meta({
    description: 'Further attempts after a failed verification, each told what failed.',
  }),
  fixPrompt: processText(100_000).min(1).optional().meta({
    description:
      'What those are told, with {output}, {iteration} and {max_iterations}; default: our own words.',
  }),
  judge: judge.optional().meta({ description: 'Another agent that looks at the work.' }),
  judgeRounds: countField(1, MOST_ROUNDS).default(DEFAULT_ROUNDS).meta({
    description: 'Most times that the judge may send the work back.',
  }),
  review: z.boolean().optional().meta({
    description: 'The work waits until a person accepts it; default: as configured.',
  }),
  scope: z.array(globText).max(100).default([]).meta({
    description: 'Patterns of what may be changed; anything else needs a review.',
  }),
  checklist: z.array(lineText(1_000)).max(50).default([]).meta({
    description: 'Points that the answer of the agent must take up, each with evidence.',
  }),
  bestOf: countField(1, MOST_RIVALS).default(1).meta({
    description: 'So many attempts, each from the base; the best verified one is the result.',
  }),
  metric: processText(MAX_COMMAND_BYTES).min(1).optional().meta({
    description: 'A line for the shell; the last number it prints tells how good: more is better.',
  }),
} as const;

type Given = z.output<z.ZodObject<typeof workFields>>;

/** What says nothing without the other. */
const NEEDS: readonly [keyof Given, (given: Given) => boolean, string][] = [
  ['verifyTimeout', ({ verify }) => verify !== undefined, 'says nothing without verify'],
  ['fixPrompt', ({ fix }) => fix > 0, 'says nothing without fix'],
  ['metric', ({ bestOf }) => bestOf > 1, 'says nothing without bestOf'],
];

/** For `superRefine`: what contradicts itself. */
export function checkWork(given: Given, context: Pick<z.RefinementCtx, 'addIssue'>): void {
  const refuse = (path: keyof Given, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  for (const [name, isThere, message] of NEEDS)
    if (given[name] !== undefined && !isThere(given)) refuse(name, message);
  if (given.verifyTimeout !== undefined && given.verifyTimeout <= 0)
    refuse('verifyTimeout', 'must be more than 0');
}

/** The input as the engine takes it; undefined = nothing is said. */
export function workAskOf(given: Given): WorkAsk | undefined {
  const { workspace, verify, verifyTimeout, fixPrompt, judge: who, review, metric } = given;
  const { verifyFrom, fix, judgeRounds, scope, checklist, bestOf } = given;
  const said = [workspace, verify, verifyTimeout, who, review, metric].some(
    (one) => one !== undefined,
  );
  if (!said && fix === 0 && bestOf === 1 && scope.length + checklist.length === 0) return undefined;
  return {
    workspace:
      workspace === undefined
        ? null
        : {
            kind: workspace.kind,
            branch: workspace.branch ?? null,
            base: workspace.base ?? null,
            setup: workspace.setup ?? null,
          },
    checks: {
      verify: verify ?? null,
      verifyTimeout: verifyTimeout ?? null,
      verifyFrom,
      fix,
      template: fixPrompt ?? null,
      judge: who === undefined ? null : { agent: who.agent, model: who.model ?? null },
      judgeRounds,
      review: review ?? null,
      scope,
      checklist,
      bestOf,
      metric: metric ?? null,
    },
  };
}
