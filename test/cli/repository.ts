/** A repository in a home, where tasks of a test work. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The person's own settings have no say here. */
const APART = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

export class Repository {
  readonly path: string;

  /** With one commit of these files on the branch `main`. */
  constructor(path: string, files: Readonly<Record<string, string>>) {
    this.path = path;
    mkdirSync(path, { recursive: true });
    this.git('init', '-q', '-b', 'main');
    this.write(files);
    this.commit('begin');
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=person', '-c', 'user.email=person@localhost'];
    return execFileSync('git', [...identity, ...args], {
      cwd: this.path,
      env: { PATH: process.env['PATH'], ...APART },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true });
      writeFileSync(join(this.path, name), text);
    }
  }

  commit(message: string): string {
    this.git('add', '--all');
    this.git('commit', '-q', '-m', message);
    return this.git('rev-parse', 'HEAD').trim();
  }
}
