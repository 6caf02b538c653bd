/** `tend group`: what the tasks of a group share, and what they found. */
import type { Command } from 'commander';
import { nearest } from '../../domain/nearest.ts';
import type { Common, Context } from './context.ts';
import { ownerFor } from './environment.ts';
import { usage } from './failure.ts';
import { givenText } from './given-text.ts';
import { COLUMNS, describe, row } from './group-rows.ts';
import { common, text, texts } from './options.ts';
import { whenOf } from './schedule-when.ts';
import { ownTask } from './submission.ts';
import { table } from './table.ts';

type TextOptions = Common & { context?: string; title?: string };
type PostOptions = Common & { important?: boolean; at?: string };
type RemoveOptions = Common & { finding?: string[] };

const EXAMPLES = `
Tasks join a group by its name (tend run --group parser …). A group needs no
making: the first finding of a name that tasks have keeps it.

Examples:
  tend group create parser -c "We rewrite the parser; the lexer stays as it is."
  tend run --group parser claude "Rewrite the expressions"
  tend group finding parser "Numbers may begin with a dot."
  tend group milestone parser "All old tests pass"
  tend group show parser`;

export function define(command: Command, context: Context): void {
  common(command)
    .description('What the tasks of a group share, and what they found.')
    .enablePositionalOptions()
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .argument('[word]')
    .usage('[options] [command]')
    .action((word: string | undefined, options: Common) => {
      if (word !== undefined) throw unknownWord(word);
      return list(context, options);
    });
  defineTexts(command, context);
  common(command.command('ls'))
    .description('Every group that shares something or has findings.')
    .action((options: Common) => list(context, options));
  common(command.command('show'), 'ids of its findings only')
    .description('What a group shares, what was found, how its tasks stand.')
    .argument('<group>', 'its name, or the beginning of its id')
    .action((name: string, options: Common) => show(context, name, options));
  definePosts(command, context);
  common(command.command('rm'))
    .description('Forget what a group shares, or findings of it; its tasks keep its name.')
    .argument('<group>', 'its name, or the beginning of its id')
    .option('--finding <id>', 'only this finding; may be repeated', texts('--finding'))
    .action((name: string, options: RemoveOptions) => remove(context, name, options));
}

function defineTexts(command: Command, context: Context): void {
  common(command.command('create'), 'the name only')
    .description('Make a group; prints its name.')
    .argument('[name]', 'what tasks call it (default: an id)')
    .option('-c, --context <text>', 'told to its tasks: a text, @file, or - for stdin')
    .option('--title <text>', 'what it is about', text('--title'))
    .action((name: string | undefined, options: TextOptions) => create(context, name, options));
  common(command.command('edit'), 'the name only')
    .description('Change what a group shares; tasks that start later are told.')
    .argument('<group>', 'its name, or the beginning of its id')
    .option('-c, --context <text>', 'told to its tasks: a text, @file, or - for stdin')
    .option('--title <text>', 'what it is about', text('--title'))
    .action((name: string, options: TextOptions) => edit(context, name, options));
}

function definePosts(command: Command, context: Context): void {
  common(command.command('finding'), 'the id only')
    .description('Tell the later tasks of a group something; told again, it is one.')
    .argument('<group>', 'its name')
    .argument('<text...>', 'a text, @file, or - for stdin')
    .option('--important', 'told before the others')
    .action((name: string, words: string[], options: PostOptions) =>
      post(context, name, words, options, 'finding'),
    );
  common(command.command('milestone'), 'the id only')
    .description('A finding with a date: what has been reached.')
    .argument('<group>', 'its name')
    .argument('<text...>', 'a text, @file, or - for stdin')
    .option('--at <time>', 'when (default: now): 2030-01-31, or "2030-01-31 09:00"', text('--at'))
    .option('--important', 'told before the others')
    .action((name: string, words: string[], options: PostOptions) =>
      post(context, name, words, options, 'milestone'),
    );
}

