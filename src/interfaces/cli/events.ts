/** `tend events`: everything that changes, as it changes. */
import type { Command } from 'commander';
import type { Change } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { EXIT } from './exit.ts';
import { clock } from './format.ts';
import { common, whole } from './options.ts';
import type { Printer } from './print.ts';
import { STYLES } from './rows.ts';
import { padded } from './text.ts';

interface Options extends Common {
  after?: number;
}

const EXAMPLES = `
Ends with an interrupt. Every change has a number; --after goes on behind one.

Examples:
  tend events
  tend events --json --after 0      all that is known, then what happens`;

export function define(command: Command, context: Context): void {
  common(command, 'task ids only')
    .description('Follow everything that changes.')
    .option(
      '--after <number>',
      'changes after this number (default: from now on)',
      whole('--after', 0, Number.MAX_SAFE_INTEGER),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      context.exitCode = await events(context, options);
    });
}

async function events(context: Context, options: Options): Promise<number> {
  const { out, signal } = context;
  const client = await context.connect();
  try {
    for await (const { data } of client.events(
      { ...(options.after !== undefined && { after: options.after }) },
      { signal },
    )) {
      if (options.json === true) await out.json(data);
      else await out.line(options.quiet === true ? data.taskId : line(data, out));
    }
    return 0;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  }
}

const EVENT_WIDTH = 13;

function line({ seq, taskId, event, state, reason, at }: Change, { paint }: Printer): string {
  const time = Date.parse(at);
  const why = reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`;
  return [
    paint('dim', String(seq).padStart(6)),
    clock(time, Date.now()),
    taskId,
    padded(event, EVENT_WIDTH),
    paint(STYLES[state], state) + why,
  ].join('  ');
}
