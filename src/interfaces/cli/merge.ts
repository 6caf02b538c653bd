/** `tend merge`: bring the work of tasks into a branch. */
import type { Command } from 'commander';
import type { Client, Task } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { EXIT } from './exit.ts';
import { asTendError, usage } from './failure.ts';
import { count, span } from './format.ts';
import { giveTo } from './merge-conflict.ts';
import { afterMerge, mergeEnd, type Preview, previewWords, type TaskMerge } from './merge-words.ts';
import { common, idArgument, text } from './options.ts';
import type { Printer } from './print.ts';
import { oneLine } from './text.ts';

const ERASE = '\r\u001b[2K';
const SECOND = 1_000;

interface Options extends Common {
  into?: string;
  squash?: boolean;
  ffOnly?: boolean;
  /** Said by --no-ff; commander gives true otherwise. */
  ff: boolean;
  wait: boolean;
  dryRun?: boolean;
  unverified?: string;
  with?: string;
}

const EXAMPLES = `
Each is merged after what was to be merged into the same branch before, in the
object store; where the merged tree is another one than the verified one, it is
verified again. Then the branch moves, with every checkout of it that is clean.
A conflict, a failed verification, a hook that says no, a checkout with changes:
nothing is touched. Exit code 0 only when all were merged.

Examples:
  tend merge t-7k2m9q4x
  tend merge --into release --squash t-7k t-9q
  tend merge --dry-run t-7k
  tend merge --with claude t-7k`;

export function define(command: Command, context: Context): void {
  common(command)
    .description('Bring the work of tasks into a branch.')
    .argument('<task...>', 'ids, or the beginnings of them', idArgument)
    .option('--into <branch>', 'the branch (default: checked out at submit)', text('--into'))
    .option('--squash', 'one commit on top of the branch')
    .option('--ff-only', 'no new commit: only move the branch to the work')
    .option('--no-ff', 'always a merge commit (the default)')
    .option('--no-wait', 'only ask for it')
    .option('-n, --dry-run', 'only say what it would come to')
    .option('--unverified <why>', 'merge what nothing shows to be good', text('--unverified'))
    .option('--with <agent>', 'a conflict becomes a task of this agent', text('--with'))
    .addHelpText('after', EXAMPLES)
    .action(async (ids: string[], options: Options) => {
      context.exitCode = await mergeAll(context, ids, options);
    });
}

function requestFor(id: string, { into, squash, ffOnly, ff, unverified }: Options) {
  if ([squash === true, ffOnly === true, !ff].filter(Boolean).length > 1)
    throw usage('--squash, --ff-only and --no-ff exclude each other');
  const how = squash === true ? 'squash' : ffOnly === true ? 'fast_forward' : 'merge';
  return {
    id,
    how,
    ...(into !== undefined && { into }),
    ...(unverified !== undefined && { unverified }),
  } as const;
}

async function mergeAll(
  context: Context,
  ids: readonly string[],
  options: Options,
): Promise<number> {
  const requests = ids.map((id) => requestFor(id, options));
  if (options.with !== undefined && !options.wait)
    throw usage('--with needs to know what the merge comes to: leave --no-wait out');
  const client = await context.connect();
  if (options.dryRun === true) return preview(context, client, requests, options);
  const { signal } = context;
  // One after the other: they are merged in the order in which they are asked for.
  const asked: PromiseSettledResult<Task>[] = [];
  for (const request of requests)
    asked.push(...(await Promise.allSettled([client.merge(request, { signal })])));
  const results = options.wait ? await awaited(context, client, asked, options) : asked;
  const tasks = valuesOf(results);
  const given = await handOver(context, client, tasks, options);
  if (options.json === true) {
    throwFirst(results);
    const resolvers = [...given.values()];
    const one = tasks.length === 1 && options.with === undefined;
    await context.out.json(one ? tasks[0] : { tasks, ...(options.with && { resolvers }) });
  } else await tell(context, tasks, given, options.quiet === true);
  throwFirst(results);
  const isDone = ({ state, endedAt }: TaskMerge): boolean =>
    state === 'merged' || (!options.wait && endedAt === null);
  const all = tasks.every(({ workspace: { merge } }) => merge !== null && isDone(merge));
  return all ? EXIT.success : EXIT.failed;
}

