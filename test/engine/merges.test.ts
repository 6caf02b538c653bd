import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  ask,
  CHECKS,
  done,
  ended,
  ground,
  merged,
  MERGE,
  repository,
  withGround,
} from './merges-ground.ts';

withGround();

const log = (...args: string[]): string[] =>
  repository.git('log', '--format=%s', ...args).split('\n');

describe('a merge', () => {
  test('brings the work of a task into the branch that it was meant for', async () => {
    const task = await done('echo two > file.txt; echo new > new.txt');
    const merge = await merged(task);
    expect(merge).toMatchObject({ state: 'merged', target: 'main', proof: 'none', detail: null });
    expect(merge.change).toMatchObject({ files: 2, insertions: 2, deletions: 1 });
    expect(repository.rev('main')).toBe(merge.to);
    expect(repository.git('status', '--porcelain')).toBe('');
    expect(repository.git('show', 'main:new.txt')).toBe('new');
    expect(repository.git('log', '-1', '--format=%B', 'main')).toBe(
      `Merge ${task.spec.title}\n\nTend-Task: ${task.id}\nTend-Verification: none\n`,
    );
    expect(repository.git('for-each-ref', 'refs/tend/merges')).toBe('');
    expect(ground.faults).toEqual([]);
  });

  test('asked for twice is the same one, until it is taken back', async () => {
    const task = await done('echo two > file.txt');
    const before = repository.rev('main');
    const first = await ask(task);
    expect((await ask(task)).seq).toBe(first.seq);
    const { to } = await ended(task);
    expect(await ask(task)).toMatchObject({ seq: first.seq, state: 'merged', to });
    repository.git('checkout', '-q', '--detach');
    repository.git('update-ref', 'refs/heads/main', before);
    const again = await merged(task);
    expect(again.seq).toBeGreaterThan(first.seq);
    expect(again.state).toBe('merged');
  });

  test('into one branch comes after the one before it', async () => {
    const tasks = [
      await done('echo 1 > a.txt'),
      await done('echo 2 > b.txt'),
      await done('echo 3 > c.txt'),
    ];
    for (const task of tasks) await ask(task);
    const merges = [];
    for (const task of tasks) merges.push(await ended(task));
    expect(merges.map(({ state }) => state)).toEqual(['merged', 'merged', 'merged']);
    expect(merges[1]?.from).toBe(merges[0]?.to);
    expect(merges[2]?.from).toBe(merges[1]?.to);
    expect(log('--merges', '--reverse', '--first-parent', 'main')).toEqual(
      tasks.map(({ spec }) => `Merge ${spec.title}`),
    );
  });

  test('into another branch is one of its own', async () => {
    repository.git('branch', 'release');
    const task = await done('echo two > file.txt');
    const first = await merged(task);
    const second = await merged(task, { into: 'release', how: 'squash' });
    expect([first.target, second.target]).toEqual(['main', 'release']);
    expect(await ground.ports.store.merges([task.id])).toEqual([second, first]);
    expect(repository.git('log', '-1', '--format=%P', 'release').split(' ')).toHaveLength(1);
  });

  test('of what is there already changes nothing', async () => {
    const task = await done('true');
    const before = repository.rev('main');
    expect(await merged(task)).toMatchObject({ state: 'merged', from: before, to: before });
    expect(repository.rev('main')).toBe(before);
  });

  test('without a commit of its own moves the branch, or does nothing', async () => {
    const [first, second] = [await done('echo 1 > a.txt'), await done('echo 2 > b.txt')];
    const { to, commit } = await merged(first, { how: 'fast_forward' });
    expect([to, repository.rev('main')]).toEqual([commit, commit]);
    const refused = await merged(second, { how: 'fast_forward' });
    expect(refused).toMatchObject({ state: 'diverged' });
    expect(repository.rev('main')).toBe(commit);
    expect(await merged(second)).toMatchObject({ state: 'merged' });
  });

  test('of work in place finds it on its branch', async () => {
    const workspace = { kind: 'in_place', branch: null, base: null, setup: null } as const;
    repository.git('checkout', '-q', '-b', 'feature');
    const { id } = await ground.submit('echo two > file.txt', {
      cwd: repository.checkout,
      asks: { workspace, checks: CHECKS },
    });
    const [task] = await ground.settled(id);
    if (task === undefined) throw new Error('no task');
    // It stands there already.
    expect(await merged(task)).toMatchObject({ state: 'merged', target: 'feature' });
    expect(repository.git('status', '--porcelain')).toBe('');
    expect(await merged(task, { into: 'main' })).toMatchObject({ state: 'merged' });
    expect(repository.git('show', 'main:file.txt')).toBe('two');
  });
});

