/** `tend undo`: bring back a work tree that was taken away. */
import type { Command } from 'commander';
import type { Common, Context } from './context.ts';
import { common, oneIdArgument } from './options.ts';
import { oneLine } from './text.ts';

const EXAMPLES = `
Work trees that tend rm or tend gc took away stay in the trash for 30 days
(workspace.trash_days), whole, with what was never committed. This works for
tasks that are forgotten, too.

Examples:
  tend undo t-7k2m9q4x`;

export function define(command: Command, context: Context): void {
  common(command, 'the path only')
    .description('Bring back the work tree of a task that was taken away.')
    .argument('<task>', 'its id, or the beginning of it', oneIdArgument)
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: Common) => {
      const { out } = context;
      const client = await context.connect();
      const found = await client.undo({ id }, { signal: context.signal });
      if (options.json === true) return out.json(found);
      if (options.quiet === true) return out.line(found.path);
      const branch = found.branch === null ? '' : `, on the branch ${oneLine(found.branch)}`;
      await out.line(`${found.taskId}: its work tree is back at ${oneLine(found.path)}${branch}`);
    });
}
