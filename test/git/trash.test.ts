/** Work trees go to the trash and come back, whole, and nothing of the person's changes. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Place } from '../../src/domain/workspace.ts';
import { codeOf, eachOnGround, gitIn, type Ground, NOW } from './ground.ts';
// After the ground, which keeps anybody's settings away.
import { createGit } from '../../src/adapters/git/git.ts';

const ground = eachOnGround();
const DAY = 86_400_000;

/** A work tree of a task with one commit more than the base, and new files that nobody saved. */
async function worked(on: Ground, taskId = 't-1', branch: string | null = null): Promise<Place> {
  const spec = on.spec({ branch });
  const place = on.place(spec, taskId);
  const { workspaces } = createGit(on.state);
  await workspaces.prepare(place, spec, [spec.base], false, NOW);
  await workspaces.release(place);
  on.write({ '.gitignore': 'ignored\n', 'file.txt': 'two\n' }, place.path);
  on.commit('the work', {}, place.path);
  on.write({ 'new.txt': 'new\n', 'ignored/x': 'x\n', 'src/a.txt': 'changed\n' }, place.path);
  return place;
}

/** Everything that stands in a folder but git's own. */
const contentOf = (folder: string): string =>
  execFileSync('sh', ['-c', 'find . -name .git -prune -o -type f -print | sort | xargs cat'], {
    cwd: folder,
    encoding: 'utf8',
  });

const keptTrees = (on: Ground, taskId = 't-1'): string[] =>
  on
    .git('for-each-ref', '--format=%(objectname)', 'refs/tend/')
    .split('\n')
    .filter((commit) => commit !== '' && taskId !== '');