describe('nothing is touched', () => {
  test('by a conflict', async () => {
    const task = await done('echo work > file.txt');
    repository.commit('meanwhile', { 'file.txt': 'main\n' });
    const before = repository.personal();
    const merge = await merged(task);
    expect(merge).toMatchObject({ state: 'conflict', paths: ['file.txt'], to: null });
    expect(merge.detail).toContain('CONFLICT (content): Merge conflict in file.txt');
    expect(repository.personal()).toBe(before);
  });

  test('where a checkout is not clean; asked for again once it is, it is merged', async () => {
    const task = await done('echo two > file.txt');
    repository.write({ 'src/a.txt': 'mine\n' });
    const before = repository.personal();
    expect(await merged(task)).toMatchObject({ state: 'dirty', paths: ['src/a.txt'] });
    expect(repository.personal()).toBe(before);
    repository.git('stash', '-q');
    expect(await merged(task)).toMatchObject({ state: 'merged' });
  });

  test('where a hook says no', async () => {
    const task = await done('echo two > file.txt');
    const hook = join(repository.repository, 'hooks', 'reference-transaction');
    mkdirSync(join(repository.repository, 'hooks'), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\n[ "$1" != prepared ] || { echo frozen >&2; exit 1; }\n');
    chmodSync(hook, 0o755);
    const before = repository.personal();
    expect(await merged(task)).toMatchObject({ state: 'refused', detail: 'frozen' });
    expect(repository.personal()).toBe(before);
    expect(await merged(task)).toMatchObject({ state: 'refused' });
  });

  test('while a task works on the branch itself', async () => {
    const task = await done('echo two > file.txt');
    const workspace = { kind: 'in_place', branch: null, base: null, setup: null } as const;
    const asks = { workspace, checks: CHECKS };
    const other = await ground.submit('while ! test -e go; do sleep 0.05; done; rm go', {
      cwd: repository.checkout,
      asks,
    });
    await ground.reaches(other.id, 'running');
    const busy = { state: 'dirty', detail: `${other.id} is at work on main` };
    expect(await merged(task)).toMatchObject(busy);
    repository.write({ go: '' });
    await ground.settled(other.id);
    expect(await merged(task)).toMatchObject({ state: 'merged' });
  });

  test('by a look at what it would come to', async () => {
    const task = await done('echo two > file.txt');
    const before = repository.personal();
    const preview = () => ground.node.merges.preview(task.id, MERGE);
    expect(await preview()).toMatchObject({
      result: 'merged',
      paths: ['file.txt'],
      target: 'main',
    });
    expect(repository.personal()).toBe(before);
    expect(repository.git('for-each-ref', 'refs/tend/merges')).toBe('');
    repository.commit('meanwhile', { 'file.txt': 'main\n' });
    expect(await preview()).toMatchObject({ result: 'conflict', paths: ['file.txt'] });
    expect(await ground.ports.store.merges([task.id])).toEqual([]);
  });
});

describe('refused is', () => {
  test('what did not complete, also with a reason', async () => {
    const { id } = await ground.submit('echo two > file.txt; exit 3', { cwd: repository.checkout });
    await ground.settled(id);
    const asked = ground.node.merges.ask(id, { ...MERGE, unverified: 'I know' });
    await expect(asked).rejects.toMatchObject({ code: 'unsupported' });
    await expect(ground.node.merges.ask('t-none', MERGE)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('a branch that is not there, and none at all', async () => {
    const task = await done('echo two > file.txt');
    await expect(ask(task, { into: 'nowhere' })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('no branch "nowhere"'),
    });
    repository.git('checkout', '-q', '--detach');
    const homeless = await done('echo two > file.txt');
    await expect(ask(homeless)).rejects.toMatchObject({
      code: 'invalid_input',
      hint: expect.stringContaining('--into'),
    });
    expect(await merged(homeless, { into: 'main' })).toMatchObject({ state: 'merged' });
  });
});
