/** `tend memory`: what tasks are told about a project, and about you. */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { MEMORY_KINDS, type MemoryKind } from '../../domain/memory.ts';
import { nearest } from '../../domain/nearest.ts';
import { TendError } from '../../domain/errors.ts';
import type { Common, Context } from './context.ts';
import { ownerFor } from './environment.ts';
import { usage } from './failure.ts';
import { givenText } from './given-text.ts';
import { COLUMNS, describe, row } from './memory-rows.ts';
import { common, oneOf, text, time } from './options.ts';
import { projectFolder } from './project-folder.ts';
import { ownTask } from './submission.ts';
import { table } from './table.ts';

type Where = Common & { folder?: string; everywhere?: boolean };
type AddOptions = Where & { kind?: MemoryKind; expires?: number; pin?: boolean; from?: string };
type ListOptions = Where & { kind?: MemoryKind; all?: boolean };

const EXAMPLES = `
Agents are told what concerns the folder in which they work, within a few
thousand characters: pinned things first, then what shares words with their
task, then the newest.

Examples:
  tend memory add --kind convention "Tests stand beside the file they test."
  tend memory add --everywhere --kind preference "Answer in British English."
  tend memory add --from f-12 --expires 30d
  tend memory search parser
  tend memory rm m-7k2m9q4x`;

export function define(command: Command, context: Context): void {
  listing(command)
    .description('What tasks are told about a project, and about you.')
    .enablePositionalOptions()
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .argument('[word]')
    .usage('[options] [command]')
    .action((word: string | undefined, options: ListOptions) => {
      if (word !== undefined) throw unknownWord(word);
      return list(context, '', options);
    });
  defineAdd(command.command('add'), context);
  listing(command.command('ls'))
    .description('What tasks in this project are told.')
    .action((options: ListOptions) => list(context, '', options));
  listing(command.command('search'))
    .description('What has all of these words, or words that begin with them.')
    .argument('<words...>')
    .action((words: string[], options: ListOptions) => list(context, words.join(' '), options));
  common(command.command('show'), 'the full id only')
    .description('One of them.')
    .argument('<id>', 'its id, or the beginning of it')
    .action((id: string, options: Common) => show(context, id, options));
  common(command.command('rm'))
    .description('Tell tasks no more of them; they are kept, and shown with --all.')
    .argument('<id...>', 'ids, or beginnings of them')
    .action((ids: string[], options: Common) => remove(context, ids, options));
}

const placing = (command: Command): Command =>
  common(command)
    .option('--folder <folder>', 'this folder and below (default: this project)', text('--folder'))
    .option('--everywhere', 'for every project');

const listing = (command: Command): Command =>
  placing(command)
    .option('--kind <kind>', MEMORY_KINDS.join(', '), oneOf('--kind', MEMORY_KINDS))
    .option('-a, --all', 'what was taken away or is over, too');

function defineAdd(command: Command, context: Context): void {
  placing(command)
    .description('Keep something that tasks are told from now on; prints its id.')
    .argument('[text...]', 'a text, @file, or - for stdin')
    .option(
      '--kind <kind>',
      `${MEMORY_KINDS.join(', ')} (default fact)`,
      oneOf('--kind', MEMORY_KINDS),
    )
    .option('--expires <duration>', 'told for so long, such as 30d', time('--expires'))
    .option('--pin', 'told before the others')
    .option('--from <finding>', 'what a task of a group found, as f-12', text('--from'))
    .action((words: string[], options: AddOptions) => add(context, words, options));
}

function unknownWord(word: string): Error {
  const guess = nearest(word, ['add', 'ls', 'search', 'show', 'rm']);
  return usage(
    `there is no command "memory ${word}"`,
    guess === null ? '' : `Did you mean: tend memory ${guess}`,
  );
}

/** The folder that is meant; null = everywhere. */
function folderOf({ cwd }: Context, { folder, everywhere }: Where): string | null {
  if (folder !== undefined && everywhere === true)
    throw usage('--folder and --everywhere say different things', 'Give one of them.');
  if (everywhere === true) return null;
  return folder === undefined ? projectFolder(cwd()) : resolve(cwd(), folder);
}

async function add(context: Context, words: readonly string[], options: AddOptions): Promise<void> {
  const { env, uid, cwd, out } = context;
  await refuseTask(env);
  const { kind, expires, pin, from } = options;
  const folder = folderOf(context, options);
  const [only = ''] = words;
  const said = words.length === 1 ? await givenText(only, cwd(), 'the text') : words.join(' ');
  if (said.trim() === '' && from === undefined)
    throw usage(
      'there is nothing to be kept',
      'Write it after add, or name a finding with --from.',
    );
  const owner = ownerFor(env, uid);
  const client = await context.connect();
  const memory = await client.addMemory({
    folder,
    ...(said.trim() !== '' && { text: said.trim() }),
    ...(from !== undefined && { from }),
    ...(kind !== undefined && { kind }),
    ...(pin === true && { pinned: true }),
    ...(expires !== undefined && { expires: `${expires}ms` }),
    ...(owner !== undefined && { owner }),
  });
  if (options.json === true) return out.json(memory);
  await out.line(memory.id);
}

/** What is kept reaches every later task: a task only proposes it. */
async function refuseTask(env: Context['env']): Promise<void> {
  const task = await ownTask(env);
  if (task === undefined) return;
  throw new TendError(
    'forbidden',
    `only a person keeps something for later tasks, and this runs in the task ${task}`,
    'Tell your group with: tend group finding <group> "…"; a person can keep that.',
  );
}

async function list(context: Context, q: string, options: ListOptions): Promise<void> {
  const { out, connect, signal } = context;
  const { kind, all, json, quiet } = options;
  const folder = folderOf(context, options);
  const client = await connect();
  const answer = await client.memories(
    {
      q,
      ...(folder !== null && { folder }),
      ...(kind !== undefined && { kind }),
      ...(all === true && { all: true }),
    },
    { signal },
  );
  if (json === true) return out.json(answer);
  const { memories } = answer;
  if (quiet === true) return out.write(memories.map(({ id }) => `${id}\n`).join(''));
  if (memories.length === 0)
    return out.line(q === '' ? 'nothing is kept; add something with: tend memory add' : 'nothing');
  const rows = memories.map((memory) => row(memory, Date.now()));
  const fit = out.isTerminal ? out.columns : null;
  await out.write(`${table(COLUMNS, rows, out, fit).join('\n')}\n`);
}

async function show({ out, connect, signal }: Context, id: string, options: Common) {
  const client = await connect();
  const memory = await client.memory({ id }, { signal });
  if (options.json === true) return out.json(memory);
  if (options.quiet === true) return out.line(memory.id);
  await out.write(`${describe(memory, out, Date.now()).join('\n')}\n`);
}

async function remove({ out, connect }: Context, ids: readonly string[], options: Common) {
  const client = await connect();
  const removed: string[] = [];
  for (const id of ids) removed.push((await client.removeMemory({ id })).id);
  if (options.json === true) return out.json({ removed });
  await out.write(
    removed.map((id) => `${options.quiet === true ? '' : 'removed '}${id}\n`).join(''),
  );
}
