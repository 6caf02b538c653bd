import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolvePaths, type Paths } from '../../src/interfaces/client/index.ts';

/** One state folder, and what its tasks and its daemons leave beside it. */
export interface Home {
  folder: string;
  state: string;
  paths: Paths;
  /** Where tasks run. */
  cwd: string;
  /** A line `<task> <task>.<attempt>` for every command that ran. */
  effects: string;
  /** A line for every point at which a daemon died. */
  died: string;
  remove(): void;
}

/** A kill leaves the page cache as it is, so memory does as well as a disk, and creates files faster. */
function parentFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

/** `webhookOf` answers who is told of the ends in a folder. */
export const newHome = (webhookOf: (folder: string) => string): Home =>
  homeIn(newFolder(), webhookOf);

/** A folder for one home; the state folder in it is empty. */
export function newFolder(): string {
  const folder = mkdtempSync(join(parentFolder(), 'tend-crash-'));
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
  return folder;
}

export function homeIn(folder: string, webhookOf: (folder: string) => string): Home {
  const state = join(folder, 'state');
  const cwd = join(folder, 'cwd');
  mkdirSync(cwd);
  mkdirSync(join(folder, 'gone'));
  const paths = resolvePaths({ TEND_HOME: state });
  writeFileSync(paths.configPath, configuration(webhookOf(folder)), { mode: 0o600 });
  return {
    folder,
    state,
    paths,
    cwd,
    effects: join(folder, 'effects'),
    died: join(folder, 'died'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const configuration = (webhook: string): string =>
  [
    '[limits]',
    'slots = 16',
    'output_keep = "100KB"',
    'output_limit = "1MB"',
    '[disk]',
    'floor = 0',
    '[budgets.sweep]',
    'usd = 100000',
    'window = "ever"',
    '[gc]',
    'automatic = false',
    '[webhooks.hook]',
    `url = "${webhook}"`,
    '',
  ].join('\n');

export const linesOf = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];

export const DATABASE = 'tend.db';
