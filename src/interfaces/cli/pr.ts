/** `tend pr`: a pull request with the work of a task, by the person's own gh or glab. */
import type { Command } from 'commander';
import { TendError } from '../../domain/errors.ts';
import type { Task } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';
import { folderOf, type Forge, forgeOf, FORGES, open, push, remoteOf } from './forge.ts';
import { common, oneIdArgument, oneOf, text } from './options.ts';
import { oneLine } from './text.ts';

interface Options extends Common {
  draft?: boolean;
  title?: string;
  base?: string;
  remote?: string;
  using?: Forge;
}

const EXAMPLES = `
The saved work is pushed under the branch of the task, with your own git, and gh
or glab opens the request. Nothing that stands there is overwritten.

Examples:
  tend pr t-7k2m9q4x
  tend pr --draft --base develop --title "Fix the parser" t-7k`;

export function define(command: Command, context: Context): void {
  common(command, 'the address only')
    .description('Open a pull request with the work of a task.')
    .argument('<task>', 'its id, or the beginning of it', oneIdArgument)
    .option('--draft', 'as a draft')
    .option('--title <text>', 'its title (default: that of the task)', text('--title'))
    .option('--base <branch>', 'into this branch (default: as for merge)', text('--base'))
    .option('--remote <name>', 'where to (default: where the base is)', text('--remote'))
    .option('--using <program>', 'gh or glab (default: by the host)', oneOf('--using', FORGES))
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: Options) => pullRequest(context, id, options));
}

async function pullRequest(context: Context, id: string, options: Options): Promise<void> {
  const client = await context.connect();
  const task = await client.show({ id });
  const { commit, repository, branch } = offered(task);
  const base = options.base ?? task.workspace.target;
  if (base === null) throw usage(`${task.id} was meant for no branch`, 'Name one with --base.');
  if (base === branch)
    throw usage(`the work of ${task.id} is on ${base} itself`, 'Name another branch with --base.');
  const cwd = folderOf(repository);
  const remote = options.remote ?? (await remoteOf(context, cwd, base));
  const program = await forgeOf(context, cwd, remote, options.using);
  await push(context, cwd, remote, commit, branch);
  const url = await open(context, cwd, program, {
    branch,
    base,
    title: oneLine(options.title ?? task.title),
    body: bodyFor(task),
    draft: options.draft === true,
  });
  const { out } = context;
  if (options.json === true)
    return out.json({ taskId: task.id, url, branch, base, commit, program });
  if (options.quiet === true) return out.line(url ?? branch);
  await out.line(`${task.id} pushed as ${branch} to ${remote}: ${url ?? `${program} opened it`}`);
}

/** What of the task can be shown to others. */
function offered({ id, state, workspace }: Task) {
  const { commit, repository, branch } = workspace;
  if (commit === null || repository === null)
    throw new TendError(
      'unsupported',
      `no work of ${id} is saved`,
      'Work is kept of tasks that were started with --worktree or --in-place.',
    );
  if (state === 'completed' || state === 'awaiting_review')
    return { commit, repository, branch: branch ?? `tend/${id}` };
  const hasEnded = ['failed', 'cancelled', 'skipped'].includes(state);
  throw new TendError(
    hasEnded ? 'protected' : 'not_ended',
    `${id} is ${state}: only work that is done is offered to others`,
    hasEnded ? `See why with: tend show ${id}` : `Wait for it with: tend wait ${id}`,
  );
}

function bodyFor({ id, answer, verification }: Task): string {
  const known =
    verification === null || verification.result === null
      ? 'Not verified.'
      : `Verification (\`${oneLine(verification.command)}\`): ${verification.result.replaceAll('_', ' ')}.`;
  return [...(answer === null ? [] : [answer.trim()]), `${known} Made by task ${id}.`].join('\n\n');
}
