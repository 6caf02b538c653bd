/** A work tree as an attempt finds it, and what a save of it comes to. */
import { join } from 'node:path';
import { NOW, type Ground, gitIn } from './ground.ts';
import { save } from '../../src/adapters/git/save.ts';
import type { Place, Prepared, WorkspaceSpec } from '../../src/domain/workspace.ts';
import type { Kept, SaveRequest, SaveResult } from '../../src/ports/workspace.ts';

export class Attempt {
  readonly ground: Ground;
  readonly place: Place;
  readonly prepared: Prepared;
  previous: string | null = null;
  keepIgnored: string[] = [];
  watchCheckout = false;

  constructor(ground: Ground, number = 1, spec: WorkspaceSpec = ground.spec(), made = false) {
    this.ground = ground;
    this.place = ground.place(spec, 't-1', number);
    const { path, branch } = this.place;
    if (spec.kind === 'worktree' && !made)
      ground.git('worktree', 'add', '-q', '-b', branch ?? '', path, spec.base);
    const head = gitIn(path, 'rev-parse', 'HEAD');
    this.prepared = { at: NOW, base: spec.base, head, before: null, checkout: null, refusal: null };
  }

  get path(): string {
    return this.place.path;
  }

  /** In the work tree, as the agent. */
  git(...args: readonly string[]): string {
    return gitIn(this.path, ...args);
  }

  write(files: Parameters<Ground['write']>[0]): void {
    this.ground.write(files, this.path);
  }

  request(): SaveRequest {
    return {
      at: NOW + 60_000,
      message: 'What the task did\n',
      prepared: this.prepared,
      previous: this.previous,
      keepIgnored: this.keepIgnored,
      watchCheckout: this.watchCheckout,
    };
  }

  tried(): Promise<SaveResult> {
    return save(this.ground.state, this.place, this.request());
  }

  async saved(): Promise<Kept> {
    const result = await this.tried();
    if ('refusal' in result) throw new Error(result.refusal);
    return result;
  }

  /** Files of a commit, with their contents. */
  files(commit: string): Record<string, string> {
    const names = this.ground.git('ls-tree', '-r', '-z', '--name-only', commit).split('\0');
    return Object.fromEntries(
      names
        .filter((name) => name !== '')
        .map((name) => [name, this.ground.git('cat-file', 'blob', `${commit}:${name}`)]),
    );
  }

  /** Whether everything of `commit` is behind the snapshot. */
  holds(snapshot: string, commit: string): boolean {
    return this.ground.git('merge-base', commit, snapshot) === this.ground.rev(commit);
  }

  tip(): string {
    return this.ground.rev(`refs/heads/${this.place.branch}`);
  }

  own(name: string): string {
    return join(this.git('rev-parse', '--absolute-git-dir'), name);
  }
}
