/** Wherever the daemon dies while a work tree goes, comes back or is deleted, the next one finishes it. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { codeOf, Ground, gitIn, NOW } from './ground.ts';
import { dropPlan, planDeath, removeShim } from './property-shim.ts';
// After the ground and the shim, which decide what git it finds.
import { createGit } from '../../src/adapters/git/git.ts';
import { type Entry, entriesIn, record, treeOf } from '../../src/adapters/git/trash/manifest.ts';
import { IS_LONG } from './property-agent.ts';
import type { Act, Work } from './property-acts.ts';

afterAll(removeShim);

const ACTS = join(import.meta.dirname, 'property-acts.ts');
const LATER = NOW + 40 * 86_400_000;
/** A long run dies at each call of git, any other one at some. */
const EACH = IS_LONG ? 1 : 4;
/** More calls of git than any act makes. */
const MOST = 60;

interface Stage {
  on: Ground;
  work: Work;
  personal: string;
  /** Status and files as they were. */
  looks(): string;
}

async function stage(): Promise<Stage> {
  const on = new Ground();
  const spec = on.spec();
  const place = on.place(spec);
  const { workspaces } = createGit(on.state);
  await workspaces.prepare(place, spec, [spec.base], false, NOW);
  on.commit('work', { 'file.txt': 'two\n', '.gitignore': 'ignored\n' }, place.path);
  on.write({ 'new.txt': 'new\n', ignored: 'x\n' }, place.path);
  const looks = (): string =>
    [
      gitIn(place.path, 'status', '--porcelain=v2', '--branch', '--ignored'),
      fs.readFileSync(join(place.path, 'new.txt'), 'utf8'),
      fs.readFileSync(join(place.path, 'ignored'), 'utf8'),
    ].join('\n');
  return { on, work: { state: on.state, place, now: NOW }, personal: on.personal(), looks };
}

/** Whether it died over it. */
function dies(work: Work, what: Act['do']): boolean {
  try {
    const act = JSON.stringify({ do: what });
    execFileSync(process.execPath, [ACTS, JSON.stringify(work), act], { stdio: 'pipe' });
    return false;
  } catch (error) {
    return (error as { signal?: string }).signal === 'SIGKILL';
  }
}

/** Lets the act die before each of its calls of git in turn, each time on a fresh stage. */
async function everywhere(
  ready: (one: Stage) => Promise<void>,
  what: Act['do'],
  after: (one: Stage) => Promise<void>,
): Promise<number> {
  for (let nth = 1; nth < MOST; nth += EACH) {
    const one = await stage();
    try {
      await ready(one);
      planDeath(nth, 'daemon-before');
      const isDead = dies({ ...one.work, now: what === 'purge' ? LATER : NOW + 1_000 }, what);
      if (dropPlan()) return nth;
      expect(isDead).toBe(true);
      await after(one);
      expect(one.on.personal()).toBe(one.personal);
      expect(codeOf(one.on.checkout, 'fsck', '--full')).toBe(0);
      const locks = execFileSync('find', [one.on.repository, '-name', '*.lock']).toString();
      expect(locks).toBe('');
    } finally {
      one.on.close();
    }
  }
  throw new Error(`${what} never came to its end`);
}

const put = async ({ on, work }: Stage): Promise<void> => {
  const { trash, workspaces } = createGit(on.state);
  await workspaces.release(work.place);
  expect(await trash.put(work.place, NOW)).toMatchObject({ path: work.place.path });
};

const bringBack = async ({ on }: Stage): Promise<void> => {
  const { trash } = createGit(on.state);
  const [newest] = await trash.list();
  if (newest !== undefined) await trash.restore(newest);
};

test('while it goes', async () => {
  const before = async (one: Stage): Promise<void> => void (looked = one.looks());
  let looked = '';
  const calls = await everywhere(before, 'put', async (one) => {
    await put(one);
    expect((await createGit(one.on.state).trash.list()).length).toBe(1);
    const known = one.on.git('worktree', 'list', '--porcelain');
    expect(known).toContain('\nlocked tend: in the trash');
    expect(known).not.toContain('\nprunable');
    await bringBack(one);
    expect(one.looks()).toBe(looked);
  });
  expect(calls).toBeGreaterThan(10);
}, 240_000);

