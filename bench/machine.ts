import { execFileSync } from 'node:child_process';
import * as os from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** What a number means nothing without. */
export interface Machine {
  at: string;
  cpu: string;
  cores: number;
  memoryGb: number;
  kernel: string;
  node: string;
  commit: string;
}

export function machine(): Machine {
  return {
    at: new Date().toISOString(),
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release(),
    node: process.version,
    commit: commit(),
  };
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const changed = git('status', '--porcelain', '--', 'src').trim() !== '';
    return git('rev-parse', '--short=12', 'HEAD').trim() + (changed ? ' and local changes' : '');
  } catch {
    return 'before the first commit';
  }
}

/** Load averages over 1, 5 and 15 minutes. */
export const load = (): string =>
  os
    .loadavg()
    .map((one) => one.toFixed(2))
    .join(' ');
