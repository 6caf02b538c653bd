import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ground, gitIn } from './ground.ts';
import { Attempt } from './save-ground.ts';

type Act = (attempt: Attempt, nth: number) => void;

/** git of an agent: whatever it answers. */
const tries =
  (...args: readonly string[]): Act =>
  ({ path }) =>
    void spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: path,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_EDITOR: 'true' },
    });

const writes =
  (name: string): Act =>
  (attempt, nth) => {
    if (fs.lstatSync(join(attempt.path, name), { throwIfNoEntry: false })?.isDirectory()) return;
    attempt.write({ [name]: `${name} ${nth}\n` });
  };

const inTree =
  (does: (path: string) => void, name = '.'): Act =>
  ({ path }) => {
    try {
      does(join(path, name));
    } catch {
      // Not there any more, or not a file.
    }
  };

const gitFolder = (does: (own: string) => void): Act =>
  inTree((path) => {
    does(gitIn(path, 'rev-parse', '--absolute-git-dir'));
  });

const ACTS: Record<string, Act> = {
  edit: writes('file.txt'),
  editDeep: writes('src/a.txt'),
  create: writes('made/new.txt'),
  createOdd: writes('-odd "name\n'),
  unlink: inTree(fs.unlinkSync, 'file.txt'),
  rename: inTree((path) => {
    fs.renameSync(path, `${path}.moved`);
  }, 'src/a.txt'),
  stage: tries('add', '-A'),
  stageSome: tries('add', 'file.txt'),
  commit: tries('commit', '-qam', 'all'),
  amend: tries('commit', '-qa', '--amend', '-m', 'amended', '--allow-empty'),
  branch: tries('switch', '-qc', 'agent/x'),
  back: tries('switch', '-q', 'tend/t-1'),
  detach: tries('checkout', '-q', '--detach'),
  reset: tries('reset', '-q', '--mixed', 'HEAD~1'),
  merge: tries('merge', '-q', '--no-edit', 'agent/x'),
  rebase: tries('rebase', '-q', 'agent/x'),
  pick: tries('cherry-pick', 'agent/x'),
  stash: tries('stash', '-u'),
  untrack: tries('rm', '-q', '--cached', 'src/a.txt'),
  orphan: tries('checkout', '-q', '--orphan', 'agent/o'),
  deleteBranch: tries('update-ref', '-d', 'refs/heads/tend/t-1'),
  hide: tries('update-index', '--assume-unchanged', 'file.txt'),
  lock: gitFolder((own) => {
    fs.writeFileSync(join(own, 'index.lock'), '');
  }),
  breakIndex: gitFolder((own) => {
    fs.writeFileSync(join(own, 'index'), 'x');
  }),
  nest: inTree((path) => {
    fs.mkdirSync(path, { recursive: true });
    gitIn(path, 'init', '-q');
    fs.writeFileSync(join(path, 'inner.txt'), 'inner\n');
  }, 'nested'),
  commitNested: inTree((path) => {
    if (!fs.existsSync(join(path, '.git'))) return;
    gitIn(path, 'add', '-A');
    gitIn(path, 'commit', '-qm', 'nested');
  }, 'nested'),
  unlinkGit: inTree(fs.unlinkSync, '.git'),
  save: () => undefined,
};

/** Files of the work tree, as they stand. */
function standing(root: string): Record<string, string> {
  const names = fs.readdirSync(root, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names.flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || path.includes('/.git/') || entry.name === '.git') return [];
      return [[path.slice(root.length + 1), fs.readFileSync(path, 'utf8').replace(/\n$/, '')]];
    }),
  );
}

/** Every commit that HEAD of the work tree was ever at. */
function everAt(ground: Ground): string[] {
  const log = join(ground.repository, 'worktrees/t-1/logs/HEAD');
  const text = fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : '';
  return [...new Set(text.match(/\b[0-9a-f]{40}\b/g))].filter((id) => !/^0+$/.test(id));
}

async function saves(attempt: Attempt, seen: Set<string>): Promise<void> {
  const { ground } = attempt;
  for (const commit of everAt(ground)) seen.add(commit);
  const tips = (): string[] =>
    ground.git('for-each-ref', '--format=%(refname) %(objectname)').split('\n');
  const before = tips();
  const stands = standing(attempt.path);
  const saved = await attempt.saved();
  // Whatever stood there is in the commit, and can be brought back.
  expect(attempt.files(saved.commit)).toEqual(stands);
  expect(standing(attempt.path)).toEqual(stands);
  const kept = new Set(ground.git('rev-list', saved.snapshot).split('\n'));
  expect([...seen].filter((commit) => !kept.has(commit))).toEqual([]);
  // No ref but ours has moved, and the task's branch only forwards.
  const foreign = tips().filter((line) => !/^refs\/(?:tend|heads\/tend)\//.test(line));
  expect(foreign).toEqual(before.filter((line) => !/^refs\/(?:tend|heads\/tend)\//.test(line)));
  const tip = before.find((line) => line.startsWith('refs/heads/tend/t-1 '))?.split(' ')[1];
  if (tip !== undefined) expect(attempt.holds(attempt.tip(), tip)).toBe(true);
  expect(await attempt.saved()).toEqual(saved);
}

test('whatever an agent does, what stood there is kept, and every commit it was at', async () => {
  const acts = fc.array(fc.constantFrom(...Object.keys(ACTS)), { minLength: 2, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(acts, async (names) => {
      const ground = new Ground();
      try {
        const attempt = new Attempt(ground);
        const person = ground.git('status', '--porcelain');
        const seen = new Set<string>();
        for (const [nth, name] of names.entries()) {
          ACTS[name]?.(attempt, nth);
          if (name === 'save') await saves(attempt, seen);
        }
        await saves(attempt, seen);
        expect(ground.git('status', '--porcelain')).toBe(person);
        expect(ground.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
      } finally {
        ground.close();
      }
    }),
    { numRuns: Number(process.env['SAVE_RUNS'] ?? 12), endOnFailure: true },
  );
}, 240_000);
