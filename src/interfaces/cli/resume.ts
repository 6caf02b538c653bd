/** `tend resume`: the session of an ended agent's task, gone on with as a new task. */
import type { Command } from 'commander';
import type { Common, Context } from './context.ts';
import { capturedEnvironment } from './environment.ts';
import { foreground } from './foreground.ts';
import { common, oneIdArgument } from './options.ts';

interface Options extends Common {
  wait?: boolean;
  freshEnv?: boolean;
}

const EXAMPLES = `
When the session cannot be loaded any more, the new task begins a fresh one from
the old prompt, what was answered, and what you say now.

Examples:
  tend resume t-7k2m9q4x
  tend resume --wait t-7k "Now add a test for it"`;

export function define(command: Command, context: Context): void {
  common(command, 'the new id only')
    .description("Go on with the session of an ended agent's task.")
    .argument('<task>', 'its id, or the beginning of it', oneIdArgument)
    .argument('[text...]', 'what the agent is told (default: to go on)')
    .option('-w, --wait', 'show what it does, end when it ends')
    .option('--fresh-env', 'with the environment of this shell')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, words: string[], options: Options) => {
      context.exitCode = await resume(context, id, words.join(' '), options);
    });
}

async function resume(
  context: Context,
  id: string,
  text: string,
  options: Options,
): Promise<number> {
  const { json = false, quiet = false } = options;
  const input = {
    id,
    ...(text.trim() !== '' && { text }),
    ...(options.freshEnv === true && { env: capturedEnvironment(context.env) }),
  };
  if (options.wait === true)
    return foreground(context, (client) => client.resume(input), {
      json,
      quiet,
      split: true,
      agent: true,
      promoteAfter: null,
    });
  const client = await context.connect();
  const task = await client.resume(input, { signal: context.signal });
  if (json) await context.out.json(task);
  else await context.out.line(task.id);
  if (!json && !quiet)
    await context.err.line(
      `  tend wait ${task.id}  ${context.err.paint('dim', 'wait for its end')}`,
    );
  return 0;
}
