/** `tend doctor`: checks everything and explains every stuck task. */
import type { Command } from 'commander';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, TendError } from '../../domain/errors.ts';
import type { Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { EXIT } from './exit.ts';
import { count } from './format.ts';
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
      if (options.rebuild === true) await rebuild(context, options);
      else context.exitCode = await doctor(context, options);
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

/** What the rebuild says: what it brought back and from where, or why it could not. */
interface Rebuilt {
  fromDatabase: string[];
  fromFolders: string[];
  schedules: string[];
  groups: string[];
  memories: string[];
  unreadable: { path: string; why: string }[];
  quarantined: string[];
  error?: { code: ErrorCode; message: string; hint: string };
}

/** Runs in a process of its own: this one never touches the database. */
async function rebuild({ out, err, env }: Context, { json, quiet }: Options): Promise<void> {
  const entry = fileURLToPath(new URL('../../daemon/rebuild.js', import.meta.url));
  const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const result = parsed(said);
  if (result.error !== undefined) {
    const { code, message, hint } = result.error;
    throw new TendError(code, message, hint);
  }
  const { fromDatabase, fromFolders, schedules, groups, memories } = result;
  const { unreadable, quarantined } = result;
  if (json === true) return out.json(result);
  const ids = [...fromDatabase, ...fromFolders];
  if (quiet === true) return out.write(ids.map((id) => `${id}\n`).join(''));
  for (const path of quarantined) await err.line(`tend: read ${oneLine(path)}`);
  await out.line(
    `restored ${count(ids.length, 'task')}: ${fromDatabase.length} from a damaged database, ` +
      `${fromFolders.length} from attempt folders`,
  );
  if (schedules.length > 0) await out.line(`restored ${count(schedules.length, 'schedule')}`);
  if (groups.length > 0) await out.line(`restored ${count(groups.length, 'group')}`);
  if (memories.length > 0)
    await out.line(
      `restored ${memories.length === 1 ? '1 memory' : `${memories.length} memories`}`,
    );
  for (const { path, why } of unreadable)
    await out.line(`could not be read, and is kept: ${oneLine(path)} (${oneLine(why)})`);
}

function parsed(said: string): Rebuilt {
  try {
    return JSON.parse(said) as Rebuilt;
  } catch (error) {
    throw new TendError(
      'internal',
      'the rebuild ended without a word of what it did',
      'Nothing that was there before has been deleted.',
      error,
    );
  }
}
