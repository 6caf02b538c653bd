/** `tend run`: start a command in the background, or watch it with --wait. */
import type { Command } from 'commander';
import { NOTIFY_POLICIES } from '../../domain/delivery.ts';
import { QUOTA_POLICIES } from '../../domain/agent-work.ts';
import { ENVELOPE_CAPS, PERMISSIONS, TIERS } from '../../domain/envelope.ts';
import { RETRY_CAUSES } from '../../domain/retry.ts';
import { TendError } from '../../domain/errors.ts';
import { ID_PATTERN } from '../../domain/ids.ts';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';
import { quoted } from './format.ts';
import {
  common,
  ids,
  money,
  names,
  oneOf,
  pair,
  text,
  texts,
  time,
  times,
  whole,
  words,
} from './options.ts';
import { asked } from './asking.ts';
import { type RunOptions, submission } from './submission.ts';
import { tellNext } from './run-next.ts';
import { workOptions } from './work-options.ts';
import { withoutBranch } from './worktree-word.ts';

type Options = RunOptions & Common & { wait?: boolean; promoteAfter?: number };

const EXAMPLES = `
After --, one word is a command line for your shell, several are a program and
its arguments. Without --, the first word is an agent and the rest its prompt:
- reads it from stdin, @file from a file.

Examples:
  tend run claude "Fix the flaky test"
  tend run auto "Add a test for the parser"    whoever is here and free
  tend run codex --tier lite --permissions read-only @review.md
  tend run -- make test
  tend run -- "make && make test"
  tend run --wait --timeout 10m -- npm test
  tend run --promote-after 8s -- ./build.sh    wait 8 s, then in the background
  tend run --worktree --verify auto --fix 2 claude "Fix the parser"
  tend run --after t-7k2m9q4x -- ./deploy.sh   start when that one has completed
  tend run --retry 2 --env CI=1 --cwd web -- npm test`;

export function define(command: Command, context: Context): void {
  common(command, 'the id only')
    .description('Run a command or an agent in the background and print its id.')
    .usage('[options] -- <command…>\n       tend run [options] <agent> <prompt…>')
    .argument('[command...]', 'the command, or an agent and its prompt')
    // Whatever stands after -- is the command's; a prompt has options on both sides.
    .passThroughOptions(context.argv.includes('--'))
    .addHelpText('after', EXAMPLES);
  foregroundOptions(command);
  clockOptions(command);
  orderOptions(command);
  identityOptions(command);
  agentOptions(command);
  workOptions(command);
  command.action(async (given: string[], options: Options) => {
    const words = await settled(context, given, options);
    context.exitCode = await run(context, words, options, agentIn(words, given, context.argv));
  });
}

function foregroundOptions(command: Command): void {
  command
    .optionsGroup('In the foreground:')
    .option('-w, --wait', 'show its output, end with its exit code')
    .option(
      '--promote-after <duration>',
      'the same for that long, then in the background',
      time('--promote-after'),
    );
}

export function clockOptions(command: Command): void {
  command
    .optionsGroup('Clocks:')
    .option('--timeout <duration>', 'longest run (default 30m, at most 24h)', time('--timeout'))
    .option('--idle-timeout <duration>', 'longest silence', time('--idle-timeout'))
    .option('--queue-timeout <duration>', 'longest wait in the queue', time('--queue-timeout'))
    .option('--grace <duration>', 'from stop to kill (default 5s)', time('--grace'))
    .option(
      '--remind <duration>',
      'tell the owner every … that it runs (default 10m, 0 = never)',
      time('--remind'),
    );
}

export function orderOptions(command: Command): void {
  command
    .optionsGroup('Order:')
    .option('-p, --priority <n>', 'higher starts first (default 0)', whole('--priority', -100, 100))
    .option('--after <ids>', 'start when these have completed', ids('--after'))
    .option('--after-any <ids>', 'start when these have ended, however', ids('--after-any'))
    .option('--after-failure <ids>', 'start when these have failed', ids('--after-failure'))
    .option('--exclusive <key>', 'not while another task with the key runs', text('--exclusive'))
    .option('--retry <n>', 'try again up to n times', whole('--retry', 0, 100))
    .option('--backoff <durations>', 'wait before each (default 5s,15s,45s)', times('--backoff'))
    .option(
      '--retry-on <reasons>',
      'only after these failures, such as exit_code,timed_out',
      words('--retry-on', RETRY_CAUSES),
    )
    .option(
      '--idempotent',
      'doing it twice does no harm: retry also after acts outside its folder',
    );
}

export function identityOptions(command: Command): void {
  command
    .optionsGroup('The task:')
    .option('--cwd <folder>', 'where it runs (default: here)', text('--cwd'))
    .option('--env <NAME=value>', 'set a variable; may be repeated', pair('--env'))
    .option('--split', 'keep stdout and stderr apart')
    .option('--input', 'hold its stdin open for tend send (default: nothing is there)')
    .option('--title <text>', 'what it is called', text('--title'))
    .option('--id <id>', 'its id', customId)
    .option('--key <key>', 'the same key and command give the same task', text('--key'))
    .option('--owner <owner>', 'who is told (default: $TEND_OWNER, or you)', text('--owner'))
    .option('--group <group>', 'its group (default: $TEND_GROUP)', text('--group'))
    .option('--label <name=value>', 'a label; may be repeated', pair('--label'))
    .option('--notify <policy>', NOTIFY_POLICIES.join(', '), oneOf('--notify', NOTIFY_POLICIES))
    .option(
      '--criterion <text>',
      'what is worth telling, for if_significant; may be repeated',
      texts('--criterion'),
    )
    .option('--on-done <command>', 'run this when it has ended', text('--on-done'));
}

