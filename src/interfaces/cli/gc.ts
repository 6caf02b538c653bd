/** `tend gc`: forgets old ended tasks that nothing protects. */
import type { Command } from 'commander';
import type { Common, Context } from './context.ts';
import { bytes, count } from './format.ts';
import { common, time } from './options.ts';
import { treeLine } from './rm.ts';

interface Options extends Common {
  dryRun?: boolean;
  olderThan?: number;
}

const EXAMPLES = `
Kept are tasks whose completion nobody has acknowledged (tend inbox), and those
on which open tasks depend. Work trees go to the trash with their tasks, and
from there later; what was saved of unmerged work stays in its repository.

Example:
  tend gc --dry-run --older-than 1d`;

export function define(command: Command, context: Context): void {
  common(command)
    .description('Forget ended tasks that nothing protects.')
    .option('-n, --dry-run', 'only say what would be removed')
    .option(
      '--older-than <duration>',
      'ended longer ago than that (default 7d)',
      time('--older-than'),
    )
    .addHelpText('after', EXAMPLES)
    .action((options: Options) => gc(context, options));
}

async function gc({ out, connect }: Context, options: Options): Promise<void> {
  const client = await connect();
  const { dryRun, olderThan } = options;
  const result = await client.gc({
    ...(dryRun === true && { dryRun }),
    ...(olderThan !== undefined && { olderThan: `${olderThan}ms` }),
  });
  if (options.json === true) return out.json(result);
  const { removed, kept, freedBytes, worktrees, refused, purged, purgeRefused } = result;
  if (options.quiet === true) return out.write(removed.map((id) => `${id}\n`).join(''));
  const isDry = dryRun === true;
  if (isDry) for (const id of removed) await out.line(`would remove ${id}`);
  await out.write(worktrees.map(treeLine(isDry)).join(''));
  for (const { taskId, reason } of refused) await out.line(`kept ${taskId}: ${reason}`);
  for (const { path } of purged)
    await out.line(`${isDry ? 'would delete' : 'deleted'} from the trash: ${path}`);
  for (const { path, reason } of purgeRefused)
    await out.line(`kept in the trash: ${path} ${reason}`);
  const verb = isDry ? 'would remove' : 'removed';
  await out.line(
    `${verb} ${count(removed.length, 'task')} (${bytes(freedBytes)}), kept ${kept} protected`,
  );
}