test('a work tree goes with everything in it, and comes back the same', async () => {
  const on = ground();
  const place = await worked(on);
  const { trash } = createGit(on.state);
  const before = { personal: on.personal(), content: contentOf(place.path) };
  const status = gitIn(place.path, 'status', '--porcelain', '--ignored');
  const tip = on.rev('tend/t-1');
  const put = await trash.put(place, NOW);
  expect(put).toMatchObject({ taskId: 't-1', path: place.path, branch: 'tend/t-1', at: NOW });
  expect(fs.existsSync(place.path)).toBe(false);
  expect(await trash.list()).toEqual([put]);
  expect(codeOf(on.checkout, 'rev-parse', '--verify', '-q', 'tend/t-1')).toBe(1);
  expect(on.git('worktree', 'list')).not.toContain('prunable');
  expect(on.personal()).toBe(before.personal);
  const [late = ''] = keptTrees(on);
  expect(on.git('show', `${late}:new.txt`)).toBe('new');
  expect(on.git('show', `${late}:src/a.txt`)).toBe('changed');
  expect(on.rev(`${late}^`)).toBe(tip);
  if (put === null || 'refusal' in put) throw new Error('refused');
  await trash.restore(put);
  expect(contentOf(place.path)).toBe(before.content);
  expect(gitIn(place.path, 'status', '--porcelain', '--ignored')).toBe(status);
  expect(gitIn(place.path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/tend/t-1');
  expect(on.rev('tend/t-1')).toBe(tip);
  expect(await trash.list()).toEqual([]);
  expect(fs.readdirSync(join(on.state, 'trash'))).toEqual([]);
  expect(on.personal()).toBe(before.personal);
  expect(codeOf(on.checkout, 'fsck', '--strict')).toBe(0);
});

test('what is only staged is kept, too', async () => {
  const on = ground();
  const { trash } = createGit(on.state);
  const place = await worked(on);
  gitIn(place.path, 'add', '-A');
  on.write({ 'new.txt': 'other half\n' }, place.path);
  await trash.put(place, NOW);
  const late = on.git('for-each-ref', '--format=%(objectname)', 'refs/tend/attempts/t-1');
  expect(on.git('show', `${late}:new.txt`)).toBe('other half');
  expect(on.git('show', `${late}^2:new.txt`)).toBe('new');
  expect((await trash.purge(NOW + 1, false)).gone.length).toBe(1);
  expect(on.git('show', `${late}^2:new.txt`)).toBe('new');
});

test('putting it again changes nothing; where nothing stands, nothing goes', async () => {
  const on = ground();
  const place = await worked(on);
  const { trash } = createGit(on.state);
  const put = await trash.put(place, NOW);
  expect(await trash.put(place, NOW + 5)).toEqual(put);
  expect(await trash.put(on.place(on.spec(), 't-2'), NOW)).toBeNull();
  expect(await trash.refusal(on.place(on.spec(), 't-2'))).toBeNull();
});

test('what a process uses stays', async () => {
  const on = ground();
  const place = await worked(on);
  const { trash } = createGit(on.state);
  const child = spawn('cat', { cwd: join(place.path, 'src'), stdio: 'pipe' });
  await once(child, 'spawn');
  const said = `is used by process ${child.pid} (cat)`;
  expect(await trash.put(place, NOW)).toEqual({ refusal: said });
  expect(await trash.refusal(place)).toBe(said);
  child.stdin.end();
  await once(child, 'close');
  const file = fs.openSync(join(place.path, 'new.txt'), 'r');
  const holder = spawn('cat', { cwd: '/', stdio: ['pipe', 'pipe', 'pipe', file] });
  await once(holder, 'spawn');
  fs.closeSync(file);
  expect(await trash.put(place, NOW)).toEqual({
    refusal: `is used by process ${holder.pid} (cat)`,
  });
  holder.stdin?.end();
  await once(holder, 'close');
  expect(await trash.put(place, NOW)).toMatchObject({ path: place.path });
});

test('what is not ours stays: a checkout, a link, a locked one, one around another', async () => {
  const on = ground();
  const place = await worked(on);
  const { trash } = createGit(on.state);
  const inPlace = on.place(on.spec({ kind: 'in_place' }));
  for (const one of [inPlace, { ...place, path: on.checkout }, { ...place, branch: 'main' }])
    expect(await trash.put(one, NOW)).toEqual({ refusal: 'is no work tree of its own' });
  on.git('worktree', 'lock', '--reason', 'mine', place.path);
  expect(await trash.put(place, NOW)).toEqual({ refusal: 'is locked: mine' });
  on.git('worktree', 'unlock', place.path);
  on.git('worktree', 'add', '-q', '--detach', join(place.path, 'inner'));
  expect(await trash.put(place, NOW)).toMatchObject({
    refusal: expect.stringMatching(/^holds another one: /),
  });
  on.git('worktree', 'remove', join(place.path, 'inner'));
  fs.renameSync(place.path, `${place.path}.away`);
  fs.symlinkSync(`${place.path}.away`, place.path);
  expect(await trash.put(place, NOW)).toEqual({ refusal: 'is reached through a link' });
  expect(on.personal()).toContain('refs/heads/main');
});

test('a branch with a chosen name stays; so does one that is elsewhere by now', async () => {
  const on = ground();
  const { trash } = createGit(on.state);
  const named = await worked(on, 't-1', 'feature/x');
  const tip = on.rev('feature/x');
  await trash.put(named, NOW);
  expect(on.rev('feature/x')).toBe(tip);
  on.git('branch', 'again', 'feature/x');
  expect(on.git('checkout', '-q', 'feature/x')).toBe('');
  const put = (await trash.list())[0];
  if (put === undefined) throw new Error('nothing');
  on.commit('by hand');
  const moved = on.rev('feature/x');
  await trash.restore(put);
  expect(on.rev('feature/x')).toBe(moved);
  expect(gitIn(named.path, 'rev-parse', 'HEAD')).toBe(tip);
  expect(codeOf(named.path, 'symbolic-ref', '-q', 'HEAD')).toBe(1);
});

test('nothing is brought back over something else', async () => {
  const on = ground();
  const place = await worked(on);
  const { trash } = createGit(on.state);
  const put = await trash.put(place, NOW);
  if (put === null || 'refusal' in put) throw new Error('refused');
  fs.mkdirSync(place.path);
  await expect(trash.restore(put)).rejects.toMatchObject({ code: 'protected' });
  fs.rmdirSync(place.path);
  await trash.restore(put);
  await expect(trash.restore(put)).rejects.toMatchObject({ code: 'not_found' });
});

test('after its time it is deleted; what was not merged stays under a ref, what was does not', async () => {
  const on = ground();
  const { trash } = createGit(on.state);
  const open = await worked(on, 't-1');
  const merged = await worked(on, 't-2');
  await trash.put(open, NOW);
  const late = on.git('for-each-ref', '--format=%(objectname)', 'refs/tend/attempts/t-1/');
  gitIn(merged.path, 'add', '-A');
  gitIn(merged.path, 'commit', '-qm', 'all of it');
  on.git('update-ref', 'refs/tend/attempts/t-2/1', 'tend/t-2');
  on.git('merge', '-q', 'tend/t-2');
  await trash.put(merged, NOW);
  for (const id of ['t-1', 't-2']) {
    await trash.archive(on.repository, id);
    await trash.retire(on.repository, id);
  }
  expect(await trash.purge(NOW, false)).toEqual({ gone: [], kept: [] });
  const dry = await trash.purge(NOW + 1, true);
  expect(dry.gone.map(({ taskId }) => taskId).sort()).toEqual(['t-1', 't-2']);
  expect((await trash.list()).length).toBe(2);
  expect(await trash.purge(NOW + 31 * DAY, false)).toEqual(dry);
  expect(fs.readdirSync(join(on.state, 'trash'))).toEqual([]);
  expect(on.git('worktree', 'list').split('\n').length).toBe(1);
  const refs = on.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/tend/');
  expect(refs).toBe(
    `refs/tend/removed/t-1/1.late-${late.slice(0, 12)}-${late.slice(0, 12)} ${late}`,
  );
});

test('what was changed in the trash, or holds what no ref keeps, is not deleted', async () => {
  const on = ground();
  const { trash } = createGit(on.state);
  const place = await worked(on);
  const put = await trash.put(place, NOW);
  if (put === null || 'refusal' in put) throw new Error('refused');
  on.write({ 'more.txt': 'more' }, put.trash);
  const { gone, kept } = await trash.purge(NOW + 1, false);
  expect(gone).toEqual([]);
  expect(kept).toEqual([{ ...put, refusal: 'was changed since it was taken away' }]);
  on.write({ 'more.txt': null }, put.trash);
  on.git('update-ref', '-d', on.git('for-each-ref', '--format=%(refname)', 'refs/tend/'));
  expect((await trash.purge(NOW + 1, false)).kept.length).toBe(1);
  fs.renameSync(on.checkout, `${on.checkout}-gone`);
  expect((await trash.purge(NOW + 1, false)).kept[0]?.refusal).toMatch(/^has no repository/);
  expect(fs.existsSync(join(put.trash, 'new.txt'))).toBe(true);
});

test('a repository that git cannot read keeps its work tree, and says so', async () => {
  const on = ground();
  const { trash } = createGit(on.state);
  const place = await worked(on);
  fs.renameSync(join(on.repository, 'HEAD'), join(on.repository, 'HEAD.away'));
  const refused = { refusal: expect.stringMatching(/^cannot be taken away: git /) };
  expect(await trash.put(place, NOW)).toEqual(refused);
  expect(await trash.refusal(place)).toMatch(/^cannot be looked at: git /);
  await expect(trash.archive(on.repository, 't-1')).rejects.toMatchObject({ code: 'state_unsafe' });
  fs.renameSync(join(on.repository, 'HEAD.away'), join(on.repository, 'HEAD'));
  expect(await trash.put(place, NOW)).toMatchObject({ path: place.path });
});

test('where the repository is gone, its work tree goes all the same, and is never deleted', async () => {
  const on = ground();
  const { trash } = createGit(on.state);
  const place = await worked(on);
  fs.renameSync(on.checkout, `${on.checkout}-gone`);
  const put = await trash.put(place, NOW);
  expect(put).toMatchObject({ path: place.path });
  expect((await trash.purge(NOW + 1, false)).gone).toEqual([]);
  if (put === null || 'refusal' in put) throw new Error('refused');
  await trash.restore(put);
  expect(fs.readFileSync(join(place.path, 'new.txt'), 'utf8')).toBe('new\n');
});

test('repositories within are not deleted, unless git ignores them', async () => {
  const on = ground();
  const { trash } = createGit(on.state);
  const place = await worked(on);
  const other = await worked(on, 't-2');
  for (const folder of [join(place.path, 'inner'), join(other.path, 'ignored')]) {
    fs.mkdirSync(folder, { recursive: true });
    gitIn(folder, 'init', '-q');
  }
  await trash.put(place, NOW);
  await trash.put(other, NOW);
  const { gone, kept } = await trash.purge(NOW + 1, false);
  expect(gone).toMatchObject([{ taskId: 't-2' }]);
  expect(kept).toMatchObject([{ taskId: 't-1', refusal: 'holds a repository of its own: inner/' }]);
});

test('tasks of ended lives keep their names apart', async () => {
  const on = ground();
  const { trash } = createGit(on.state);
  const one = on.commit('one');
  on.git('update-ref', 'refs/tend/attempts/t-1/1', one);
  on.git('update-ref', 'refs/tend/nested/t-1/1/inner/HEAD', one);
  await trash.archive(on.repository, 't-1');
  const two = on.commit('two');
  on.git('update-ref', 'refs/tend/attempts/t-1/1', two);
  await trash.retire(on.repository, 't-1');
  // The newer one was never given another name: it stays where it is.
  expect(
    on.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/tend').split('\n'),
  ).toEqual([
    `refs/tend/attempts/t-1/1 ${two}`,
    `refs/tend/removed/t-1/1-${one.slice(0, 12)} ${one}`,
    `refs/tend/removed/t-1/nested/1/inner/HEAD-${one.slice(0, 12)} ${one}`,
  ]);
});
