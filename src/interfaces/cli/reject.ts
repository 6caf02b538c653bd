/** `tend reject`: send the work of a task back, or end it. */
import { resolve } from 'node:path';
import { text as allOf } from 'node:stream/consumers';
import type { Command } from 'commander';
import { textOf } from './asking.ts';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';
import { common, oneIdArgument, text } from './options.ts';
import { reviewAll } from './reviewing.ts';

interface Options extends Common {
  feedback?: string;
  end?: boolean;
}

const EXAMPLES = `
A further attempt goes on where the work is and is told what you say. Of a task
that has ended, a new task is made, which goes on in the same work tree. With
--end the task fails instead; its work stays saved.

Examples:
  tend reject t-7k2m9q4x --feedback "The empty file is not handled"
  tend reject t-7k --feedback @review.md
  tend reject t-7k --end`;

export function define(command: Command, context: Context): void {
  common(command, 'the id only')
    .description('Send the work of a task back with what is wrong, or end it.')
    .argument('<task>', 'its id, or the beginning of it', oneIdArgument)
    .option('--feedback <text>', 'what is wrong; @file, or - for stdin', text('--feedback'))
    .option('--end', 'no further attempt: the task fails')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: Options) => {
      const end = options.end === true;
      if (options.feedback === undefined && !end)
        throw usage(
          'a further attempt must be told what is wrong',
          `Say it, as in: tend reject ${id} --feedback "…"; or want no further attempt with --end`,
        );
      const feedback = await feedbackOf(options.feedback, context);
      await reviewAll(context, [id], options, (client, task) =>
        client.reject({
          id: task,
          ...(feedback !== undefined && { feedback }),
          ...(end && { end }),
        }),
      );
    });
}

async function feedbackOf(given: string | undefined, context: Context) {
  const said =
    given === '-'
      ? await allOf(process.stdin)
      : given !== undefined && /^@./.test(given)
        ? textOf(resolve(context.cwd(), given.slice(1)), '--feedback')
        : given;
  if (said?.trim() === '') throw usage('the feedback is empty', 'Say what is wrong.');
  return said;
}
