/** `tend retry`: an ended task again, as a new task that names the old one. */
import type { Command } from 'commander';
import type { Common, Context } from './context.ts';
import { capturedEnvironment } from './environment.ts';
import { foreground } from './foreground.ts';
import { common, oneIdArgument, text } from './options.ts';

interface Options extends Common {
  wait?: boolean;
  freshEnv?: boolean;
  feedback?: string;
  agent?: string;
}

const EXAMPLES = `
The old task stays as it is; the new one has the same command or prompt, folder
and environment. An agent begins a new session; tend resume goes on with it.

Examples:
  tend retry t-7k2m9q4x
  tend retry --wait --fresh-env t-7k
  tend retry --feedback "The test is still red" t-7k
  tend retry --agent codex t-7k`;

export function define(command: Command, context: Context): void {
  common(command, 'the new id only')
    .description('Run an ended task again, as a new task.')
    .argument('<task>', 'its id, or the beginning of it', oneIdArgument)
    .option('-w, --wait', 'show its output, end with its exit code')
    .option('--fresh-env', 'with the environment of this shell')
    .option('--feedback <text>', 'what an agent is told was wrong', text('--feedback'))
    .option('--agent <name>', 'the same prompt for another agent', text('--agent'))
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: Options) => {
      context.exitCode = await retry(context, id, options);
    });
}

async function retry(context: Context, id: string, options: Options): Promise<number> {
  const { json = false, quiet = false, feedback, agent } = options;
  const input = {
    id,
    ...(feedback !== undefined && { feedback }),
    ...(agent !== undefined && { agent }),
    ...(options.freshEnv === true && { env: capturedEnvironment(context.env) }),
  };
  const client = await context.connect();
  if (options.wait === true) {
    const { output, kind } = await client.show({ id });
    return foreground(context, () => client.retry(input), {
      json,
      quiet,
      split: output.stderrPath !== null,
      agent: kind === 'agent',
      promoteAfter: null,
    });
  }
  const task = await client.retry(input, { signal: context.signal });
  if (json) await context.out.json(task);
  else await context.out.line(task.id);
  if (!json && !quiet)
    await context.err.line(
      `  tend wait ${task.id}  ${context.err.paint('dim', 'wait for its end')}`,
    );
  return 0;
}
