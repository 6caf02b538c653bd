/** `tend gc`: forgets old ended tasks that nothing protects. */
import type { Command } from 'commander';
import type { Common, Context } from './context.ts';
import { bytes, count } from './format.ts';
import { common, time } from './options.ts';

interface Options extends Common {
  dryRun?: boolean;
  olderThan?: number;
}

const EXAMPLES = `
Kept are tasks whose completion nobody has acknowledged (tend inbox), and those
on which open tasks depend.

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
  const { removed, kept, freedBytes } = result;
  if (options.quiet === true) return out.write(removed.map((id) => `${id}\n`).join(''));
  if (dryRun === true) for (const id of removed) await out.line(`would remove ${id}`);
  const verb = dryRun === true ? 'would remove' : 'removed';
  await out.line(
    `${verb} ${count(removed.length, 'task')} (${bytes(freedBytes)}), kept ${kept} protected`,
  );
}
