/** `tend kill`: ends tasks at once; works in every state. */
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { idArgument, common } from './options.ts';
import { stopAll, type StopOptions } from './stopping.ts';

export function define(command: Command, context: Context): void {
  common(command)
    .description('End tasks at once, in whatever state they are.')
    .argument('<task...>', 'ids, or the beginnings of them', idArgument)
    .option('--tree', 'the tasks that they started, too')
    .option('-w, --wait', 'until they have ended')
    .action((ids: string[], options: StopOptions) =>
      stopAll(context, ids, options, (client, id) =>
        client.kill({ id, ...(options.tree === true && { tree: true }) }),
      ),
    );
}