test('while it comes back', async () => {
  let looked = '';
  const ready = async (one: Stage): Promise<void> => {
    looked = one.looks();
    await put(one);
  };
  const calls = await everywhere(ready, 'restore', async (one) => {
    await bringBack(one);
    expect(one.looks()).toBe(looked);
    expect(await createGit(one.on.state).trash.list()).toEqual([]);
    expect(fs.readdirSync(join(one.on.state, 'trash'))).toEqual([]);
  });
  expect(calls).toBeGreaterThan(5);
}, 240_000);

test('while it is deleted', async () => {
  const calls = await everywhere(put, 'purge', async ({ on }) => {
    await createGit(on.state).trash.purge(LATER, false);
    expect(fs.readdirSync(join(on.state, 'trash')).filter((name) => name[0] !== '.')).toEqual([]);
    expect(on.git('worktree', 'list').split('\n').length).toBe(1);
    const [late] = on.git('for-each-ref', '--format=%(objectname)', 'refs/tend').split('\n');
    expect(on.git('show', `${late}:new.txt`)).toBe('new');
  });
  expect(calls).toBeGreaterThan(5);
}, 240_000);

/** The steps that are no call of git, by what they leave. */
const LEFT: Record<string, (entry: Entry, place: string) => Promise<void>> = {
  'the move, before git follows': (entry) => record({ ...entry, phase: 'putting' }),
  'the intent to bring it back': (entry) => record({ ...entry, phase: 'restoring' }),
  'the move back, before git follows': async (entry, place) => {
    await record({ ...entry, phase: 'restoring' });
    fs.renameSync(treeOf(entry), place);
  },
};

test.each(Object.entries(LEFT))('after %s', async (_, leave) => {
  const one = await stage();
  const { on, work } = one;
  try {
    const looked = one.looks();
    await put(one);
    const [entry] = entriesIn(join(on.state, 'trash'));
    if (entry === undefined) throw new Error('nothing was put');
    await leave(entry, work.place.path);
    await put(one);
    await bringBack(one);
    expect(one.looks()).toBe(looked);
    expect(on.personal()).toBe(one.personal);
    expect(fs.readdirSync(join(on.state, 'trash'))).toEqual([]);
  } finally {
    on.close();
  }
});

test('what was only announced stays where it is', async () => {
  const one = await stage();
  const { on, work } = one;
  try {
    const looked = one.looks();
    const { path, repository, taskId } = work.place;
    const folder = join(on.state, 'trash', 'announced');
    fs.mkdirSync(join(on.state, 'trash'));
    const facts = { version: 1, phase: 'putting', taskId, at: NOW, repository, path } as const;
    const head = { branch: 'tend/t-1', branchTip: null, tip: null, onBranch: true };
    await record({ ...facts, ...head, folder });
    expect(await createGit(on.state).trash.list()).toEqual([]);
    expect(fs.readdirSync(join(on.state, 'trash'))).toEqual([]);
    expect(one.looks()).toBe(looked);
  } finally {
    on.close();
  }
});

test('a new work tree in its place does not take what git keeps for the one in the trash', async () => {
  const one = await stage();
  const { on, work } = one;
  try {
    const looked = one.looks();
    const { path, repository, taskId } = work.place;
    const folder = join(on.state, 'trash', 'moved');
    fs.mkdirSync(folder, { recursive: true });
    const tip = on.rev('tend/t-1');
    const facts = { version: 1, phase: 'putting', taskId, at: NOW, repository, path } as const;
    await record({ ...facts, branch: 'tend/t-1', branchTip: tip, tip, onBranch: true, folder });
    fs.renameSync(path, join(folder, 'tree'));
    const { workspaces, trash } = createGit(on.state);
    const spec = on.spec();
    await workspaces.prepare(work.place, spec, [spec.base], false, NOW);
    expect(on.git('worktree', 'list').split('\n').length).toBe(3);
    await trash.put(work.place, NOW - 1);
    await bringBack(one);
    expect(one.looks().split('\n').slice(2)).toEqual(looked.split('\n').slice(2));
  } finally {
    on.close();
  }
});

test('half deleted, it is deleted further, and never brought back', async () => {
  const one = await stage();
  const { on } = one;
  try {
    await put(one);
    const [entry] = entriesIn(join(on.state, 'trash'));
    if (entry === undefined) throw new Error('nothing was put');
    await record({ ...entry, phase: 'purging' });
    fs.unlinkSync(join(treeOf(entry), 'new.txt'));
    expect(await createGit(on.state).trash.list()).toEqual([]);
    expect(fs.readdirSync(join(on.state, 'trash'))).toEqual([]);
    expect(on.git('worktree', 'list').split('\n').length).toBe(1);
  } finally {
    on.close();
  }
});
