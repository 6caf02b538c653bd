import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import Database from 'better-sqlite3';
import type { Pin } from './pins.ts';

/** Where the programs are kept between runs. */
export const CACHE =
  process.env['TEND_TEST_AGENTS_CACHE'] ?? join(homedir(), '.cache', 'tend-test-agents');

/** A program that can be run, or why it cannot. */
export type Installed =
  | { pin: Pin; program: string; reason?: never }
  | { pin: Pin; program?: never; reason: string };

/** Installs what is missing, one after the other; nobody else installs meanwhile. */
export async function install(
  pins: readonly Pin[],
  say: (line: string) => void,
): Promise<Installed[]> {
  fs.mkdirSync(CACHE, { recursive: true });
  if (process.platform !== 'linux')
    return pins.map((pin) => ({ pin, reason: `not run on ${process.platform}` }));
  const release = hold(join(CACHE, 'lock'), say);
  try {
    const installed: Installed[] = [];
    for (const pin of pins) installed.push(await one(pin, say));
    return installed;
  } finally {
    release();
  }
}

/** The kernel drops the lock with its process, so there is nothing stale to break. */
function hold(path: string, say: (line: string) => void): () => void {
  const lock = new Database(path, { timeout: 0 });
  const take = (): void => void lock.exec('BEGIN EXCLUSIVE');
  try {
    take();
  } catch {
    say(`another run installs into ${CACHE}; waiting for it`);
    lock.pragma('busy_timeout = 600000');
    take();
  }
  return () => void lock.close();
}

async function one(pin: Pin, say: (line: string) => void): Promise<Installed> {
  const folder = join(CACHE, `${pin.name}-${pin.version}`);
  const program = join(folder, 'bin', pin.name);
  if (fs.existsSync(program)) return { pin, program };
  say(`installing ${pin.package}@${pin.version}`);
  const next = fs.mkdtempSync(join(CACHE, '.next-'));
  try {
    await npm(next, `${pin.package}@${pin.version}`);
    link(next, pin);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(next, folder);
    return { pin, program };
  } catch (error) {
    fs.rmSync(next, { recursive: true, force: true });
    return { pin, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function npm(folder: string, what: string): Promise<void> {
  fs.writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', what];
  const child = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const [said, [code]] = await Promise.all([
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  if (code === 0) return;
  const why = said.split('\n').slice(0, 2).join(' ').replaceAll('npm error ', '');
  throw new Error(`npm install ${what} ended with ${code}: ${why}`);
}

/** A folder with nothing but the program in it, for the PATH; others may read all of it, whatever our umask is. */
function link(folder: string, pin: Pin): void {
  const program = join(folder, 'node_modules', pin.program(process.arch));
  if (!fs.existsSync(program)) throw new Error(`${pin.package} has no program for ${process.arch}`);
  const place = join(folder, 'bin', pin.name);
  fs.mkdirSync(dirname(place), { recursive: true });
  fs.symlinkSync(relative(dirname(place), program), place);
  fs.chmodSync(folder, 0o755);
}
