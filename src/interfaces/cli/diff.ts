/** `tend diff`: what a task changed. */
import type { Command } from 'commander';
import type { Client, Diff } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { DiffLines } from './diff-lines.ts';
import { count } from './format.ts';
import { common, oneIdArgument, oneOf, whole } from './options.ts';
import { openPager } from './pager.ts';
import type { Printer } from './print.ts';
import { sizeOf } from './show-work.ts';
import { oneLine } from './text.ts';

interface Options extends Common {
  stat?: boolean;
  attempt?: number;
  against?: 'base' | 'previous';
  pager: boolean;
}

interface Request {
  id: string;
  attempt?: number;
  against?: 'base' | 'previous';
  path: string[];
}

const EXAMPLES = `
Compares what is saved of the task's work with where it began. On a terminal it
is shown in $PAGER (or less) and control characters are made visible; into a
pipe or file goes the patch itself, as git apply takes it.

Examples:
  tend diff t-7k2m9q4x
  tend diff --stat t-7k
  tend diff t-7k src/parser.ts docs
  tend diff --attempt 2 --against previous t-7k`;

export function define(command: Command, context: Context): void {
  common(command, 'the changed paths only')
    .description('What a task changed.')
    .argument('<task>', 'its id, or the beginning of it', oneIdArgument)
    .argument('[path...]', 'these files and folders only, from the root of the repository')
    .option('--stat', 'how much in which file')
    .option('--attempt <n>', 'the work of this attempt', whole('--attempt', 1, 1_000_000))
    .option(
      '--against <what>',
      'base (default): where the work began; previous: the attempt before',
      oneOf('--against', ['base', 'previous']),
    )
    .option('--no-pager', 'straight to the terminal')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, paths: string[], options: Options) => {
      const { attempt, against } = options;
      const request: Request = {
        id,
        path: paths,
        ...(attempt !== undefined && { attempt }),
        ...(against !== undefined && { against }),
      };
      await diff(context, request, options);
    });
}

async function diff(context: Context, request: Request, options: Options): Promise<void> {
  const { out, signal } = context;
  const client = await context.connect();
  if (options.json === true)
    return out.json(await client.diff({ ...request, stat: options.stat === true }, { signal }));
  if (options.quiet === true || options.stat === true) {
    const found = await client.diff({ ...request, stat: true }, { signal });
    const lines = options.quiet === true ? found.paths.map(({ path }) => path) : stat(found, out);
    return out.write(lines.map((line) => `${line}\n`).join(''));
  }
  const isEmpty = out.isTerminal
    ? await paged(context, client, request, options.pager)
    : await plain(context, client, request);
  if (isEmpty) await context.err.line(`tend: ${request.id} changed nothing there`);
}

/** The exact text; answers whether there was none. */
async function plain({ out, signal }: Context, client: Client, request: Request): Promise<boolean> {
  let isEmpty = true;
  for await (const { data } of client.patch(request, { signal })) {
    isEmpty = false;
    await out.write(data.text);
  }
  return isEmpty;
}

async function paged(
  context: Context,
  client: Client,
  request: Request,
  wantsPager: boolean,
): Promise<boolean> {
  const { out, env } = context;
  const stop = new AbortController();
  const lines = new DiffLines(out);
  let isEmpty = true;
  // A pager that is never needed is never started.
  let pager: ReturnType<typeof openPager> | undefined;
  const show = async (text: string): Promise<void> => {
    pager ??= wantsPager ? openPager(env, () => stop.abort()) : null;
    if (pager === null) await out.write(text);
    else {
      context.takeSignals(() => undefined);
      await pager.write(text);
    }
  };
  const signal = AbortSignal.any([stop.signal, context.signal]);
  try {
    for await (const { data } of client.patch(request, { signal })) {
      isEmpty = false;
      const text = lines.write(data.text);
      if (text !== '') await show(text);
    }
    const rest = lines.end();
    if (rest !== '') await show(rest);
  } catch (error) {
    // Whoever leaves the pager has seen enough.
    if (!stop.signal.aborted) throw error;
  } finally {
    await pager?.end();
  }
  return isEmpty;
}

/** A line for each file, then their sum. */
function stat({ paths, changed, commits }: Diff, { paint }: Printer): string[] {
  const letters = { A: 'green', M: 'yellow', D: 'red', T: 'yellow' } as const;
  const lines = paths.map(({ path, kind, insertions, deletions }) => {
    const size =
      insertions === null || deletions === null
        ? paint('dim', 'no text')
        : `${paint('green', `+${insertions}`)} ${paint('red', `−${deletions}`)}`;
    return `${paint(letters[kind], kind)}  ${oneLine(path)}  ${size}`;
  });
  const sum = sizeOf(changed, paint);
  return [...lines, `${sum === '' ? 'no changes' : sum}, ${count(commits, 'commit')}`];
}
