import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Home } from './home.ts';

/** The person's own settings have no say here. */
const APART = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

export const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=person', '-c', 'user.email=person@localhost', ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...APART },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

export const REPOSITORY = 'repository';
export const IN_PLACE = 'place';

/** Made once, copied into each home. */
export class Template {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tend-crash-template-'));

  constructor() {
    git(this.#folder, 'init', '-q', '-b', 'main');
    writeFileSync(join(this.#folder, 'status.txt'), 'good\n');
    writeFileSync(join(this.#folder, 'other.txt'), 'other\n');
    git(this.#folder, 'add', '.');
    git(this.#folder, 'commit', '-q', '-m', 'begin');
    git(this.#folder, 'branch', 'target');
  }

  install(home: Home): void {
    for (const name of [REPOSITORY, IN_PLACE])
      cpSync(this.#folder, join(home.folder, name), { recursive: true });
    writeFileSync(join(home.folder, IN_PLACE, 'other.txt'), 'dirty before\n');
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** What stands in a file of a commit; null = no such file. */
export function fileAt(
  home: Home,
  repository: string,
  commit: string,
  path: string,
): string | null {
  try {
    return git(join(home.folder, repository), 'cat-file', 'blob', `${commit}:${path}`);
  } catch {
    return null;
  }
}
