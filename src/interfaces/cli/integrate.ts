/** `tend integrate`: let an agent host delegate to Tend, and be told what came of it. */
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { TendError } from '../../domain/errors.ts';
import { type Host, HOSTS, isHost } from '../../domain/host.ts';
import { nearest } from '../../domain/nearest.ts';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';
import type { HostKind, Place } from './hosts/host.ts';
import { hostKind } from './hosts/index.ts';
import { lineDiff } from './hosts/line-diff.ts';
import { removeEmptyFolders } from './hosts/place-file.ts';
import { type Change, planOf } from './hosts/plan.ts';
import { common } from './options.ts';
import type { Printer } from './print.ts';
import { oneLine, safeText } from './text.ts';

interface Options extends Common {
  project?: boolean;
  undo?: boolean;
  status?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

const EXAMPLES = `
Adds the MCP server "tend" and the host's own hooks, so that a session can start
tasks and is told when they end or ask. Shows every change before it is made;
comments and everything else in the files stay as they are.

Hosts: ${HOSTS.join(', ')}.

Examples:
  tend integrate claude
  tend integrate codex --dry-run
  tend integrate gemini --project --yes      files of this repository
  tend integrate claude --undo
  tend integrate --status`;

export function define(command: Command, context: Context): void {
  common(command, 'paths of the files only')
    .description('Let an agent host delegate to tend and be told what came of it.')
    .argument('[host]', 'which host')
    .option('--project', 'write the files of this repository instead of your own')
    .option('--undo', 'take away what tend wrote, and nothing else')
    .option('--status', 'only tell what is there')
    .option('--dry-run', 'only show the changes')
    .option('-y, --yes', 'make the changes without a question')
    .addHelpText('after', EXAMPLES)
    .action((host: string | undefined, options: Options) => integrate(context, host, options));
}

async function integrate(
  context: Context,
  word: string | undefined,
  options: Options,
): Promise<void> {
  if (options.undo === true && options.status === true)
    throw usage('--undo and --status exclude each other');
  if (word === undefined) {
    if (options.status === true) return status(context, HOSTS, options);
    throw usage('which host?', `Hosts: ${HOSTS.join(', ')}`);
  }
  if (!isHost(word)) {
    const guess = nearest(word, HOSTS);
    throw usage(
      `there is no host ${JSON.stringify(word)}`,
      guess === null ? `Hosts: ${HOSTS.join(', ')}` : `Did you mean: tend integrate ${guess}`,
    );
  }
  if (options.status === true) return status(context, [word], options);
  return change(context, await hostKind(word), options);
}

async function change(context: Context, kind: HostKind, options: Options): Promise<void> {
  const { out, err } = context;
  const { place, changes } = await planned(context, kind, options);
  const todo = changes.filter(({ action }) => action !== 'none' && action !== 'refused');
  const refused = changes.filter(({ action }) => action === 'refused');
  const isQuiet = options.json === true || options.quiet === true;
  if (!isQuiet) await out.write(shown(changes, out));
  if (refused.length > 0) throw refusal(refused);
  const really = todo.length > 0 && options.dryRun !== true;
  if (really && options.yes !== true) await agreed(context, todo.length, isQuiet);
  if (really) removeEmptyFolders(changes.flatMap(done));
  const notes = options.undo === true || todo.length === 0 ? [] : kind.notes(place);
  if (options.json === true)
    return out.json({
      host: kind.name,
      scope: place.project === null ? 'user' : 'project',
      applied: really,
      files: changes.map(({ path, action, before, after }) => ({
        path,
        action,
        diff: diffText(before, after),
      })),
      notes,
    });
  if (options.quiet === true)
    return out.write(todo.map(({ path }) => `${oneLine(path)}\n`).join(''));
  if (todo.length === 0)
    return out.line(
      options.undo === true
        ? `nothing of tend is in the files of ${kind.title}`
        : `${kind.title} is integrated; nothing to do`,
    );
  if (!really) return err.line('tend: nothing was written (--dry-run)');
  await out.line(
    options.undo === true ? `${kind.title}: taken away` : `${kind.title} is integrated`,
  );
  for (const note of notes) await err.line(`  ${err.paint('dim', note)}`);
}

function done(one: Change): string[] {
  try {
    return one.apply();
  } catch (error) {
    throw refusal([{ ...one, refused: (error as Error).message }]);
  }
}

const refusal = (refused: readonly Change[]): TendError =>
  new TendError(
    'invalid_input',
    `not touched: ${refused.map(({ path, refused: why }) => `${oneLine(path)}: ${oneLine(why ?? '')}`).join('; ')}`,
    'Put that right, then call tend integrate again; no other file was changed before that.',
  );

async function planned(
  context: Context,
  kind: HostKind,
  options: Options,
): Promise<{ place: Place; changes: Change[] }> {
  const place = placeFor(context, options.project === true);
  const { resolvePaths } = await import('../client/index.ts');
  const record = join(dirname(resolvePaths(context.env).configPath), 'integrations.json');
  return { place, changes: planOf(kind, { place, record, undo: options.undo === true }) };
}

function placeFor({ env, cwd, version }: Context, inProject: boolean): Place {
  const home = env['HOME'] || env['USERPROFILE'];
  if (home === undefined || home === '')
    throw usage('HOME is not set', 'It says where the files of your agent hosts are.');
  const project = inProject ? repositoryOf(cwd()) : null;
  return { home, env, project, version, command: inProject ? ['tend'] : ownCommand(env) };
}

function repositoryOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at))
      throw usage(`${folder} is in no git repository`, 'Change to one, or leave --project out.');
  }
}

