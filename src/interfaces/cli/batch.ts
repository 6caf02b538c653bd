/** `tend batch`: a file of tasks that depend on each other. */
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import type { Entry, Sent } from './batch-send.ts';
import { isTerminal } from '../../domain/lifecycle.ts';
import type { Common, Context } from './context.ts';
import { capturedEnvironment, ownerFor, shellFor } from './environment.ts';
import { usage } from './failure.ts';
import { count, quoted } from './format.ts';
import { common, pair, text, whole } from './options.ts';
import { parentFor } from './submission.ts';

interface Options extends Common {
  var?: Record<string, string>;
  dryRun?: boolean;
  resume?: string | true;
  wait?: boolean;
  maxConcurrent?: number;
  group?: string;
}

const EXAMPLES = `
The file is TOML:

  max_concurrent = 4
  [vars]
  branch = "main"
  [[task]]
  name = "build"
  command = "git switch \${branch} && make"
  [[task]]
  name = "review"
  agent = "claude"
  prompt = "Review the last commit."
  depends_on = ["build"]

A task takes every option of tend run, with _ for -. With when = "failure" or
"always" it starts when what it depends on has failed, or has ended. Paths are
relative to the file, and so is where the tasks run. \${name} is a variable of
the file; write $\${name} for one of the shell.

Exit code with --wait: 0 when all succeeded, 75 when all that is left waits for
a limit, else 1. An interrupt ends the watching, not the tasks.

Examples:
  tend batch nightly.toml --dry-run          the plan and what it may cost
  tend batch nightly.toml --var branch=dev --wait
  tend batch nightly.toml --resume --wait    run again what did not complete`;

export function define(command: Command, context: Context): void {
  common(command, 'the group only')
    .description('Run the tasks of a file, in the order that their dependencies allow.')
    .argument('[file]', 'the file with the tasks')
    .option('--var <name=value>', 'set a variable of the file; may be repeated', pair('--var'))
    .option('-n, --dry-run', 'print the plan and the most that it may cost, run nothing')
    .option('--resume [group]', 'run again what did not complete (default: of its newest run)')
    .option('-w, --wait', 'show how far it is, until all have ended')
    .option('--max-concurrent <n>', 'most that run at once', whole('--max-concurrent', 1, 10_000))
    .option('--group <group>', 'its group (default: a new one)', text('--group'))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, options: Options) => {
      context.exitCode = await run(context, file, options);
    });
}

async function run(context: Context, given: string | undefined, options: Options): Promise<number> {
  const file = fileOf(given, options);
  const { readBatch } = await import('./batch-file.ts');
  const batch = readBatch(file, options.var ?? {}, shellFor(context.env));
  const { resume } = options;
  if (resume !== undefined && options.group !== undefined && resume !== options.group)
    throw usage(
      '--resume and --group name two groups',
      `A resume stays in its group: tend batch ${quoted(file)} --resume ${quoted(options.group)}`,
    );
  const { send } = await import('./batch-send.ts');
  const sent = await send(context, batch, {
    group: (typeof resume === 'string' ? resume : options.group) ?? batch.group,
    resume: resume !== undefined,
    dryRun: options.dryRun === true,
    maxConcurrent: options.maxConcurrent ?? batch.maxConcurrent,
    common: await commonOf(context, file),
    again: againOf(file, options),
  });
  if (options.dryRun === true) {
    const { tellPlan } = await import('./batch-plan.ts');
    await tellPlan(context, batch, sent, options);
    return 0;
  }
  if (options.wait === true) {
    const { watchBatch } = await import('./batch-watch.ts');
    return watchBatch(context, batch, sent, { ...options, again: againOf(file, options) });
  }
  await tell(context, file, sent, options);
  return 0;
}

function fileOf(file: string | undefined, { resume }: Options): string {
  if (file !== undefined) return file;
  if (typeof resume === 'string')
    throw usage(
      'there is no file; --resume took it for a group',
      `Did you mean: tend batch ${quoted(resume)} --resume`,
    );
  throw usage('there is no file', 'Name the file with the tasks: tend batch nightly.toml');
}

/** What all tasks of a call have in common; they run beside their file. */
async function commonOf({ env, uid, umask }: Context, file: string) {
  const { resolvePaths } = await import('../client/index.ts');
  const { socket } = resolvePaths(env);
  const folder = dirname(realpathSync(file));
  const owner = ownerFor(env, uid);
  const parent = parentFor({ env, uid, umask, socket, cwd: folder });
  return {
    cwd: folder,
    env: capturedEnvironment(env),
    umask,
    ...(owner !== undefined && { owner }),
    ...(parent !== undefined && { parent }),
  };
}

/** How the same call is gone on with. */
const againOf = (
  file: string,
  { var: vars = {}, maxConcurrent, group, resume }: Options,
): string => {
  const named = typeof resume === 'string' ? resume : group;
  return [
    `tend batch ${quoted(file)}`,
    ...Object.entries(vars).map(([name, value]) => `--var ${quoted(`${name}=${value}`)}`),
    ...(maxConcurrent === undefined ? [] : [`--max-concurrent ${maxConcurrent}`]),
    named === undefined ? '--resume' : `--resume ${quoted(named)}`,
  ].join(' ');
};

async function tell(
  { out, err }: Context,
  file: string,
  sent: Sent,
  options: Options,
): Promise<void> {
  const { group, entries } = sent;
  if (options.json === true) {
    const { writeList } = await import('./batch-json.ts');
    await writeList(out, { group }, 'tasks', entries);
    return;
  }
  await out.line(group);
  if (options.quiet === true) return;
  await err.line(`tend: ${summaryOf(sent)}`);
  const next = [
    [`${againOf(file, options)} --wait`, 'watch it, and run again what fails'],
    [`tend ls --group ${quoted(group)}`, 'see its tasks'],
  ] as const;
  const longest = Math.max(...next.map(([line]) => line.length));
  for (const [line, does] of next)
    await err.line(`  ${line.padEnd(longest)}  ${err.paint('dim', does)}`);
}

/** `3 tasks submitted, 2 completed before`. */
function summaryOf({ entries }: Sent): string {
  const created = entries.filter((one) => one.created).length;
  const before = entries.filter((one) => !one.created);
  const among = (is: (one: Entry) => boolean, word: string): string[] => {
    const some = before.filter(is).length;
    return some === 0 ? [] : [`${some} ${word}`];
  };
  const ended = ({ state }: Entry): boolean => state !== null && isTerminal(state);
  return [
    created > 0 ? `${count(created, 'task')} submitted` : 'nothing to do',
    ...among((one) => one.state === 'completed', 'completed before'),
    ...among((one) => !ended(one), 'going on'),
    ...among((one) => ended(one) && one.state !== 'completed', 'left as they are'),
  ].join(', ');
}
