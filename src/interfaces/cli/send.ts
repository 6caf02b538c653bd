/** `tend send`: text for the stdin of a running command. */
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { Input } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';
import { bytes } from './format.ts';
import { common, oneIdArgument } from './options.ts';
import { oneLine } from './text.ts';

interface Options extends Common {
  newline: boolean;
  end?: boolean;
}

const EXAMPLES = `
The task must have been started with a pipe on its stdin: tend run --input.
What is accepted is written once and in order, whatever becomes of the daemon;
tend show tells how far it came. - sends the bytes of this stdin as they are.

Examples:
  tend run --input --id repl -- python3 -i
  tend send repl "print(6 * 7)"
  tend send repl - < script.py
  tend send --end repl             close its stdin`;

export function define(command: Command, context: Context): void {
  common(command, 'the id of what was sent only')
    .description('Send text to the stdin of a running command.')
    .argument('<task>', 'its id, or the beginning of it', oneIdArgument)
    .argument('[text...]', 'what is sent; - reads it from stdin')
    .option('--no-newline', 'add none at the end of the text')
    .option('--end', 'close its stdin afterwards')
    .addHelpText('after', EXAMPLES)
    .action((id: string, words: string[], options: Options) => send(context, id, words, options));
}

type Sent = Pick<Input<'input'>, 'text' | 'base64'>;

async function textIn(words: readonly string[], end: boolean): Promise<Sent> {
  const [only, ...others] = words;
  if (only === '-' && others.length === 0)
    return { base64: (await buffer(process.stdin)).toString('base64') };
  if (only !== undefined) return { text: words.join(' ') };
  if (end) return {};
  throw usage('there is nothing to send', 'Write it after the task, as in: tend send t-7k yes');
}

async function send(
  context: Context,
  id: string,
  words: readonly string[],
  options: Options,
): Promise<void> {
  const { out, err, signal } = context;
  const end = options.end === true;
  const sent = await textIn(words, end);
  const client = await context.connect();
  const answer = await client.input(
    { id, ...sent, ...(end && { end }), ...(!options.newline && { newline: false }) },
    { signal },
  );
  const { taskId, input } = answer;
  if (input.state === 'dropped') context.exitCode = 1;
  if (options.json === true) return out.json(answer);
  if (options.quiet === true) return out.line(input.id);
  const what = `${bytes(input.bytes)}${input.end ? ', and the end of its stdin' : ''}`;
  if (input.state === 'written') return out.line(oneLine(`written to ${taskId}: ${what}`));
  await out.line(oneLine(`${input.state} for ${taskId}: ${what}`));
  await err.line(
    input.state === 'accepted'
      ? `tend: it has not read all of it yet; see how far it came with: tend show ${taskId}`
      : `tend: it has closed its stdin, or ended: nothing or not all of it came there`,
  );
}
