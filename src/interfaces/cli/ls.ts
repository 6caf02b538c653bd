/** `tend ls`: the tasks, newest first. */
import type { Command } from 'commander';
import { type State, STATES } from '../../domain/lifecycle.ts';
import type { Common, Context } from './context.ts';
import { count } from './format.ts';
import { all, type Filter, recent } from './listing.ts';
import { common, text, words } from './options.ts';
import { countStates, lines, summary } from './rows.ts';

export interface ListOptions extends Common {
  state?: State[];
  owner?: string;
  group?: string;
  all?: boolean;
}

/** Ended tasks shown besides the open ones: a screenful to a person, a page to a program. */
const RECENT_ON_TERMINAL = 15;
const RECENT = 100;

const EXAMPLES = `
Shows the open tasks and the latest ended ones; --all shows every one.
States: ${STATES.slice(0, 6).join(', ')},
${STATES.slice(6, 9).join(', ')},
${STATES.slice(9).join(', ')}

Examples:
  tend ls --state running,queued
  tend ls --group nightly --all --json`;

export function define(command: Command, context: Context): void {
  common(command)
    .description('List tasks, newest first.')
    .option('-s, --state <states>', 'only these states', words('--state', STATES))
    .option('--owner <owner>', 'only those of this owner', text('--owner'))
    .option('--group <group>', 'only those of this group', text('--group'))
    .option('-a, --all', 'every task, however old')
    .addHelpText('after', EXAMPLES)
    .action((options: ListOptions) => list(context, options));
}

/** Prints the tasks as JSON, as ids or as a table. */
export async function list(context: Context, options: ListOptions): Promise<void> {
  const { out, err, signal } = context;
  const client = await context.connect();
  const { json = false, quiet = false } = options;
  const filter: Filter = {
    ...(options.state !== undefined && { state: options.state }),
    ...(options.owner !== undefined && { owner: options.owner }),
    ...(options.group !== undefined && { group: options.group }),
  };
  const isForPeople = out.isTerminal && !json && !quiet;
  const { tasks, more } =
    options.all === true
      ? { tasks: await all(client, filter, signal), more: false }
      : await recent(client, filter, isForPeople ? RECENT_ON_TERMINAL : RECENT, signal);
  if (json) return out.json({ tasks, nextCursor: null });
  if (quiet) return out.write(tasks.map(({ id }) => `${id}\n`).join(''));
  if (tasks.length === 0) return err.line(emptyHint(filter));
  const text = [...lines(tasks, out, Date.now())];
  if (isForPeople) {
    text.push('', `${count(tasks.length, 'task')}: ${summary(countStates(tasks), out)}`);
    if (more) text.push(out.paint('dim', 'older ones: tend ls --all'));
  }
  await out.write(`${text.join('\n')}\n`);
}

const emptyHint = (filter: Filter): string =>
  Object.keys(filter).length === 0
    ? 'tend: no tasks yet; start one with: tend run -- <command>'
    : 'tend: no task matches';