export function agentOptions(command: Command): void {
  command
    .optionsGroup('An agent:')
    .option('-m, --model <model>', 'its model', text('--model'))
    .option('--tier <tier>', `how much it may spend: ${TIERS.join(', ')}`, oneOf('--tier', TIERS))
    .option('--max-turns <n>', 'most turns', whole('--max-turns', 1, ENVELOPE_CAPS.turns))
    .option('--max-cost <dollars>', 'most dollars', money('--max-cost', ENVELOPE_CAPS.costUsd))
    .option(
      '--permissions <what>',
      `what it may touch: ${PERMISSIONS.join(', ')} (default workspace)`,
      oneOf('--permissions', PERMISSIONS),
    )
    .option('--isolated', 'without your own instructions, skills, hooks and MCP servers')
    .option('--ask-permissions', 'ask me for what it is not allowed to do, and wait for the answer')
    .option('--require-finish', 'its end counts only when it told its result with its tool finish')
    .option('--context <file>', 'a file for its prompt; may be repeated', texts('--context'))
    .option(
      '--context-from <ids>',
      'start when these have completed, and tell it their results',
      ids('--context-from'),
    )
    .option('--skill <name>', 'instructions from the configuration', texts('--skill'))
    .option('--template <name>', 'a template from the configuration', text('--template'))
    .option(
      '--fallback <agents>',
      'who goes on when its account is refused, in this order',
      names('--fallback'),
    )
    .option(
      '--on-quota <policy>',
      `when its account is refused: ${QUOTA_POLICIES.join(', ')} (default wait)`,
      oneOf('--on-quota', QUOTA_POLICIES),
    )
    .option(
      '--first-output-timeout <duration>',
      'longest silence before its first word (default 3m)',
      time('--first-output-timeout'),
    );
}

function customId(given: string): string {
  if (ID_PATTERN.test(given)) return given;
  throw usage(
    `--id ${JSON.stringify(given)} is no task id`,
    'Write 1 to 64 of A-Z a-z 0-9 _ and -, for example --id nightly-build',
  );
}

/** The words as they are meant: the one after `--worktree` may be one of them. */
export async function settled(
  { argv, connect }: Context,
  words: readonly string[],
  options: RunOptions,
): Promise<readonly string[]> {
  const meant = await withoutBranch({ words, branch: options.worktree }, argv, connect);
  if (meant.branch !== undefined) options.worktree = meant.branch;
  return meant.words;
}

/** The agent that the words begin with; null when they stand after `--` (as they were given) and are a command. */
export function agentIn(
  words: readonly string[],
  given: readonly string[],
  argv: readonly string[],
): string | null {
  const [first] = words;
  return first === undefined || argv[argv.length - given.length - 1] === '--' ? null : first;
}

/** Without `--` a plain command looks like an agent, so it is pointed to the right form. */
export function pointed(error: unknown, words: readonly string[], verb = 'tend run'): unknown {
  if (!(error instanceof TendError) || error.code !== 'unknown_agent') return error;
  const command = `${verb} -- ${words.map(quoted).join(' ')}`;
  const [advice] = error.hint.startsWith('Did you mean') ? [error.hint] : [];
  return usage(
    `${JSON.stringify(words[0])} is no agent; a command is written after --`,
    advice === undefined ? `Did you mean: ${command}` : `${advice} Or, for a command: ${command}`,
  );
}

async function run(
  context: Context,
  words: readonly string[],
  options: Options,
  agent: string | null,
): Promise<number> {
  try {
    return await start(context, words, options, agent);
  } catch (error) {
    throw pointed(error, words);
  }
}

/** What is submitted: the words as a command, or as a prompt for `agent`. */
export async function inputOf(
  context: Context,
  words: readonly string[],
  options: RunOptions,
  agent: string | null,
): Promise<ReturnType<typeof submission>> {
  const { env, uid, umask } = context;
  const { resolvePaths } = await import('../client/index.ts');
  const { socket } = resolvePaths(env);
  const origin = { env, uid, umask, cwd: context.cwd(), socket };
  const rest = words.slice(words[1] === '--' ? 2 : 1);
  const ask = agent === null ? null : await asked(agent, rest, options, origin.cwd);
  return submission(options, words, origin, ask);
}

async function start(
  context: Context,
  words: readonly string[],
  options: Options,
  agent: string | null,
): Promise<number> {
  const input = await inputOf(context, words, options, agent);
  const { json = false, quiet = false, split = false, promoteAfter } = options;
  if (options.wait === true || promoteAfter !== undefined) {
    const { foreground } = await import('./foreground.ts');
    return foreground(context, (client) => client.submit({ ...input, foreground: true }), {
      json,
      quiet,
      split,
      agent: agent !== null,
      promoteAfter: promoteAfter ?? null,
    });
  }
  const client = await context.connect();
  const task = await client.submit(input, { signal: context.signal });
  if (json) await context.out.json(task);
  else await context.out.line(task.id);
  if (!json && !quiet) await tellNext(context, task);
  return 0;
}
