/** `tend trust`: let a project's configuration have commands called. */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { TendError } from '../../domain/errors.ts';
import type { Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';
import { quoted } from './format.ts';
import { common } from './options.ts';
import { ownTask } from './submission.ts';
import { oneLine } from './text.ts';

type Options = Common & { yes?: boolean; remove?: boolean };
type Project = Output<'projectTrust'>;

const EXAMPLES = `
A project asks for hooks in .tend.toml at its root. They are called only while
you trust that file as it is: a changed one has to be looked at again.

Examples:
  tend trust                 shows what would be called, and asks
  tend trust --yes ~/src/app
  tend trust --remove`;

export function define(command: Command, context: Context): void {
  common(command, 'the folder only')
    .description('Let the hooks of a project be called.')
    .argument('[folder]', 'of the project (default: here)')
    .option('-y, --yes', 'do not ask')
    .option('--remove', 'call nothing of it any more')
    .addHelpText('after', EXAMPLES)
    .action((folder: string | undefined, options: Options) => trust(context, folder, options));
}

async function trust(context: Context, given: string | undefined, options: Options): Promise<void> {
  const folder = resolve(context.cwd(), given ?? '.');
  const client = await context.connect();
  if (options.remove === true)
    return told(context, await client.distrustProject({ folder }), options);
  await refuseTask(context.env);
  const project = await client.projectTrust({ folder });
  if (project.trusted) return told(context, project, options);
  const { hash, path, hooks } = project;
  if (hash === null)
    throw usage(
      `there is no ${path} to be trusted`,
      'A file of another user is not followed. Hooks of your own stand in your config file.',
    );
  if (options.yes !== true) await ask(context, path, hooks);
  return told(context, await client.trustProject({ folder, hash }), options);
}

/** What a project may have called is the person's to say. */
async function refuseTask(env: Context['env']): Promise<void> {
  const task = await ownTask(env);
  if (task === undefined) return;
  throw new TendError(
    'forbidden',
    `only a person trusts a project, and this runs in the task ${task}`,
    'Go on without its hooks.',
  );
}

/** Shows what would be called, and asks. Throws when nobody can be asked, or the answer is no. */
async function ask(context: Context, path: string, hooks: Project['hooks']): Promise<void> {
  const { err, signal } = context;
  await err.line(`${oneLine(path)} asks for these commands:`);
  for (const line of lines(hooks)) await err.line(line);
  if (!process.stdin.isTTY)
    throw usage('nobody can be asked here', 'Look at them, then add --yes.');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question('Call them from now on? [y/N] ', { signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw new TendError('interrupted', 'nothing was changed', 'The project is not trusted.');
}

function lines(hooks: Project['hooks']): string[] {
  const all = Object.entries(hooks).map(([name, given]) => {
    const command = typeof given === 'string' ? given : given.map(quoted).join(' ');
    return `  ${name.padEnd(12)} ${oneLine(command)}`;
  });
  return all.length === 0 ? ['  none'] : all;
}

async function told({ out }: Context, project: Project, options: Common): Promise<void> {
  if (options.json === true) return out.json(project);
  if (options.quiet === true) return out.line(project.folder);
  const { folder, trusted, hooks } = project;
  await out.line(`${trusted ? 'trusted' : 'not trusted'}: ${oneLine(folder)}`);
  if (trusted) for (const line of lines(hooks)) await out.line(line);
}
