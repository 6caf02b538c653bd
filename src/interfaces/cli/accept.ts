/** `tend accept`: take the work of tasks that wait for a review. */
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { common, idArgument } from './options.ts';
import { type Common, reviewAll } from './reviewing.ts';

const EXAMPLES = `
The task completes with the work as it is saved. It is brought into your branch
with tend merge.

Examples:
  tend accept t-7k2m9q4x
  tend accept t-7k t-9q`;

export function define(command: Command, context: Context): void {
  common(command)
    .description('Take the work of tasks that wait for your review.')
    .argument('<task...>', 'ids, or the beginnings of them', idArgument)
    .addHelpText('after', EXAMPLES)
    .action((ids: string[], options: Common) =>
      reviewAll(context, ids, options, (client, id) => client.accept({ id })),
    );
}