const valuesOf = <T>(results: readonly PromiseSettledResult<T>[]): T[] =>
  results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));

function throwFirst(results: readonly PromiseSettledResult<unknown>[]): void {
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw asTendError(failed.reason);
}

/** The tasks once nothing of their merges is left to be done. */
async function awaited(
  context: Context,
  client: Client,
  asked: readonly PromiseSettledResult<Task>[],
  { json, quiet }: Options,
): Promise<PromiseSettledResult<Task>[]> {
  const { err, signal } = context;
  let done = 0;
  const stop =
    err.isTerminal && json !== true && quiet !== true ? drawn(err, asked.length, () => done) : null;
  const wait = async ({ id }: Task): Promise<Task> => {
    for (;;) {
      const task = await client.waitMerge({ id }, { signal });
      const { merge } = task.workspace;
      // A daemon that ends answers early, and the next one goes on.
      if (merge !== null && merge.endedAt === null) continue;
      done++;
      return task;
    }
  };
  try {
    return await Promise.all(
      asked.map(async (one) => (one.status === 'rejected' ? one : settledOf(wait(one.value)))),
    );
  } finally {
    await stop?.();
  }
}

const settledOf = (waiting: Promise<Task>): Promise<PromiseSettledResult<Task>> =>
  waiting.then(
    (value) => ({ status: 'fulfilled', value }),
    (reason: unknown) => ({ status: 'rejected', reason }),
  );

/** A line on a terminal that says how far it is, until the answer is called. */
function drawn(err: Printer, total: number, ended: () => number): () => Promise<void> {
  const began = Date.now();
  const draw = (): void => {
    const text = `${ended()} of ${count(total, 'merge')} done, ${span(Date.now() - began)}`;
    void err.write(`${ERASE}${text}`);
  };
  draw();
  const clock = setInterval(draw, SECOND);
  return async () => {
    clearInterval(clock);
    await err.write(ERASE);
  };
}

/** Every conflict as a task of the agent that was named, by the id of the task that has it. */
async function handOver(
  context: Context,
  client: Client,
  tasks: readonly Task[],
  { with: agent }: Options,
): Promise<Map<string, Task>> {
  const given = new Map<string, Task>();
  if (agent === undefined) return given;
  for (const task of tasks) {
    const { merge } = task.workspace;
    if (merge?.state === 'conflict')
      given.set(task.id, await giveTo(agent, context, client, task, merge));
  }
  return given;
}

async function tell(
  { out, err }: Context,
  tasks: readonly Task[],
  given: ReadonlyMap<string, Task>,
  quiet: boolean,
): Promise<void> {
  for (const { id, workspace } of tasks) {
    const { merge } = workspace;
    if (merge === null) continue;
    const resolver = given.get(id);
    if (quiet) {
      if (resolver !== undefined || merge.state === 'merged') await out.line(resolver?.id ?? id);
      continue;
    }
    const to = resolver === undefined ? '' : `; ${resolver.id} resolves it`;
    await out.line(`${id} ${mergeEnd(merge, out)}${to}`);
    const into = oneLine(merge.target);
    const next =
      resolver === undefined
        ? afterMerge(id, merge)
        : [`tend wait ${resolver.id}`, `tend merge --into ${into} ${resolver.id}`];
    for (const line of next) await err.line(`  ${err.paint('dim', line)}`);
  }
}

async function preview(
  { out, signal }: Context,
  client: Client,
  requests: readonly ReturnType<typeof requestFor>[],
  { json, quiet }: Options,
): Promise<number> {
  const results = await Promise.allSettled(
    requests.map((request) => client.previewMerge(request, { signal })),
  );
  const merges: Preview[] = valuesOf(results);
  if (json !== true)
    for (const one of merges)
      await out.line(quiet === true ? one.taskId : `${one.taskId} ${previewWords(one, out)}`);
  throwFirst(results);
  if (json === true) await out.json(merges.length === 1 ? merges[0] : { merges });
  const isGood = ({ result }: Preview): boolean => result === 'merged' || result === 'contained';
  return merges.every(isGood) ? EXIT.success : EXIT.failed;
}
