/** `tend watch`: be told when a task writes something, or its agent does something. */
import type { Command } from 'commander';
import { AGENT_EVENT_KINDS, type AgentEventKind } from '../../domain/agent-event.ts';
import { ID_PATTERN } from '../../domain/ids.ts';
import type { Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';
import { relative } from './format.ts';
import { common, oneIdArgument, oneOf, text } from './options.ts';
import { type Column, table } from './table.ts';
import { oneLine } from './text.ts';

interface Options extends Common {
  match?: string;
  on?: AgentEventKind;
  once?: boolean;
  stderr?: boolean;
  stdout?: boolean;
  fromStart?: boolean;
}

const EXAMPLES = `
Each line of its output that has the text, or matches the /regular expression/,
becomes a delivery to the owner of the task: see tend inbox. A flood of them is
told once a second, with how many there were. It ends with the task.

Examples:
  tend watch t-7k2m9q4x --match "listening on"  --once
  tend watch t-7k --match "/error|fail(ed|ure)/i" --stderr
  tend watch t-7k --on tool_finished --match npm
  tend watch ls
  tend watch rm w-3fq8`;

export function define(command: Command, context: Context): void {
  common(command, 'the id of the watch only')
    .description('Be told when a task writes something, or when its agent does something.')
    .usage('[options] <task>\n       tend watch ls [task]\n       tend watch rm <watch…>')
    .enablePositionalOptions()
    .helpCommand(false)
    .argument('[task]', 'its id, or the beginning of it')
    .option('--match <text>', 'a text, or a /regular expression/', text('--match'))
    .option(
      '--on <event>',
      `an event of its agent: ${AGENT_EVENT_KINDS.join(', ')}`,
      oneOf('--on', AGENT_EVENT_KINDS),
    )
    .option('--once', 'until the first match')
    .option('--stdout', 'its stdout only, of a task started with --split')
    .option('--stderr', 'its stderr only')
    .option('--from-start', 'what its current attempt has written already, too')
    .addHelpText('after', EXAMPLES)
    .action((task: string | undefined, options: Options) => add(context, task, options));
  common(command.command('ls'))
    .description('The watches of a task, or all.')
    .argument('[task]', 'its id, or the beginning of it', oneIdArgument)
    .action((task: string | undefined, options: Common) => list(context, task, options));
  common(command.command('rm'))
    .description('Forget watches; what they told stays.')
    .argument('<watch...>', 'ids, or the beginnings of them')
    .action((ids: string[], options: Common) => remove(context, ids, options));
}

async function add(context: Context, task: string | undefined, options: Options): Promise<void> {
  const { out, err, signal } = context;
  if (task === undefined) return list(context, undefined, options);
  if (!ID_PATTERN.test(task))
    throw usage(`${JSON.stringify(task)} is no task id`, 'Ids are listed by: tend ls --all');
  const { match, on, once, stdout, stderr, fromStart } = options;
  if (match === undefined && on === undefined)
    throw usage('there is nothing to watch for', 'Say what, as in: --match "ready"');
  if (stdout === true && stderr === true)
    throw usage('--stdout and --stderr exclude each other', 'Leave both out to watch both.');
  const client = await context.connect();
  const watch = await client.watch(
    {
      id: task,
      ...(match !== undefined && { match }),
      ...(on !== undefined && { on }),
      ...(stdout === true && { stream: 'stdout' as const }),
      ...(stderr === true && { stream: 'stderr' as const }),
      ...(once === true && { once }),
      ...(fromStart === true && { fromStart }),
    },
    { signal },
  );
  if (options.json === true) return out.json(watch);
  await out.line(watch.id);
  if (options.quiet !== true)
    await err.line(
      `  tend inbox --wait 1h  ${err.paint('dim', `is told of it (owner ${oneLine(watch.owner)})`)}`,
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'watch' },
  { title: 'task' },
  { title: 'looks for', flexible: true },
  { title: 'found', align: 'right' },
  { title: 'since' },
];

type Watch = Output<'watches'>['watches'][number];

async function list(
  { out, err, connect, signal }: Context,
  task: string | undefined,
  options: Common,
): Promise<void> {
  const client = await connect();
  const answer = await client.watches(task === undefined ? {} : { task }, { signal });
  if (options.json === true) return out.json(answer);
  const { watches } = answer;
  if (options.quiet === true) return out.write(watches.map(({ id }) => `${id}\n`).join(''));
  if (watches.length === 0) return err.line('tend: no watches');
  const now = Date.now();
  const rows = watches.map((watch) => [
    [{ text: watch.id }],
    [{ text: watch.taskId }],
    [{ text: lookedFor(watch) }],
    [{ text: String(watch.matches) }],
    [{ text: relative(Date.parse(watch.createdAt), now), style: 'dim' as const }],
  ]);
  const fit = out.isTerminal ? out.columns : null;
  await out.write(`${table(COLUMNS, rows, out, fit).join('\n')}\n`);
}

function lookedFor({ match, on, stream, once }: Watch): string {
  const parts = [on, match, stream === null ? null : `in ${stream}`, once ? 'once' : null];
  return parts.filter((part) => part !== null).join(' ');
}

async function remove(
  { out, connect, signal }: Context,
  ids: readonly string[],
  options: Common,
): Promise<void> {
  const client = await connect();
  const removed: string[] = [];
  try {
    for (const id of ids) removed.push((await client.removeWatch({ id }, { signal })).id);
  } finally {
    if (options.json !== true)
      await out.write(
        removed.map((id) => (options.quiet === true ? `${id}\n` : `removed ${id}\n`)).join(''),
      );
  }
  if (options.json === true) await out.json({ removed });
}
