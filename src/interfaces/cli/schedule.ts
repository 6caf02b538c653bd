/** `tend schedule`: tasks that start by themselves, again and again or once. */
import type { Command } from 'commander';
import { nearest } from '../../domain/nearest.ts';
import { CATCH_UPS, type CatchUp, type Overlap, OVERLAPS } from '../../domain/schedule.ts';
import type { Common, Context } from './context.ts';
import { asTendError, usage } from './failure.ts';
import { common, oneOf, text, time } from './options.ts';
import {
  agentIn,
  agentOptions,
  clockOptions,
  identityOptions,
  inputOf,
  orderOptions,
  pointed,
  settled,
} from './run.ts';
import { COLUMNS, comingLines, describe, row } from './schedule-rows.ts';
import { whenOf, type WhenOptions } from './schedule-when.ts';
import type { RunOptions } from './submission.ts';
import { table } from './table.ts';
import { workOptions } from './work-options.ts';

type AddOptions = RunOptions &
  WhenOptions &
  Common & { name?: string; catchUp?: CatchUp; overlap?: Overlap };

const EXAMPLES = `
Examples:
  tend schedule add --cron "0 9 * * 1-5" -- make report
  tend schedule add --every 10m --name poll -- ./poll.sh
  tend schedule ls
  tend schedule show poll
  tend schedule rm poll`;

const ADD_EXAMPLES = `
The five fields of --cron: minute, hour, day of the month, month, day of the
week. Schedules start tasks while the daemon runs; what was missed is made up
for as --catch-up says.

Examples:
  tend schedule add --cron "0 9 * * 1-5" --tz Europe/Berlin -- make report
  tend schedule add --every 10m --overlap queue -- ./poll.sh
  tend schedule add --at "2030-01-31 09:00" -- ./announce.sh
  tend schedule add --cron "0 3 * * 0" claude "Update the dependencies"`;

export function define(command: Command, context: Context): void {
  common(command)
    .description('Tasks that start by themselves: again and again, or once.')
    .enablePositionalOptions()
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .argument('[word]')
    .usage('[options] [command]')
    .action((word: string | undefined, options: Common) => {
      if (word !== undefined) throw unknownWord(word);
      return list(context, options);
    });
  defineAdd(command.command('add'), context);
  common(command.command('ls'))
    .description('Every schedule: when, next time, last task and how it ended.')
    .action((options: Common) => list(context, options));
  common(command.command('show'), 'the full id only')
    .description('One schedule, with the next five times.')
    .argument('<schedule>', 'its id or the beginning of it, or its name')
    .action((id: string, options: Common) => show(context, id, options));
  common(command.command('rm'))
    .description('Forget schedules; tasks that they started go on.')
    .argument('<schedule...>', 'ids or beginnings of them, or names')
    .action((ids: string[], options: Common) =>
      act(context, ids, options, 'removed', (client, id) => client.removeSchedule({ id })),
    );
  common(command.command('pause'))
    .description('Schedules start nothing until they are unpaused.')
    .argument('<schedule...>', 'ids or beginnings of them, or names')
    .action((ids: string[], options: Common) =>
      act(context, ids, options, 'paused', (client, id) => client.pauseSchedule({ id })),
    );
  common(command.command('unpause'))
    .description('Schedules go on with their next time.')
    .argument('<schedule...>', 'ids or beginnings of them, or names')
    .action((ids: string[], options: Common) =>
      act(context, ids, options, 'unpaused', (client, id) => client.unpauseSchedule({ id })),
    );
}

function defineAdd(command: Command, context: Context): void {
  common(command, 'the id only')
    .description('Start a command or an agent at certain times; prints the id of the schedule.')
    .usage('[options] -- <command…>\n       tend schedule add [options] <agent> <prompt…>')
    .argument('[command...]', 'the command, or an agent and its prompt')
    .passThroughOptions(context.argv.includes('--'))
    .addHelpText('after', ADD_EXAMPLES)
    .optionsGroup('When:')
    .option('--cron <expression>', 'minute hour day month weekday, or @daily …', text('--cron'))
    .option('--tz <zone>', 'time zone of --cron and --at (default: here)', text('--tz'))
    .option('--every <duration>', 'so often, from now on (at least 10s)', time('--every'))
    .option('--at <time>', 'once: "2030-01-31 09:00", 09:00, or with an offset', text('--at'))
    .option(
      '--catch-up <policy>',
      'times missed while asleep or down: skip, once (default), all',
      oneOf('--catch-up', CATCH_UPS),
    )
    .option(
      '--overlap <policy>',
      'while the task before is open: skip (default), queue, allow',
      oneOf('--overlap', OVERLAPS),
    )
    .option('--name <name>', 'what the schedule is called', text('--name'));
  clockOptions(command);
  orderOptions(command);
  identityOptions(command);
  agentOptions(command);
  workOptions(command);
  command.action((words: string[], options: AddOptions) => add(context, words, options));
}