function unknownWord(word: string): Error {
  const known = ['create', 'ls', 'show', 'edit', 'finding', 'milestone', 'rm'];
  const guess = nearest(word, known);
  return usage(
    `there is no command "group ${word}"`,
    guess === null ? '' : `Did you mean: tend group ${guess}`,
  );
}

async function textsIn({ cwd }: Context, { context: given, title }: TextOptions) {
  const shared = given === undefined ? undefined : await givenText(given, cwd(), '--context');
  return {
    ...(shared !== undefined && { context: shared }),
    ...(title !== undefined && { title }),
  };
}

async function create(
  context: Context,
  name: string | undefined,
  options: TextOptions,
): Promise<void> {
  const given = await textsIn(context, options);
  const client = await context.connect();
  const group = await client.createGroup({ ...(name !== undefined && { name }), ...given });
  if (options.json === true) return context.out.json(group);
  await context.out.line(group.name);
}

async function edit(context: Context, name: string, options: TextOptions): Promise<void> {
  const given = await textsIn(context, options);
  if (Object.keys(given).length === 0)
    throw usage('nothing is to be changed', 'Give --context or --title.');
  const client = await context.connect();
  const group = await client.editGroup({ name, ...given });
  if (options.json === true) return context.out.json(group);
  await context.out.line(options.quiet === true ? group.name : `changed ${group.name}`);
}

async function list({ out, connect, signal }: Context, options: Common): Promise<void> {
  const client = await connect();
  const answer = await client.groups({}, { signal });
  if (options.json === true) return out.json(answer);
  const { groups } = answer;
  if (options.quiet === true) return out.write(groups.map(({ name }) => `${name}\n`).join(''));
  if (groups.length === 0) return out.line('no groups; make one with: tend group create');
  const rows = groups.map((group) => row(group, Date.now()));
  const fit = out.isTerminal ? out.columns : null;
  await out.write(`${table(COLUMNS, rows, out, fit).join('\n')}\n`);
}

async function show({ out, connect, signal }: Context, name: string, options: Common) {
  const client = await connect();
  const group = await client.group({ name }, { signal });
  if (options.json === true) return out.json(group);
  if (options.quiet === true) return out.write(group.told.map(({ id }) => `${id}\n`).join(''));
  await out.write(`${describe(group, out, Date.now()).join('\n')}\n`);
}

async function post(
  context: Context,
  name: string,
  words: readonly string[],
  { important, at, json, quiet }: PostOptions,
  kind: 'finding' | 'milestone',
): Promise<void> {
  const { out, err, env, uid, cwd } = context;
  const [only = ''] = words;
  const said = words.length === 1 ? await givenText(only, cwd(), `the ${kind}`) : words.join(' ');
  if (said.trim() === '') throw usage(`the ${kind} says nothing`, 'Write it after the group.');
  const owner = ownerFor(env, uid);
  const task = await ownTask(env);
  const client = await context.connect();
  const answer = await client.postFinding({
    name,
    kind,
    text: said.trim(),
    ...(important === true && { important }),
    ...(at !== undefined && whenOf({ at: withTime(at) }, Date.now())),
    ...(owner !== undefined && { owner }),
    ...(task !== undefined && { task }),
  });
  if (json === true) return out.json(answer);
  await out.line(answer.finding.id);
  if (answer.repeated && quiet !== true) await err.line('tend: it was told before');
}

/** A day without a time begins at midnight. */
const withTime = (at: string): string => (/^\d{4}-\d{2}-\d{2}$/.test(at) ? `${at} 00:00` : at);

async function remove({ out, connect }: Context, name: string, options: RemoveOptions) {
  const client = await connect();
  const { finding: ids = [], json, quiet } = options;
  const removed: string[] = [];
  for (const id of ids) removed.push((await client.removeFinding({ name, id })).id);
  if (ids.length === 0) removed.push((await client.removeGroup({ name })).name);
  if (json === true) return out.json({ removed });
  await out.write(removed.map((one) => `${quiet === true ? '' : 'removed '}${one}\n`).join(''));
}
