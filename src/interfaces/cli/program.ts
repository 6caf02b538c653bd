/** The command tree: every verb by name, and those that are needed with all their options. */
import { Command, CommanderError } from 'commander';
import { nearest } from '../../domain/nearest.ts';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';

import { common } from './options.ts';
import { LISTED, VERBS, type VerbName } from './verbs.ts';

const EXAMPLES = `
Examples:
  tend run -- make test              run it in the background, print its id
  tend run --wait -- "make && ls"    one word is a line for your shell
  tend logs -f t-7k2m9q4x            follow the output; ids may be shortened
  tend wait t-7k t-9q                until both have ended

tend help <command> tells more; bare tend shows the live board.`;

/** The tree with the verbs of `loaded` fully defined; help and output texts go to `print`. */
export async function program(
  loaded: readonly VerbName[],
  context: Context,
  print: (text: string) => void,
): Promise<Command> {
  const root = common(new Command('tend'))
    .description('Run background tasks and lose nothing.')
    .usage('<command> [options]')
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ showGlobalOptions: false, subcommandTerm: (command) => command.name() })
    .configureOutput({ writeOut: print, writeErr: () => {}, outputError: () => {} })
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  root.hook('preAction', (_, action) => inherit(action));
  for (const name of [...LISTED, ...loaded.filter((verb) => !LISTED.includes(verb))]) {
    const { group, summary } = VERBS[name];
    const command = root.command(name, { hidden: group === null }).summary(summary);
    if (group !== null) command.helpGroup(`${group}:`);
  }
  await Promise.all(
    loaded.map(async (name) => {
      const { define } = await VERBS[name].load();
      const command = root.commands.find((candidate) => candidate.name() === name);
      if (command !== undefined) define(command, context);
    }),
  );
  return root;
}

/** `tend --json ls` means `tend ls --json`. */
function inherit(action: Command): void {
  const given = action.optsWithGlobals<Common>();
  for (const name of ['json', 'quiet'] as const)
    if (given[name] === true) action.setOptionValue(name, true);
}

const HELP = new Set(['commander.helpDisplayed', 'commander.version']);

/** True when commander only printed what was asked for. */
export const wasHelp = (error: unknown): boolean =>
  error instanceof CommanderError && HELP.has(error.code);

export { CommanderError };

/** What commander found wrong, in our words. */
export function parseError(error: CommanderError): Error {
  if (error.code === 'commander.help') return usage('there is a word missing');
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const guess = rest.map((line) => line.replace(/^\((.*)\)$/, '$1')).join(' ');
  return usage(first.replace(/\.$/, ''), guess);
}

/** For a first word that is no verb. */
export function unknownVerb(word: string): Error {
  const guess = nearest(word, LISTED);
  return usage(
    `there is no command ${JSON.stringify(word)}`,
    guess === null ? '' : `Did you mean: tend ${guess}`,
  );
}
