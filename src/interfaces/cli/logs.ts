/** `tend logs`: what a task wrote. */
import type { Command } from 'commander';
import type { Client, OutputSlice } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { EXIT, hasEnded } from './exit.ts';
import { bytesOf, copy, openSink, slices } from './follow.ts';
import { agentLogs } from './agent-logs.ts';
import { common, oneIdArgument, whole } from './options.ts';
import { situation } from './sentence.ts';

interface Options extends Common {
  follow?: boolean;
  lines?: number;
  stderr?: boolean;
  attempt?: number;
  events?: boolean;
  raw?: boolean;
}

/** What is asked of the daemon at once. */
const CHUNK = 256 * 1024;
/** The most that one answer may carry, hence the most that --json shows. */
const LONGEST = 4 * 1024 * 1024;

const EXAMPLES = `
On a terminal, control characters other than colours are made visible; --raw
lets all through. Into a pipe or file go the exact bytes. What an agent wrote is
shown as text, tools and files; --raw shows the protocol in which it came.

Examples:
  tend logs t-7k2m9q4x
  tend logs -n 50 -f t-7k
  tend logs --events --json t-7k`;

export function define(command: Command, context: Context): void {
  common(command, 'nothing but the output')
    .description('Print what a task wrote.')
    .argument('<task>', 'its id, or the beginning of it', oneIdArgument)
    .option('-f, --follow', 'go on until the task has ended')
    .option('-n, --lines <n>', 'only the last n lines', whole('--lines', 0, 1_000_000_000))
    .option('--stderr', 'stderr, of a task started with --split')
    .option(
      '--attempt <n>',
      'of this attempt (default: the last; of an agent, all)',
      whole('--attempt', 1, 1_000_000),
    )
    .option('--events', "an agent's events, or what happened to the task, as NDJSON")
    .option('--raw', "exact bytes, on a terminal too; an agent's own protocol")
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: Options) => {
      context.exitCode = await logs(context, id, options);
    });
}

async function logs(context: Context, id: string, options: Options): Promise<number> {
  const client = await context.connect();
  const request = placeOf(id, options);
  const task = await client.show({ id }, { signal: context.signal });
  if (task.kind === 'agent' && readable(options)) return agentLogs(context, client, id, options);
  if (options.events === true) return events(context, client, id, options.follow === true);
  if (options.follow === true) return follow(context, client, request, options);
  if (options.json === true) await context.out.json(await asJson(client, request, options));
  else await print(context, client, request, options);
  return 0;
}

/** Whether an agent's events are asked for, rather than the bytes in which they came. */
const readable = ({ raw, stderr, json, events: asked }: Options): boolean =>
  asked === true || (raw !== true && stderr !== true && json !== true);

interface Place {
  id: string;
  stream?: 'stderr';
  attempt?: number;
}

const placeOf = (id: string, { stderr, attempt }: Options): Place => ({
  id,
  ...(stderr === true && { stream: 'stderr' as const }),
  ...(attempt !== undefined && { attempt }),
});

/** Everything, or the last lines, up to where the output is now. */
async function print(
  context: Context,
  client: Client,
  place: Place,
  options: Options,
): Promise<void> {
  const { out, err, signal } = context;
  const sink = openSink(out, options.raw === true);
  let offset = await startOf(client, place, options.lines);
  for (;;) {
    const slice = await client.output({ ...place, offset, limit: CHUNK }, { signal });
    await sink.write(bytesOf(slice));
    if (slice.nextOffset <= offset || slice.nextOffset >= slice.size) break;
    offset = slice.nextOffset;
  }
  await sink.end();
  if (offset > 0 || options.quiet === true || !err.isTerminal) return;
  const task = await client.show({ id: place.id });
  if (task.output.bytes === 0 && !hasEnded(task))
    await err.line(
      err.paint('dim', `tend: no output yet; ${task.id} ${situation(task, Date.now())}`),
    );
}

async function follow(
  context: Context,
  client: Client,
  place: Place,
  options: Options,
): Promise<number> {
  const { out, signal } = context;
  const offset = await startOf(client, place, options.lines);
  const { id, ...where } = place;
  if (options.json === true) {
    await followJson(context, client, id, { ...where, offset, signal });
  } else {
    const sink = openSink(out, options.raw === true);
    await copy(client, id, sink, { ...where, offset, signal });
    await sink.end(signal.aborted && out.isTerminal);
  }
  return signal.aborted ? EXIT.interrupted : 0;
}

/** One slice a line; a task that wrote nothing still gives its last, empty one. */
async function followJson(
  { out }: Context,
  client: Client,
  id: string,
  options: Parameters<typeof slices>[2],
): Promise<void> {
  let any = false;
  try {
    for await (const slice of slices(client, id, options)) {
      await out.json(slice);
      any = true;
    }
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
  const { signal, ...where } = options;
  if (!any && !signal.aborted) await out.json(await client.output({ id, ...where }));
}

/** The last lines, or as much of the end as one answer carries. */
async function asJson(client: Client, place: Place, { lines }: Options): Promise<OutputSlice> {
  if (lines === undefined) return client.output({ ...place, tail: LONGEST });
  const offset = await startOf(client, place, lines);
  return client.output({ ...place, offset, limit: LONGEST });
}

/** The offset at which the last `lines` lines begin; 0 for all. Reads backwards, one chunk at a time. */
async function startOf(client: Client, place: Place, lines: number | undefined): Promise<number> {
  if (lines === undefined) return 0;
  const { size } = await client.output({ ...place, offset: 0, limit: 1 });
  if (lines === 0) return size;
  let missing = lines;
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - CHUNK);
    const data = bytesOf(await client.output({ ...place, offset: start, limit: end - start }));
    // The newline that ends the last line begins none.
    let at = end === size && data.at(-1) === 10 ? data.length - 1 : data.length;
    while ((at = at === 0 ? -1 : data.lastIndexOf(10, at - 1)) !== -1) {
      missing -= 1;
      if (missing === 0) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

async function events(
  { out, signal }: Context,
  client: Client,
  id: string,
  follows: boolean,
): Promise<number> {
  if (!follows) {
    const { changes } = await client.history({ id }, { signal });
    for (const change of changes) await out.json(change);
    return 0;
  }
  try {
    for await (const { data } of client.taskEvents({ id }, { signal })) await out.json(data);
    return 0;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  }
}
