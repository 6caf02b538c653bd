import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { EndedAttempt } from '../../src/domain/attempt.ts';
import type { Checks } from '../../src/domain/checks.ts';
import { DENIED } from '../../src/domain/globs.ts';
import type { Task } from '../../src/domain/task.ts';
import type { WorkspaceSpec } from '../../src/domain/workspace.ts';

/** The person's own settings have no say here. */
const APART = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

/** A repository of a person, in a folder of its own. */
export interface Yard {
  root: string;
  /** Commit that everything begins on. */
  base: string;
  git(...args: string[]): string;
  /** Writes files and commits them on what is checked out; answers the commit. */
  commit(files: Readonly<Record<string, string>>): string;
  /** What stands in a file of a commit; null = there is none. */
  fileAt(commit: string, path: string): string | null;
  workspace(changes?: Partial<WorkspaceSpec>): WorkspaceSpec;
  remove(): void;
}

export function makeYard(files: Readonly<Record<string, string>> = { 'a.txt': 'one\n' }): Yard {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tend-yard-')));
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=person', '-c', 'user.email=p@localhost', ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'], ...APART },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trimEnd();
  const commit: Yard['commit'] = (changed) => {
    for (const [name, text] of Object.entries(changed)) writeFileSync(join(root, name), text);
    git('add', '.');
    git('commit', '-q', '-m', 'change');
    return git('rev-parse', 'HEAD');
  };
  git('init', '-q', '-b', 'main');
  const base = commit(files);
  return {
    root,
    base,
    git,
    commit,
    fileAt: (at, path) => {
      try {
        return git('cat-file', 'blob', `${at}:${path}`);
      } catch {
        return null;
      }
    },
    workspace: (changes = {}) => ({
      kind: 'worktree',
      repository: join(root, '.git'),
      checkout: root,
      subfolder: '',
      branch: null,
      base,
      target: 'main',
      setup: null,
      links: [],
      keepIgnored: [],
      ...changes,
    }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Asks until the answer is as expected: on a busy machine that takes a while. */
export const patiently = <T>(ask: () => T) => expect.poll(ask, { timeout: 20_000 });

/** The task's last attempt, which is over. */
export function endedOf(task: Task | undefined): EndedAttempt {
  const attempt = task?.attempt ?? null;
  if (attempt === null || attempt.outcome === null) throw new Error('nothing has ended');
  return attempt;
}

export const asks = (changes: Partial<Checks> = {}): Checks => ({
  verify: null,
  fix: 0,
  template: null,
  judge: null,
  review: false,
  scope: [],
  denied: DENIED,
  checklist: [],
  bestOf: 1,
  metric: null,
  ...changes,
});

export const verify = (command: string, from: 'saved' | 'base' = 'saved'): Checks['verify'] => ({
  command,
  timeout: 60_000,
  from,
  found: null,
});
