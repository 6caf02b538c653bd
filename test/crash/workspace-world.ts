import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isTerminal } from '../../src/domain/lifecycle.ts';
import { readDatabase, type StoredTask } from './database.ts';
import type { Home } from './home.ts';
import type { Blame, Violation } from './invariants.ts';
import { fileAt, git, IN_PLACE, REPOSITORY, Template } from './repository.ts';
import type { Scenario } from './scenarios.ts';
import type { World } from './world.ts';

/** Where the scenarios work: repositories with a person's checkout each, and refs that keep what tasks did. */
export class WorkspaceWorld implements World {
  readonly #template = new Template();
  /** Refs of saved work by home: they outlive their tasks. */
  readonly #kept = new Map<string, readonly Kept[]>();

  install(home: Home): void {
    this.#template.install(home);
  }

  isSettled(home: Home): boolean {
    return collected((blame) => checkYards(home, blame)).length === 0;
  }

  check(home: Home, scenarios: readonly Scenario[]): Violation[] {
    return collected((blame) => {
      const tasks = readDatabase(home);
      const kept = scenarios.flatMap((scenario) => {
        const task = tasks.find(({ key }) => key === scenario.key);
        return task === undefined ? [] : checkWork(home, task, scenario, blame);
      });
      this.#kept.set(home.folder, kept);
      checkPerson(home, blame);
      checkYards(home, blame);
      for (const { id, state } of tasks.filter((task) => !isTerminal(task.state)))
        blame('stuck', `${id} is ${state}`);
    });
  }

  left(home: Home): Violation[] {
    const kept = this.#kept.get(home.folder) ?? [];
    this.#kept.delete(home.folder);
    return collected((blame) => {
      for (const one of kept) checkKept(home, one, blame);
      checkPerson(home, blame);
      checkYards(home, blame);
    });
  }

  remove(): void {
    this.#template.remove();
  }
}

function collected(look: (blame: Blame) => void): Violation[] {
  const found: Violation[] = [];
  look((kind, detail) => void found.push({ kind, detail }));
  return found;
}

/** A commit that some ref must keep, with files that it must hold. */
interface Kept {
  repository: string;
  commit: string;
  files: Readonly<Record<string, string>>;
}

/** Each attempt that ran was saved, and what it did stands in its ref. */
function checkWork(
  home: Home,
  task: StoredTask,
  { key, work = [], committed = {}, request }: Scenario,
  blame: Blame,
): Kept[] {
  const repository = request.cwd === IN_PLACE ? IN_PLACE : REPOSITORY;
  const ran = task.attempts.filter(({ startedAt }) => startedAt !== null);
  if (ran.length !== work.length)
    blame('work_lost', `"${key}" ${task.id}: ${ran.length} attempts ran instead of ${work.length}`);
  return ran.flatMap(({ number, product }, nth) => {
    const saved = product?.saved ?? null;
    if (saved === null) {
      blame('work_lost', `"${key}" ${task.id}.${number} was not saved (${product?.unsaved})`);
      return [];
    }
    const kept = { repository, commit: saved.snapshot, files: work[nth] ?? {} };
    checkKept(home, kept, blame);
    const all = { ...kept.files, ...(nth === work.length - 1 && committed) };
    for (const [path, content] of Object.entries(all))
      if (fileAt(home, repository, saved.commit, path) !== content)
        blame('work_lost', `"${key}" ${task.id}.${number}: ${path} is not in its commit`);
    return [kept];
  });
}

function checkKept(home: Home, { repository, commit, files }: Kept, blame: Blame): void {
  // A removed task's refs have other names: its id may be used again.
  const refs = git(join(home.folder, repository), 'for-each-ref', '--contains', commit);
  if (refs === '') blame('work_lost', `no ref keeps ${commit} of ${repository}`);
  for (const [path, content] of Object.entries(files)) {
    const found = fileAt(home, repository, commit, path);
    if (found !== content)
      blame('work_lost', `${commit} holds ${JSON.stringify(found)} as ${path}`);
  }
}

/** The person's own checkouts and branches are as they were. */
function checkPerson(home: Home, blame: Blame): void {
  const look = (name: string, expected: string): void => {
    const folder = join(home.folder, name);
    const status = git(folder, 'status', '--porcelain', '--branch', '--untracked-files=all');
    if (status !== expected) blame('person_disturbed', `${name}: ${JSON.stringify(status)}`);
    const mains = git(folder, 'rev-list', '--count', 'main').trim();
    if (mains !== '1') blame('person_disturbed', `main of ${name} has ${mains} commits`);
    const broken = git(folder, 'fsck', '--connectivity-only', '--no-dangling');
    if (broken !== '') blame('work_lost', `${name} is broken: ${broken}`);
  };
  look(REPOSITORY, '## main\n');
  look(IN_PLACE, '## main\n M other.txt\n?? new.txt\n');
  const merged = fileAt(home, REPOSITORY, 'target', 'first.txt');
  if (merged !== 'first\n') blame('work_lost', `target has ${JSON.stringify(merged)} as first.txt`);
  const merges = git(
    join(home.folder, REPOSITORY),
    'rev-list',
    '--count',
    '--merges',
    'target',
  ).trim();
  if (merges !== '1') blame('person_disturbed', `target has ${merges} merges`);
}

/** No lock and no clean checkout is left behind. */
function checkYards(home: Home, blame: Blame): void {
  const yards = join(home.state, 'worktrees');
  for (const yard of listed(yards)) {
    for (const name of listed(join(yards, yard, '.tend')))
      if (name.endsWith('.lock')) blame('stuck', `the lock ${yard}/${name} is left`);
    for (const name of listed(join(yards, yard, '.checks')))
      blame('stuck', `the checkout ${yard}/${name} is left`);
  }
}

const listed = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
