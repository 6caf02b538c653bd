/** `tend rm`: forgets ended tasks that nothing protects. */
import type { Command } from 'commander';
import type { Common, Context } from './context.ts';
import { asTendError } from './failure.ts';
import { idArgument, common } from './options.ts';

const EXAMPLES = `
A task whose completion nobody has acknowledged is kept: see tend inbox.

Example:
  tend rm t-7k2m9q4x`;

export function define(command: Command, context: Context): void {
  common(command)
    .description('Forget ended tasks, with their output.')
    .argument('<task...>', 'ids, or the beginnings of them', idArgument)
    .addHelpText('after', EXAMPLES)
    .action((ids: string[], options: Common) => remove(context, ids, options));
}

async function remove(
  { out, connect }: Context,
  ids: readonly string[],
  options: Common,
): Promise<void> {
  const client = await connect();
  const results = await Promise.allSettled(ids.map((id) => client.remove({ id })));
  const removed = results.flatMap((result) =>
    result.status === 'fulfilled' ? result.value.removed : [],
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (options.json !== true) {
    const lines = removed.map((id) => (options.quiet === true ? `${id}\n` : `removed ${id}\n`));
    await out.write(lines.join(''));
  }
  if (failed !== undefined) throw asTendError(failed.reason);
  if (options.json === true) await out.json({ removed });
}
