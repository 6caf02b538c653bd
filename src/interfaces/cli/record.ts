/** `tend record`: one attempt of an agent as a recording, bytes and times. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Command } from 'commander';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';
import { common, oneIdArgument, text, whole } from './options.ts';

interface Options extends Common {
  output?: string;
  attempt?: number;
}

const EXAMPLES = `
A recording holds what the agent printed, as it is: look through it before you
give it to anybody. tend-fake-agent plays it again.

Examples:
  tend record t-7k2m9q4x -o run.jsonl
  TEND_FAKE_AGENT=run.jsonl tend-fake-agent`;

export function define(command: Command, context: Context): void {
  common(command, 'nothing but the recording')
    .description('Save an attempt of an agent as a recording: its bytes and their times.')
    .argument('<task>', 'its id, or the beginning of it', oneIdArgument)
    .option('-o, --output <file>', 'a new file (default: stdout)', text('--output'))
    .option(
      '--attempt <n>',
      'of this attempt (default: the last)',
      whole('--attempt', 1, 1_000_000),
    )
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: Options) => record(context, id, options));
}

async function record(context: Context, id: string, options: Options): Promise<void> {
  const { out, signal } = context;
  const client = await context.connect();
  const { attempt, output } = options;
  const lines = client.recording({ id, ...(attempt !== undefined && { attempt }) }, { signal });
  if (output === undefined) {
    for await (const { data } of lines) await out.line(data.line);
    return;
  }
  const first = await lines.next();
  const file = createWriteStream(output, { flags: 'wx', mode: 0o600 });
  await once(file, 'open').catch((error: NodeJS.ErrnoException) => {
    throw usage(
      `${output} cannot be made: ${error.code === 'EEXIST' ? 'it exists' : error.message}`,
      'Name a file that does not exist yet.',
    );
  });
  if (first.done !== true) file.write(`${first.value.data.line}\n`);
  for await (const { data } of lines) if (!file.write(`${data.line}\n`)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
  if (options.json === true) await out.json({ output });
}
