/** What a batch file says of the place and of the work of a task: as `tend run`, with `_` for `-`. */
import { z } from 'zod';
import { flag, line, oneOf, oneOrMore, span, text, whole } from './batch-values.ts';
import { type Speaker, type WorkWire, workWire, type WorkWords } from './work-words.ts';

const MOST = 100;

export const WORK_KEYS = {
  worktree: z
    .union([z.boolean(), line('a branch', 244)], {
      error: 'must be true, or the name of a branch in quotes',
    })
    .meta({ description: 'In a git work tree of its own; true, or the name of its branch.' }),
  base: line('a revision', 1_000).meta({ description: 'What its work tree starts from.' }),
  in_place: flag.meta({ description: 'In the folder itself, alone in it; its work is saved.' }),
  setup: text('a command line').meta({ description: 'Run once in a new work tree.' }),
  verify: text('a command line').meta({
    description: 'What says by its exit code that the work is good; "auto", "none".',
  }),
  verify_timeout: span.meta({ description: 'Longest verification.' }),
  verify_from: oneOf(['saved', 'base']).meta({
    description: 'Whose tests count where the task changed them: "saved" (both), or "base".',
  }),
  fix: whole(0, MOST).meta({ description: 'Further attempts when the verification fails.' }),
  fix_prompt: text('a text').meta({ description: 'What those are told.' }),
  iterate: whole(1, MOST).meta({ description: 'With eval: at most so many attempts.' }),
  eval: text('a command line').meta({ description: 'With iterate: what says that it is good.' }),
  judge: line('an agent', 300).meta({ description: 'Who looks at the work: agent, agent:model.' }),
  judge_rounds: whole(1, 20).meta({ description: 'Most times that the judge sends it back.' }),
  review: flag.meta({ description: 'It waits until you accept it.' }),
  scope: oneOrMore('patterns').meta({ description: 'What it may change without a review.' }),
  best_of: whole(2, 5).meta({ description: 'So many attempts, each from the base.' }),
  metric: text('a command line').meta({ description: 'Prints how good an attempt is.' }),
} as const;

export const POINTS = oneOrMore('points').meta({
  description: 'Points that the answer of the agent must take up, each with evidence.',
});

type Given = { [K in keyof typeof WORK_KEYS]?: z.output<(typeof WORK_KEYS)[K]> | undefined } & {
  check?: z.output<typeof POINTS> | undefined;
};

const listed = (given: string | string[] | undefined): string[] | undefined =>
  typeof given === 'string' ? [given] : given;

const keyOf = (word: string): string => word.replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`);

/** What is submitted; `refuse` is given the key that is wrong. */
export function workOf(
  given: Given,
  refuse: (key: string, message: string, hint: string) => Error,
): WorkWire {
  const { in_place, verify_timeout, verify_from, fix_prompt, judge_rounds, best_of } = given;
  const { worktree, base, setup, verify, fix, iterate, judge, review, metric } = given;
  const words: WorkWords = {
    worktree,
    base,
    setup,
    verify,
    fix,
    iterate,
    judge,
    review,
    metric,
    eval: given.eval,
    inPlace: in_place,
    verifyTimeout: verify_timeout,
    verifyFrom: verify_from,
    fixPrompt: fix_prompt,
    judgeRounds: judge_rounds,
    scope: listed(given.scope),
    check: listed(given.check),
    bestOf: best_of,
  };
  const speaker: Speaker = {
    name: keyOf,
    refuse: (word, message, hint) => refuse(keyOf(word), message, hint),
  };
  return workWire(words, speaker);
}

/** The defaults that a task's own words leave standing: of those that contradict each other, its own count. */
export function standing<D extends Given>(defaults: D, own: Given): D {
  const gone: (keyof Given)[] = [
    ...(own.in_place === true ? (['worktree', 'base', 'setup'] as const) : []),
    ...(own.worktree !== undefined && own.worktree !== false ? (['in_place'] as const) : []),
    ...(own.iterate !== undefined ? (['verify', 'fix'] as const) : []),
    ...(own.verify !== undefined || own.fix !== undefined ? (['iterate', 'eval'] as const) : []),
  ];
  return Object.fromEntries(
    Object.entries(defaults).filter(([key]) => !gone.some((one) => one === key)),
  ) as D;
}
