/** `tend rm`: forgets ended tasks that nothing protects. */
import type { Command } from 'commander';
import type { Common, Context } from './context.ts';
import { asTendError } from './failure.ts';
import { bytes } from './format.ts';
import { idArgument, common } from './options.ts';

interface Options extends Common {
  dryRun?: boolean;
}

const EXAMPLES = `
A task whose completion nobody has acknowledged is kept: see tend inbox. A work
tree goes to the trash with its task: tend undo <task> brings it back.

Example:
  tend rm t-7k2m9q4x`;

export function define(command: Command, context: Context): void {
  common(command)
    .description('Forget ended tasks, with their output.')
    .argument('<task...>', 'ids, or the beginnings of them', idArgument)
    .option('-n, --dry-run', 'only say what would be removed')
    .addHelpText('after', EXAMPLES)
    .action((ids: string[], options: Options) => remove(context, ids, options));
}

async function remove(
  { out, connect }: Context,
  ids: readonly string[],
  options: Options,
): Promise<void> {
  const client = await connect();
  const dryRun = options.dryRun === true;
  const ask = (id: string) => client.remove({ id, ...(dryRun && { dryRun }) });
  const results = await Promise.allSettled(ids.map(ask));
  const answers = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const removed = answers.flatMap((one) => one.removed);
  const worktrees = answers.flatMap((one) => one.worktrees);
  const failed = results.find((result) => result.status === 'rejected');
  if (options.json !== true) {
    const verb = dryRun ? 'would remove' : 'removed';
    const lines = removed.map((id) => (options.quiet === true ? `${id}\n` : `${verb} ${id}\n`));
    await out.write(lines.join(''));
    if (options.quiet !== true) await out.write(worktrees.map(treeLine(dryRun)).join(''));
  }
  if (failed !== undefined) throw asTendError(failed.reason);
  if (options.json === true) await out.json({ removed, worktrees, dryRun });
}

/** Where a work tree went, and how it comes back. */
export const treeLine =
  (dryRun: boolean) =>
  (tree: { taskId: string; path: string; bytes: number }): string =>
    dryRun
      ? `would put ${tree.path} (${bytes(tree.bytes)}) into the trash\n`
      : `put ${tree.path} (${bytes(tree.bytes)}) into the trash; to bring it back: tend undo ${tree.taskId}\n`;
