import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Unpacked here and nowhere else: nothing is installed into the system or the repository. */
export const PEERS = process.env['TEND_BENCH_PEERS'] ?? join(tmpdir(), 'tend-bench-peers');

const PACKAGES = ['task-spooler', 'nq', 'parallel', 'supervisor', 'python3-pkg-resources'];

/** Fetches what the machine lacks, from Debian and npm through their own clients; answers what went wrong. */
export function installPeers(): string[] {
  mkdirSync(PEERS, { recursive: true });
  return [attempt('apt-get download', unpackDebian), attempt('npm install pm2', installPm2)].filter(
    (reason) => reason !== null,
  );
}

function attempt(what: string, work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return `${what}: ${(error as Error).message.split('\n', 1)[0] ?? ''}`;
  }
}

function unpackDebian(): void {
  const root = join(PEERS, 'root');
  if (existsSync(join(root, 'usr', 'bin', 'tsp'))) return;
  const debs = join(PEERS, 'debs');
  mkdirSync(debs, { recursive: true });
  execFileSync('apt-get', ['download', ...PACKAGES], { cwd: debs, stdio: 'ignore' });
  for (const deb of readdirSync(debs)) execFileSync('dpkg', ['-x', join(debs, deb), root]);
}

function installPm2(): void {
  const folder = join(PEERS, 'npm');
  if (existsSync(join(folder, 'node_modules', '.bin', 'pm2'))) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const args = ['install', 'pm2', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', args, { cwd: folder, stdio: 'ignore' });
}

/** The program as found in PATH or among the peers; null when there is none. */
export function find(program: string): string | null {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    join(PEERS, 'root', 'usr', 'bin'),
    join(PEERS, 'npm', 'node_modules', '.bin'),
  ];
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export const missing = (program: string): string | null =>
  find(program) === null ? `${program} is not installed and could not be fetched` : null;

/** Throws when the program is not there. */
export function need(program: string): string {
  const path = find(program);
  if (path === null) throw new Error(`there is no ${program}`);
  return path;
}
