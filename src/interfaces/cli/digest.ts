/** `tend digest`: what ended, failed, waits and cost. */
import type { Command } from 'commander';
import type { Common, Context } from './context.ts';
import { ownerFor } from './environment.ts';
import { usage } from './failure.ts';
import { common, text } from './options.ts';
import { safeText } from './text.ts';

interface Options extends Common {
  since?: string;
  owner?: string;
  everybody?: boolean;
}

const EXAMPLES = `
Everything is in it, also what nobody was told of (--notify never). Each day by
itself: [digest] at = "09:00" in the configuration.

Examples:
  tend digest
  tend digest --since 12h
  tend digest --since 2026-11-01 --everybody`;

export function define(command: Command, context: Context): void {
  common(command, 'ids of tasks that failed or wait')
    .description('What ended, what failed, what waits for you, and what it cost.')
    .option('--since <when>', 'how long ago, such as 12h, or a date (default 1d)', text('--since'))
    .option('--owner <owner>', 'whose (default: $TEND_OWNER, or yours)', text('--owner'))
    .option('--everybody', 'of all owners')
    .addHelpText('after', EXAMPLES)
    .action((options: Options) => digest(context, options));
}

async function digest(context: Context, options: Options): Promise<void> {
  const { out, env, uid, connect, signal } = context;
  const { since, everybody } = options;
  if (everybody === true && options.owner !== undefined)
    throw usage('--everybody goes without --owner');
  const owner = everybody === true ? undefined : (options.owner ?? ownerFor(env, uid));
  const client = await connect();
  const found = await client.digest(
    {
      ...(since !== undefined && { since }),
      ...(owner !== undefined && { owner }),
      ...(everybody === true && { everybody }),
    },
    { signal },
  );
  if (options.json === true) return out.json(found);
  const toSee = [
    ...found.ended.filter(({ verdict }) => !QUIET.includes(verdict)),
    ...found.waiting,
  ];
  if (options.quiet === true) return out.write(toSee.map(({ id }) => `${id}\n`).join(''));
  await out.write(`${safeText(found.text)}\n`);
}

/** Verdicts that nobody has to look at. */
const QUIET: readonly string[] = ['verified', 'delivered', 'cancelled', 'skipped'];
