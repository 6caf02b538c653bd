/** `tend doctor`: checks everything and explains every stuck task. */
import type { Command } from 'commander';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { TendError } from '../../domain/errors.ts';
import type { Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { EXIT } from './exit.ts';
import { common } from './options.ts';
import type { Printer } from './print.ts';
import { oneLine, padded } from './text.ts';

interface Options extends Common {
  rebuild?: boolean;
}

const EXAMPLES = `
Exit code 1 when there is a problem.
--rebuild makes the database anew from the attempt folders, while no daemon
runs; the old one is kept.`;

export function define(command: Command, context: Context): void {
  common(command, 'problems only')
    .description('Check everything, and explain every stuck task in one sentence.')
    .option('--rebuild', 'make a damaged database anew from the attempt folders')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      context.exitCode =
        options.rebuild === true ? await rebuild(context, options) : await doctor(context, options);
    });
}

async function doctor(context: Context, options: Options): Promise<number> {
  const { out, signal } = context;
  const client = await context.connect();
  const result = await client.doctor({}, { signal });
  if (options.json === true) await out.json(result);
  else await tell(out, result, options.quiet === true);
  return result.ok ? EXIT.success : EXIT.failed;
}

type Finding = Output<'doctor'>['findings'][number];

const MARKS = {
  ok: { style: 'green', mark: 'ok' },
  note: { style: 'yellow', mark: 'note' },
  problem: { style: 'red', mark: 'problem' },
} as const;

async function tell(
  out: Printer,
  { ok, findings }: Output<'doctor'>,
  problemsOnly: boolean,
): Promise<void> {
  const shown = findings.filter(({ level }) => !problemsOnly || level === 'problem');
  const longest = Math.max(0, ...shown.map(({ check }) => check.length));
  for (const finding of shown) await out.line(line(finding, longest, out));
  if (problemsOnly) return;
  await out.line();
  await out.line(ok ? out.paint('green', 'all is well') : out.paint('red', 'there are problems'));
}

function line({ check, level, message }: Finding, longest: number, { paint }: Printer): string {
  const { style, mark } = MARKS[level];
  const word = paint(style, padded(mark, 'problem'.length));
  return `${word}  ${padded(check, longest)}  ${oneLine(message)}`;
}

/** Runs in a process of its own: this one never touches the database. */
async function rebuild(context: Context, options: Options): Promise<number> {
  const running = await context.connectRunning();
  running?.close();
  if (running !== null)
    throw new TendError(
      'protected',
      'the daemon is running and uses the database',
      'A damaged database is noticed when the daemon starts; see: tend doctor',
    );
  const entry = fileURLToPath(new URL('../../daemon/rebuild.js', import.meta.url));
  const child = spawn(process.execPath, [entry], {
    env: context.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, problems, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (problems !== '') await context.err.write(problems);
  await context.out.write(resultOf(said, code, options.json === true));
  return code ?? EXIT.internal;
}

/** The child's own words; under --json they are JSON, whatever it said. */
function resultOf(said: string, code: number | null, json: boolean): string {
  if (!json) return said;
  try {
    return `${JSON.stringify(JSON.parse(said))}\n`;
  } catch {
    return `${JSON.stringify({ ok: code === 0, message: said.trim() })}\n`;
  }
}
