/** `tend stop`: politely, and after the grace by force; works in every state. */
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { idArgument, common, time } from './options.ts';
import { stopAll, type StopOptions } from './stopping.ts';

const EXAMPLES = `
Answers as soon as the stop is recorded; --wait when the tasks have ended.

Examples:
  tend stop t-7k2m9q4x
  tend stop --tree --grace 30s --wait t-7k`;

export function define(command: Command, context: Context): void {
  common(command)
    .description('Stop tasks, in whatever state they are: politely, after the grace by force.')
    .argument('<task...>', 'ids, or the beginnings of them', idArgument)
    .option('--tree', 'the tasks that they started, too')
    .option('--grace <duration>', "from stop to kill (default: the task's own)", time('--grace'))
    .option('-w, --wait', 'until they have ended')
    .addHelpText('after', EXAMPLES)
    .action((ids: string[], options: StopOptions) =>
      stopAll(context, ids, options, (client, id) =>
        client.stop({
          id,
          ...(options.tree === true && { tree: true }),
          ...(options.grace !== undefined && { grace: `${options.grace}ms` }),
        }),
      ),
    );
}
