/** `tend replay`: what a recorded run of an agent comes to with today's adapter; nothing is run. */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { Client } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { common, text } from './options.ts';
import { pairs } from './table.ts';
import { oneLine } from './text.ts';

interface Options extends Common {
  agent: string;
  stdout: string;
  stderr?: string;
  exit?: string;
  resumed?: string;
}

const EXAMPLES = `
Examples:
  tend replay --agent claude --stdout run/stdout.jsonl --exit 1
  tend replay --agent codex --stdout out --stderr err --exit SIGTERM --json`;

export function define(command: Command, context: Context): void {
  common(command, 'the outcome only')
    .description("Parse a recorded run of an agent with today's adapter; nothing is run.")
    .requiredOption('--agent <name>', 'whose run it is', text('--agent'))
    .requiredOption('--stdout <file>', 'what it wrote to stdout', text('--stdout'))
    .option('--stderr <file>', 'what it wrote to stderr', text('--stderr'))
    .option('--exit <code or signal>', 'how it ended (default 0)', text('--exit'))
    .option('--resumed <session>', 'the session it was to resume', text('--resumed'))
    .addHelpText('after', EXAMPLES)
    .action((options: Options) => replay(context, options));
}

async function replay(context: Context, options: Options): Promise<void> {
  const { out, signal } = context;
  const cwd = context.cwd();
  const client = await context.connect();
  const answer = await client.replay(
    {
      agent: options.agent,
      stdout: resolve(cwd, options.stdout),
      ...(options.stderr !== undefined && { stderr: resolve(cwd, options.stderr) }),
      ...(options.exit !== undefined && { exit: options.exit }),
      ...(options.resumed !== undefined && { resumed: options.resumed }),
    },
    { signal },
  );
  if (options.json === true) return out.json(answer);
  if (options.quiet === true) return out.line(answer.outcome);
  await out.write(`${pairs(rows(answer), out).join('\n')}\n`);
}

type Replayed = Awaited<ReturnType<Client['replay']>>;

const shown = (value: string | number | null): string =>
  value === null ? 'unknown' : String(value);

function rows(answer: Replayed): [string, string][] {
  const { usage, limit } = answer;
  const found: [string, string | null][] = [
    ['outcome', answer.outcome],
    ['reason', answer.reason],
    ['message', answer.message],
    ['session', answer.sessionId],
    ['answer', answer.finalText],
    [
      'usage',
      `${shown(usage.inputTokens)} in (${shown(usage.cachedTokens)} cached), ${shown(usage.outputTokens)} out, $${shown(usage.costUsd)}, ${usage.turns} turns`,
    ],
    [
      'limit',
      limit === null ? null : `${limit.class}${limit.until === null ? '' : ` ${limit.until}`}`,
    ],
    ['events', String(answer.events)],
    ['not understood', answer.unknownLines === 0 ? null : `${answer.unknownLines} lines`],
  ];
  return found.flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, oneLine(value)]],
  );
}
