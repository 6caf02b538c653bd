import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gitIn, NOW } from './ground.ts';
import {
  CHANGE,
  clean,
  type Files,
  ground,
  LANDED,
  made,
  merging,
  REF,
  textOf,
} from './landing-ground.ts';

describe('landing', () => {
  test('moves the branch, and brings the clean checkout along', async () => {
    const request = await made(CHANGE);
    ground().write({ 'untracked.txt': 'mine\n' });
    expect(await merging.land(request)).toEqual(LANDED);
    expect(ground().rev('main')).toBe(request.to);
    expect(ground().git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(clean()).toBe('?? untracked.txt');
    expect([textOf('file.txt'), textOf('new/b.txt')]).toEqual(['two\n', 'b\n']);
    expect(existsSync(join(ground().checkout, 'src/a.txt'))).toBe(false);
    expect(ground().git('reflog', '-1', '--format=%gs', 'main')).toBe('tend: t-1');
    expect(() => ground().rev(REF)).toThrow();
    // Done again, it changes nothing.
    expect(await merging.land(request)).toEqual(LANDED);
    expect(clean()).toBe('?? untracked.txt');
  });

  test('leaves a checkout of another branch alone', async () => {
    const request = await made(CHANGE);
    ground().git('checkout', '-q', '-b', 'other');
    ground().write({ 'file.txt': 'dirty\n' });
    expect(await merging.land(request)).toEqual(LANDED);
    expect([ground().rev('main'), textOf('file.txt')]).toEqual([request.to, 'dirty\n']);
  });

  test('works in a bare repository', async () => {
    const bare = join(ground().root, 'bare.git');
    const request = await made(CHANGE);
    gitIn(ground().root, 'clone', '-q', '--mirror', ground().checkout, bare);
    expect(await merging.land({ ...request, repository: bare })).toEqual(LANDED);
    expect(gitIn(bare, 'rev-parse', 'main')).toBe(request.to);
  });

  test('brings along every work tree that has the branch', async () => {
    const tree = join(ground().root, 'a tree\nü');
    const request = await made(CHANGE);
    ground().git('checkout', '-q', '-b', 'other');
    ground().git('worktree', 'add', '-q', tree, 'main');
    expect(await merging.land(request)).toEqual(LANDED);
    expect([clean(tree), readFileSync(join(tree, 'file.txt'), 'utf8')]).toEqual(['', 'two\n']);
  });

  test('does nothing when the branch moved', async () => {
    const request = await made(CHANGE);
    const to = ground().commit('meanwhile');
    expect(await merging.land(request)).toEqual({ kind: 'moved', to });
    ground().git('checkout', '-q', '--detach');
    ground().git('update-ref', '-d', 'refs/heads/main');
    expect(await merging.land(request)).toEqual({ kind: 'moved', to: null });
  });

  test('that somebody went on from is over', async () => {
    const request = await made(CHANGE);
    await merging.land(request);
    const next = ground().commit('next', { 'file.txt': 'three\n' });
    expect(await merging.land(request)).toEqual(LANDED);
    expect([ground().rev('main'), textOf('file.txt')]).toEqual([next, 'three\n']);
  });
});

describe('a checkout that is not clean', () => {
  const cases: Record<string, { files: Files; act?: () => void; paths: string[] }> = {
    'a changed file that the merge changes, too': {
      files: { 'file.txt': 'mine\n' },
      paths: ['file.txt'],
    },
    'a changed file that the merge does not change': {
      files: { 'other.txt': 'mine\n' },
      paths: ['other.txt'],
    },
    'a staged change': {
      files: { 'other.txt': 'mine\n' },
      act: () => ground().git('add', '-A'),
      paths: ['other.txt'],
    },
    'a staged change that was taken back in the folder': {
      files: { 'other.txt': 'mine\n' },
      act: () => {
        ground().git('add', '-A');
        ground().write({ 'other.txt': 'other\n' });
      },
      paths: ['other.txt'],
    },
    'a deleted file': { files: { 'other.txt': null }, paths: ['other.txt'] },
    'a new file in the way': { files: { 'new/b.txt': 'mine\n' }, paths: ['new/b.txt'] },
    'an ignored file in the way': { files: { 'made/c.txt': 'mine\n' }, paths: ['made/c.txt'] },
    'a file in the place of a folder': { files: { new: 'mine\n' }, paths: ['new/b.txt'] },
    'an ignored file below what becomes a file': {
      files: { 'folder/made/x': 'mine\n' },
      paths: ['folder'],
    },
  };
  test.each(Object.entries(cases))('%s: nothing is touched', async (_, { files, act, paths }) => {
    ground().commit('before', {
      '.gitignore': 'made/\n',
      'other.txt': 'other\n',
      'folder/x.txt': 'x\n',
    });
    ground().git('checkout', '-q', '--detach');
    ground().write({ 'made/c.txt': 'theirs\n' });
    ground().git('add', '-f', 'made/c.txt');
    ground().git('rm', '-q', '-r', 'folder');
    ground().write({ folder: 'now a file\n' });
    const commit = ground().commit('work', CHANGE);
    ground().git('checkout', '-q', 'main');
    const from = ground().rev('main');
    const merged = await merging.merge({
      repository: ground().repository,
      onto: from,
      commit,
      how: 'fast_forward' as const,
      message: '',
      at: NOW,
      ref: REF,
    });
    expect(merged.kind).toBe('merged');
    ground().write(files);
    act?.();
    const before = ground().personal();
    const { repository } = ground();
    const request = { repository, branch: 'main', from, to: commit, reason: '', ref: REF };
    expect(await merging.land(request)).toMatchObject({ kind: 'dirty', paths });
    expect(ground().personal()).toBe(before);
    expect(ground().rev(REF)).toBe(commit);
  });

  test('a merge, a rebase or another git at work there', async () => {
    const request = await made(CHANGE);
    const message = (): Promise<unknown> =>
      merging.land(request).then((landed) => landed.kind === 'dirty' && landed.message);
    writeFileSync(join(ground().repository, 'index.lock'), '');
    expect(await message()).toMatch(/another git command is at work/);
    ground().git('branch', 'side', request.to);
    ground().write({ '.git/index.lock': null });
    writeFileSync(join(ground().repository, 'MERGE_HEAD'), `${request.to}\n`);
    expect(await message()).toMatch(/a merge is in progress in /);
    ground().write({ '.git/MERGE_HEAD': null });
    ground().git('checkout', '-q', '--detach');
    mkdirSync(join(ground().repository, 'rebase-merge'));
    writeFileSync(join(ground().repository, 'rebase-merge/head-name'), 'refs/heads/main\n');
    expect(await message()).toMatch(/a rebase is in progress in /);
    expect(ground().rev('main')).toBe(request.from);
  });

  test('what stands there just as the merge makes it is taken over', async () => {
    const request = await made({ ...CHANGE, 'src/c.txt': 'c\n' });
    ground().write({ 'file.txt': 'two\n', 'new/b.txt': 'b\n', 'src/a.txt': null });
    ground().git('add', 'new/b.txt');
    expect(await merging.land(request)).toEqual(LANDED);
    expect([clean(), textOf('src/c.txt')]).toEqual(['', 'c\n']);
  });

  test('what is staged, and stands nowhere else, is no such thing', async () => {
    const request = await made(CHANGE);
    ground().write({ 'file.txt': 'staged\n' });
    ground().git('add', 'file.txt');
    ground().write({ 'file.txt': 'two\n' });
    const before = ground().personal();
    expect(await merging.land(request)).toMatchObject({ kind: 'dirty', paths: ['file.txt'] });
    expect(ground().personal()).toBe(before);
  });

  test("what a submodule has checked out is nobody's change", async () => {
    const library = join(ground().root, 'library');
    gitIn(ground().root, 'clone', '-q', ground().checkout, library);
    const add = ['-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', library, 'lib'];
    ground().git(...add);
    ground().commit('library');
    const next = ground().commit('next', {}, library);
    gitIn(join(ground().checkout, 'lib'), 'fetch', '-q', 'origin');
    const request = await made({ 'file.txt': 'two\n' });
    gitIn(join(ground().checkout, 'lib'), 'checkout', '-q', next);
    ground().write({ 'lib/file.txt': 'mine\n' });
    expect(await merging.land(request)).toEqual(LANDED);
    expect([textOf('file.txt'), textOf('lib/file.txt')]).toEqual(['two\n', 'mine\n']);
    expect(clean()).toBe(' M lib');
  });

  test('what was only touched is no change', async () => {
    const request = await made(CHANGE);
    ground().write({ 'file.txt': 'one\n' });
    expect(await merging.land(request)).toEqual(LANDED);
    expect(clean()).toBe('');
  });
});
