/** What every test of real repositories stands on: one with a commit, a state folder, git without anybody's settings, and no leftovers. */
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { placeOf } from '../../src/adapters/git/place.ts';
import type { Place, WorkspaceSpec } from '../../src/domain/workspace.ts';

// The adapter takes these over when it is loaded: import this file before it.
process.env['HOME'] = '/nonexistent';
process.env['XDG_CONFIG_HOME'] = '/nonexistent';

/** 2026-01-01T00:00:00Z, for whatever takes a time. */
export const NOW = 1_767_225_600_000;

const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_DATE: '1767225600 +0000',
  GIT_COMMITTER_DATE: '1767225600 +0000',
  GIT_TERMINAL_PROMPT: '0',
};

const SETTINGS = ['user.name=A Person', 'user.email=person@example.org', 'gc.auto=0'].flatMap(
  (setting) => ['-c', setting],
);

/** A person's git in any folder: what it wrote, without the last newline. Throws when it fails. */
export function gitIn(cwd: string, ...args: readonly string[]): string {
  const options = { cwd, env: ENVIRONMENT, encoding: 'utf8', stdio: 'pipe' } as const;
  return execFileSync('git', [...SETTINGS, ...args], options).replace(/\n$/, '');
}

/** The code that a person's git ends with. */
export const codeOf = (cwd: string, ...args: readonly string[]): number | null =>
  spawnSync('git', [...SETTINGS, ...args], { cwd, env: ENVIRONMENT }).status;

/** One repository with the branch `main`, and one state folder beside it. */
export class Ground {
  /** Holds everything; links resolved. */
  readonly root: string;
  readonly state: string;
  /** The person's checkout, and its `.git`. */
  readonly checkout: string;
  readonly repository: string;

  constructor(base = tmpdir()) {
    this.root = fs.realpathSync(fs.mkdtempSync(join(base, 'tend-git-')));
    this.state = join(this.root, 'state');
    this.checkout = join(this.root, 'project');
    this.repository = join(this.checkout, '.git');
    fs.mkdirSync(this.state, { mode: 0o700 });
    fs.mkdirSync(this.checkout);
    this.git('init', '-q', '-b', 'main');
    this.commit('first', { 'file.txt': 'one\n', 'src/a.txt': 'a\n' });
  }

  /** In the person's checkout. */
  git(...args: readonly string[]): string {
    return gitIn(this.checkout, ...args);
  }

  /** Writes files below a folder, by default the checkout; null takes one away. */
  write(files: Readonly<Record<string, string | Uint8Array | null>>, folder = this.checkout): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      if (content === null) {
        fs.unlinkSync(path);
        continue;
      }
      fs.mkdirSync(dirname(path), { recursive: true });
      fs.writeFileSync(path, content);
    }
  }

  /** Writes, then commits everything as a person; the full id. */
  commit(message: string, files: Parameters<Ground['write']>[0] = {}, cwd = this.checkout): string {
    this.write(files, cwd);
    gitIn(cwd, 'add', '-A');
    gitIn(cwd, 'commit', '-q', '--allow-empty', '-m', message);
    return gitIn(cwd, 'rev-parse', 'HEAD');
  }

  /** Full id; throws when there is none. */
  rev(name = 'HEAD', cwd = this.checkout): string {
    return gitIn(cwd, 'rev-parse', '--verify', '-q', '--end-of-options', name);
  }

  /** A work tree on the task's own branch, from HEAD, unless said otherwise. */
  spec(given: Partial<WorkspaceSpec> = {}): WorkspaceSpec {
    return {
      kind: 'worktree',
      repository: this.repository,
      checkout: this.checkout,
      subfolder: '',
      branch: null,
      base: given.base ?? this.rev(),
      target: 'main',
      setup: null,
      links: [],
      keepIgnored: [],
      ...given,
    };
  }

  place(spec: WorkspaceSpec, taskId = 't-1', number = 1, compete = false): Place {
    return placeOf(this.state, spec, taskId, number, compete);
  }

  /** Everything that could be seen to have changed of the person's: branches, HEAD, index and files. */
  personal(): string {
    const refs = this.git('for-each-ref', '--format=%(refname) %(objectname)').split('\n');
    return [
      ...refs.filter((ref) => !/^refs\/(?:tend|heads\/tend)\//.test(ref)),
      fs.readFileSync(join(this.repository, 'HEAD'), 'utf8'),
      this.git('ls-files', '--stage', '-v'),
      this.git('-c', 'core.quotePath=true', 'status', '--porcelain=v2', '--ignored', '-z'),
    ].join('\n');
  }

  close(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

/** A fresh ground for each test of the file. */
export function eachOnGround(): () => Ground {
  let ground: Ground;
  beforeEach(() => {
    ground = new Ground();
  });
  afterEach(() => {
    ground.close();
  });
  return () => ground;
}