function unknownWord(word: string): Error {
  const guess = nearest(word, ['add', 'ls', 'show', 'rm', 'pause', 'unpause']);
  return usage(
    `there is no command "schedule ${word}"`,
    guess === null ? '' : `Did you mean: tend schedule ${guess}`,
  );
}

/** Options of `tend run` that make sense for one task only. */
const OF_ONE_TASK = [
  ['id', '--id', 'Call the schedule something with --name, its tasks with --title.'],
  ['key', '--key', 'Every firing has a key of its own; leave it out.'],
  ['after', '--after', 'See --overlap for the task before; leave it out.'],
  ['afterAny', '--after-any', 'See --overlap for the task before; leave it out.'],
  ['afterFailure', '--after-failure', 'See --overlap for the task before; leave it out.'],
  ['contextFrom', '--context-from', 'Tell it in the prompt where to look, or give --context.'],
] as const;

async function add(context: Context, given: readonly string[], options: AddOptions): Promise<void> {
  const { out, err, signal } = context;
  for (const [name, flag, hint] of OF_ONE_TASK)
    if (options[name] !== undefined)
      throw usage(`${flag} is for one task; a schedule starts many`, hint);
  const when = whenOf(options, Date.now());
  const { name, catchUp, overlap } = options;
  const words = await settled(context, given, options);
  const agent = agentIn(words, given, context.argv);
  // A schedule outlives the task that adds it, so its tasks are nobody's children.
  const { parent: _parent, ...task } = await inputOf(context, words, options, agent);
  const client = await context.connect();
  const input = {
    ...when,
    ...(name !== undefined && { name }),
    ...(catchUp !== undefined && { catchUp }),
    ...(overlap !== undefined && { overlap }),
    task,
  };
  const schedule = await client.addSchedule(input, { signal }).catch((error: unknown) => {
    throw pointed(error, words, 'tend schedule add [options]');
  });
  if (options.json === true) return out.json(schedule);
  await out.line(schedule.id);
  if (options.quiet === true) return;
  for (const line of comingLines(schedule, err, Date.now())) await err.line(line);
}

async function list({ out, connect, signal }: Context, options: Common): Promise<void> {
  const client = await connect();
  const answer = await client.schedules({}, { signal });
  if (options.json === true) return out.json(answer);
  const { schedules } = answer;
  if (options.quiet === true) return out.write(schedules.map(({ id }) => `${id}\n`).join(''));
  if (schedules.length === 0) return out.line('no schedules; add one with: tend schedule add');
  const now = Date.now();
  const rows = schedules.map((schedule) => row(schedule, now));
  const fit = out.isTerminal ? out.columns : null;
  await out.write(`${table(COLUMNS, rows, out, fit).join('\n')}\n`);
}

async function show({ out, connect, signal }: Context, id: string, options: Common): Promise<void> {
  const client = await connect();
  const schedule = await client.schedule({ id }, { signal });
  if (options.json === true) return out.json(schedule);
  if (options.quiet === true) return out.line(schedule.id);
  await out.write(`${describe(schedule, out, Date.now()).join('\n')}\n`);
}

type Client = Awaited<ReturnType<Context['connect']>>;

async function act(
  { out, connect }: Context,
  ids: readonly string[],
  options: Common,
  done: 'removed' | 'paused' | 'unpaused',
  verb: (client: Client, id: string) => Promise<{ id: string }>,
): Promise<void> {
  const client = await connect();
  const results = await Promise.allSettled(ids.map((id) => verb(client, id)));
  const found = results.flatMap((one) => (one.status === 'fulfilled' ? one.value.id : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (options.json !== true)
    await out.write(
      found.map((id) => (options.quiet === true ? `${id}\n` : `${done} ${id}\n`)).join(''),
    );
  if (failed !== undefined) throw asTendError(failed.reason);
  if (options.json === true) await out.json({ [done]: found });
}
