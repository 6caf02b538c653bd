/** The options of `tend run` about the place and the work of a task. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { textOf } from './asking.ts';
import { usage } from './failure.ts';
import { oneOf, text, texts, time, whole } from './options.ts';
import { type WorkWire, workWire, type WorkWords } from './work-words.ts';

/** Parsed; durations in milliseconds. */
export type WorkOptions = Omit<WorkWords, 'verifyTimeout'> & { verifyTimeout?: number };

const MOST = 100;

export function workOptions(command: Command): void {
  command
    .optionsGroup('Its work, in a git repository:')
    .option('--worktree [branch]', 'in a work tree of its own (default branch: tend/<id>)')
    .option(
      '--base <revision>',
      'what that starts from (default: what is checked out)',
      text('--base'),
    )
    .option('--setup <command>', 'run this once in a new work tree', text('--setup'))
    .option('--in-place', 'in the folder itself, alone in it; its work is saved')
    .option('--verify <command>', 'what says that it is good; auto, none', text('--verify'))
    .option(
      '--verify-timeout <duration>',
      'longest run of that (default 10m)',
      time('--verify-timeout'),
    )
    .option(
      '--verify-from <whose>',
      'whose tests count where it changed them: saved (both), base',
      oneOf('--verify-from', ['saved', 'base']),
    )
    .option('--fix <n>', 'further attempts when that fails', whole('--fix', 0, MOST))
    .option('--fix-prompt <text>', 'what those are told, or @file', text('--fix-prompt'))
    .option('--iterate <n>', 'with --eval: at most n attempts', whole('--iterate', 1, MOST))
    .option('--eval <command>', 'what says that it is good', text('--eval'))
    .option('--judge <agent>', 'another one looks at it: agent or agent:model', text('--judge'))
    .option(
      '--judge-rounds <n>',
      'most times it is sent back (default 2)',
      whole('--judge-rounds', 1, 20),
    )
    .option('--review', 'it waits until you accept it')
    .option(
      '--scope <pattern>',
      'what it may change without a review; may be repeated',
      texts('--scope'),
    )
    .option('--check <point>', 'a point its answer must take up; may be repeated', texts('--check'))
    .option(
      '--best-of <n>',
      'n attempts, each from the base; the best one wins',
      whole('--best-of', 2, 5),
    )
    .option(
      '--metric <command>',
      'prints how good an attempt is; more is better',
      text('--metric'),
    );
}

/** As it is written on the command line. */
const flagOf = (word: string): string =>
  `--${word.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`)}`;

/** What is submitted; paths are relative to `cwd`. */
export function workIn(options: WorkOptions, cwd: string): WorkWire {
  const { verifyTimeout, fixPrompt, worktree, ...rest } = options;
  const words: WorkWords = {
    ...rest,
    ...(worktree !== undefined && { worktree: worktree === '' ? true : worktree }),
    ...(verifyTimeout !== undefined && { verifyTimeout: `${verifyTimeout}ms` }),
    ...(fixPrompt !== undefined && {
      fixPrompt: /^@./.test(fixPrompt)
        ? textOf(resolve(cwd, fixPrompt.slice(1)), '--fix-prompt')
        : fixPrompt,
    }),
  };
  return workWire(words, {
    name: flagOf,
    refuse: (_word, message, hint) => usage(message, hint),
  });
}
