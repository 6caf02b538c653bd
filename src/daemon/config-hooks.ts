import { z } from 'zod';
import { HOOKS, type HookName } from '../domain/hook.ts';

const WRONG = 'must be a command line in quotes, or a list of a program and its arguments';

const word = z.string({ error: WRONG }).refine((given) => !given.includes('\0'), {
  message: 'must not contain a NUL byte',
});
const command = z.union([word.min(1, WRONG), z.array(word).min(1, WRONG)], { error: WRONG });

const DESCRIPTIONS: Record<HookName, string> = {
  before_run:
    'Called before each attempt, with JSON on stdin; when it ends with another code than 0, the task is cancelled, and the first line that it wrote is the reason.',
  after_end: 'Called when a task has ended, with JSON on stdin.',
  on_fail: 'Called when a task has failed, with JSON on stdin.',
  on_question: 'Called when somebody is asked something, with JSON on stdin.',
};

const called = (name: HookName) => command.optional().meta({ description: DESCRIPTIONS[name] });

/** Lines for /bin/sh, or programs with their arguments. */
export const hooksSchema = z.strictObject({
  before_run: called('before_run'),
  after_end: called('after_end'),
  on_fail: called('on_fail'),
  on_question: called('on_question'),
});

export type HooksConfig = z.output<typeof hooksSchema>;

/** By their dotted names, as they would be written. */
export const flatHooks = (hooks: HooksConfig): Record<string, string> =>
  Object.fromEntries(
    HOOKS.flatMap((name) => {
      const given = hooks[name];
      if (given === undefined) return [];
      return [[`hooks.${name}`, typeof given === 'string' ? given : JSON.stringify(given)]];
    }),
  );