/** `tend` where that is this program, else its absolute path. */
function ownCommand(env: Context['env']): string[] {
  const own = realpathSync(fileURLToPath(new URL('../../../bin/tend.cjs', import.meta.url)));
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'tend');
    try {
      accessSync(path, constants.X_OK);
      if (folder !== '' && realpathSync(path) === own) return ['tend'];
      break;
    } catch {
      continue;
    }
  }
  return [process.execPath, own];
}

async function agreed({ out, err }: Context, count: number, isQuiet: boolean): Promise<void> {
  if (isQuiet || !out.isTerminal || process.stdin.isTTY !== true)
    throw usage(
      'nobody is there to agree to the changes',
      'Agree with --yes, or look with --dry-run.',
    );
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const words = count === 1 ? 'Make this change?' : `Make these ${count} changes?`;
    const answer = await asking.question(`${err.paint('bold', words)} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    asking.close();
  }
  throw new TendError('interrupted', 'nothing was changed', 'Call it again when you want to.');
}

const TITLES = { create: 'new file', change: 'change', remove: 'remove', none: '', refused: '' };

function shown(changes: readonly Change[], { paint }: Printer): string {
  return changes
    .filter(({ action }) => action !== 'none' && action !== 'refused')
    .map(({ path, action, before, after }) => {
      const lines = lineDiff(before, after).map(({ mark, text }) => {
        const safe = `${mark} ${safeText(text.replaceAll('\r', ''))}`;
        const style = { ' ': 'dim', '+': 'green', '-': 'red', '@': 'cyan' } as const;
        return `  ${paint(style[mark], safe)}\n`;
      });
      return `${paint('bold', `${TITLES[action]} ${oneLine(path)}`)}\n${lines.join('')}\n`;
    })
    .join('');
}

const diffText = (before: string, after: string): string =>
  lineDiff(before, after)
    .map(({ mark, text }) => `${mark} ${text}\n`)
    .join('');

type State = 'integrated' | 'outdated' | 'partly' | 'absent' | 'refused';

async function status(context: Context, hosts: readonly Host[], options: Options): Promise<void> {
  const found = await Promise.all(
    hosts.map(async (host) => {
      const kind = await hostKind(host);
      const add = await planned(context, kind, { ...options, undo: false });
      const take = await planned(context, kind, { ...options, undo: true });
      return {
        host,
        state: stateOf(add.changes, take.changes),
        files: add.changes.map(({ path }) => path),
      };
    }),
  );
  const { out } = context;
  if (options.json === true) return out.json({ hosts: found });
  const lines = found.map(({ host, state }) => `${host.padEnd(9)} ${WORDS[state]}\n`);
  await out.write(
    options.quiet === true
      ? found.flatMap(({ state, host }) => (state === 'integrated' ? [`${host}\n`] : [])).join('')
      : lines.join(''),
  );
}

const WORDS: Readonly<Record<State, string>> = {
  integrated: 'integrated',
  outdated: 'integrated by another version, or moved: tend integrate renews it',
  partly: 'partly integrated: tend integrate completes it',
  absent: 'not integrated',
  refused: 'a file of it cannot be read: tend integrate tells which',
};

/** From what adding would change, and what undoing would. */
function stateOf(add: readonly Change[], take: readonly Change[]): State {
  if (add.some(({ action }) => action === 'refused')) return 'refused';
  if (add.every(({ action }) => action === 'none')) return 'integrated';
  const there = take.filter(({ action }) => action !== 'none').length;
  if (there === 0) return 'absent';
  return there === take.length ? 'outdated' : 'partly';
}
