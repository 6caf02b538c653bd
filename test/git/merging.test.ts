import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachOnGround, gitIn, NOW } from './ground.ts';
import { createMerging } from '../../src/adapters/git/merging.ts';
import { mergeCommits } from '../../src/adapters/git/merge-tree.ts';
import type { MergeRequest } from '../../src/ports/merging.ts';

const ground = eachOnGround();
const merging = createMerging();
const REF = 'refs/tend/merges/t-1';

/** A commit on a branch of its own, from the first commit; the person is on main again. */
function work(files: Parameters<ReturnType<typeof ground>['write']>[0], name = 'work'): string {
  const { git } = { git: (...args: string[]) => ground().git(...args) };
  git('checkout', '-q', '-b', name, 'main');
  const commit = ground().commit(`on ${name}`, files);
  git('checkout', '-q', 'main');
  return commit;
}

const request = (commit: string, given: Partial<MergeRequest> = {}): MergeRequest => ({
  repository: ground().repository,
  onto: ground().rev('main'),
  commit,
  how: 'merge',
  message: 'Merge the work: ü\n\nTend-Task: t-1\n',
  at: NOW,
  ref: REF,
  ...given,
});

const parents = (commit: string): string[] =>
  ground().git('log', '-1', '--format=%P', commit).split(' ');

describe('a merge', () => {
  test('is a commit with two parents, kept under its ref, and nothing else', async () => {
    const commit = work({ 'new.txt': 'new\n' });
    const onto = ground().commit('meanwhile', { 'src/b.txt': 'b\n' });
    const before = ground().personal();
    const made = await merging.merge(request(commit));
    if (made.kind !== 'merged') throw new Error(made.kind);
    expect(parents(made.commit)).toEqual([onto, commit]);
    expect(ground().rev(REF)).toBe(made.commit);
    expect(ground().rev(`${REF}^{tree}`)).toBe(made.tree);
    expect(ground().git('log', '-1', '--format=%an %cn %B', REF)).toBe(
      'tend tend Merge the work: ü\n\nTend-Task: t-1\n',
    );
    expect(ground().git('ls-tree', '-r', '--name-only', REF).split('\n')).toEqual([
      'file.txt',
      'new.txt',
      'src/a.txt',
      'src/b.txt',
    ]);
    expect(ground().personal()).toBe(before);
    // Made again, it is the same.
    expect(await merging.merge(request(commit))).toEqual(made);
    expect(await merging.merge(request(commit, { ref: null }))).toEqual(made);
  });

  test('has two parents also where a fast-forward would do', async () => {
    const commit = work({ 'new.txt': 'new\n' });
    const made = await merging.merge(request(commit));
    expect(made).toMatchObject({ kind: 'merged', tree: ground().rev(`${commit}^{tree}`) });
    expect(made).not.toMatchObject({ commit });
  });

  test('of what is there already is contained', async () => {
    const contained = { kind: 'contained' };
    for (const how of ['merge', 'squash', 'fast_forward'] as const)
      expect(await merging.merge(request(ground().rev('main'), { how }))).toEqual(contained);
  });

  test('by one that only looks keeps nothing', async () => {
    await merging.merge(request(work({ 'new.txt': 'new\n' }), { ref: null }));
    expect(() => ground().rev(REF)).toThrow();
  });
});

describe('a squash', () => {
  test('is one commit on top, and contained once it has landed', async () => {
    work({ 'new.txt': 'new\n' });
    ground().git('checkout', '-q', 'work');
    const commit = ground().commit('more', { 'more.txt': 'more\n' });
    ground().git('checkout', '-q', 'main');
    const onto = ground().commit('meanwhile', { 'src/b.txt': 'b\n' });
    const made = await merging.merge(request(commit, { how: 'squash' }));
    if (made.kind !== 'merged') throw new Error(made.kind);
    expect(parents(made.commit)).toEqual([onto]);
    const again = request(commit, { how: 'squash', onto: made.commit });
    expect(await merging.merge(again)).toEqual({ kind: 'contained' });
  });
});

describe('a fast-forward', () => {
  test('is the commit itself', async () => {
    const commit = work({ 'new.txt': 'new\n' });
    const made = await merging.merge(request(commit, { how: 'fast_forward' }));
    expect(made).toMatchObject({ kind: 'merged', commit });
    expect(ground().rev(REF)).toBe(commit);
  });

  test('is impossible once the target went on', async () => {
    const commit = work({ 'new.txt': 'new\n' });
    ground().commit('meanwhile');
    const made = await merging.merge(request(commit, { how: 'fast_forward' }));
    expect(made).toEqual({ kind: 'diverged' });
  });
});

describe('a conflict', () => {
  test('names its paths, whatever they are called, and keeps nothing', async () => {
    const odd = 'a "b"\nü.txt';
    ground().commit('base', { [odd]: 'one\n', 'gone.txt': 'one\n' });
    const commit = work({ [odd]: 'work\n', 'gone.txt': null, 'file.txt': 'work\n' });
    ground().commit('meanwhile', {
      [odd]: 'main\n',
      'gone.txt': 'changed\n',
      'file.txt': 'main\n',
    });
    const before = ground().personal();
    const made = await merging.merge(request(commit));
    expect(made).toMatchObject({ kind: 'conflict', paths: [odd, 'file.txt', 'gone.txt'] });
    expect(made).toMatchObject({ message: expect.stringContaining('Merge conflict in file.txt') });
    expect(made).toMatchObject({ message: expect.stringContaining('modify/delete') });
    expect(() => ground().rev(REF)).toThrow();
    expect(ground().personal()).toBe(before);
  });

  test('are two histories that have nothing in common', async () => {
    ground().git('checkout', '-q', '--orphan', 'alien');
    const commit = ground().commit('alien');
    ground().git('checkout', '-q', 'main');
    expect(await merging.merge(request(commit))).toMatchObject({
      kind: 'conflict',
      paths: [],
      message: expect.stringContaining('unrelated histories'),
    });
  });
});

test('what is no commit is an error', async () => {
  const at = { cwd: ground().repository, gitDir: ground().repository };
  const nothing = '0'.repeat(40);
  await expect(mergeCommits(at, ground().rev(), nothing, 'no', NOW)).rejects.toThrow(/merge-base/);
});

describe('the tip of a branch', () => {
  test('is its commit, or null', async () => {
    const { repository } = ground();
    expect(await merging.tip(repository, 'main')).toBe(ground().rev());
    for (const name of ['none', 'main~0', '', '../heads/main', 'HEAD', '--all'])
      expect(await merging.tip(repository, name), name).toBeNull();
    ground().git('tag', 'v1');
    expect(await merging.tip(repository, 'v1')).toBeNull();
  });

  test('cannot be told where there is no repository', async () => {
    writeFileSync(join(ground().root, 'no'), '');
    await expect(merging.tip(ground().root, 'main')).rejects.toThrow(/show-ref/);
    const gone = merging.tip(join(ground().root, 'gone'), 'main');
    await expect(gone).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is found in a bare repository, too', async () => {
    const bare = join(ground().root, 'bare.git');
    gitIn(ground().root, 'clone', '-q', '--bare', ground().checkout, bare);
    expect(await merging.tip(bare, 'main')).toBe(ground().rev());
  });
});
