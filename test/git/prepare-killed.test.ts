/** Whatever was cut short is completed or set aside: preparing again comes to the same. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachOnGround, gitIn, NOW } from './ground.ts';
import type { Place, Prepared, WorkspaceSpec } from '../../src/domain/workspace.ts';
import { besidePlace } from '../../src/adapters/git/place.ts';
import { prepare, release } from '../../src/adapters/git/prepare.ts';

const ground = eachOnGround();

const ready = (place: Place, spec: WorkspaceSpec): Promise<Prepared> =>
  prepare(ground().state, place, spec, [spec.base], true, NOW);

/** A `git` that ends whoever called it at its nth call, before or after it did its work. */
function deadlyGit(nth: number, when: 'before' | 'after'): string {
  const folder = fs.mkdtempSync(join(ground().root, 'bin-'));
  const real = spawnSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).stdout.trim();
  const kill = '[ "$nth" = "$deadly" ] && kill -9 $PPID';
  const text = [
    '#!/bin/sh',
    `deadly=${nth}`,
    // Calls may be made at the same time: each takes a number of its own.
    `nth=1; while ! mkdir "${folder}/$nth" 2>/dev/null; do nth=$((nth + 1)); done`,
    ...(when === 'before' ? [`${kill} && exit 1`] : []),
    `"${real}" "$@"; code=$?`,
    ...(when === 'after' ? [kill] : []),
    'exit $code',
  ];
  fs.writeFileSync(join(folder, 'git'), `${text.join('\n')}\n`, { mode: 0o755 });
  return folder;
}

function inAProcess(path: string, place: Place, spec: WorkspaceSpec): ReturnType<typeof spawnSync> {
  const script = join(import.meta.dirname, 'prepare-once.ts');
  const task = JSON.stringify({ state: ground().state, place, spec, starts: [spec.base] });
  const env = { ...process.env, PATH: `${path}:${process.env['PATH'] ?? ''}` };
  return spawnSync(process.execPath, [script, task], { env, encoding: 'utf8' });
}

const KINDS = ['worktree', 'checkout', 'in_place'] as const;

test.each(KINDS)(
  'killed at any call of git: %s',
  async (kind) => {
    let calls = 0;
    for (const when of ['before', 'after'] as const)
      for (let nth = 1; ; nth += 1) {
        const spec = ground().spec({ kind, links: ['node_modules'] });
        const place = ground().place(spec, `t-${when}-${nth}`);
        ground().write({ '.gitignore': 'node_modules/\n', 'node_modules/x': 'x' });
        const before = ground().personal();
        const { signal, stderr } = inAProcess(deadlyGit(nth, when), place, spec);
        const prepared = await ready(place, spec);
        expect({ nth, when, ...prepared }).toMatchObject({ base: spec.base, head: spec.base });
        expect(prepared.refusal).toBeNull();
        expect(fs.readFileSync(join(place.path, 'file.txt'), 'utf8')).toBe('one\n');
        if (kind !== 'in_place') expect(gitIn(place.path, 'status', '--porcelain')).toBe('');
        expect(ground().personal()).toBe(before);
        await release(ground().state, place);
        if (signal === null) {
          expect(stderr).toBe('');
          calls = nth - 1;
          break;
        }
      }
    expect(calls).toBeGreaterThan(2);
  },
  120_000,
);

const markHalfMade = (place: Place): void =>
  fs.writeFileSync(besidePlace(place, 'making') ?? '', '');

const adminOf = ({ path }: Place): string => gitIn(path, 'rev-parse', '--absolute-git-dir');

const SHAPES: Record<string, (place: Place) => void> = {
  'nothing but the marker': () => undefined,
  'the branch alone': (place) => {
    ground().git('branch', String(place.branch));
  },
  'a checkout cut short': (place) => {
    const admin = adminOf(place);
    fs.renameSync(join(admin, 'index'), join(admin, 'index.lock'));
    fs.unlinkSync(join(place.path, 'file.txt'));
  },
  'no HEAD yet': (place) => {
    fs.writeFileSync(join(adminOf(place), 'HEAD'), `${'0'.repeat(40)}\n`);
  },
  'no pointer yet': (place) => {
    fs.unlinkSync(join(place.path, '.git'));
  },
  'no folder yet': (place) => {
    fs.rmSync(place.path, { recursive: true });
  },
  'an empty folder': (place) => {
    fs.rmSync(place.path, { recursive: true });
    fs.mkdirSync(place.path);
  },
  'records without a path': (place) => {
    fs.unlinkSync(join(adminOf(place), 'gitdir'));
  },
};

test.each(Object.keys(SHAPES))('half made: %s', async (name) => {
  const spec = ground().spec();
  const place = ground().place(spec);
  if (name !== 'nothing but the marker' && name !== 'the branch alone') await ready(place, spec);
  fs.mkdirSync(join(besidePlace(place, 'making') ?? '', '..'), { recursive: true });
  markHalfMade(place);
  SHAPES[name]?.(place);
  const prepared = await ready(place, spec);
  expect(prepared).toMatchObject({ base: spec.base, head: spec.base, refusal: null });
  expect(gitIn(place.path, 'status', '--porcelain')).toBe('');
  expect(gitIn(place.path, 'symbolic-ref', '--short', 'HEAD')).toBe('tend/t-1');
  expect(fs.existsSync(besidePlace(place, 'making') ?? '')).toBe(false);
  expect(await ready(place, spec)).toMatchObject({ head: spec.base, refusal: null });
});

test('a tree that was ready is completed, whatever its worker deleted of it', async () => {
  const spec = ground().spec();
  const place = ground().place(spec);
  await ready(place, spec);
  const work = ground().commit('work', { 'work.txt': 'w' }, place.path);
  ground().write({ 'dirty.txt': 'd' }, place.path);
  fs.unlinkSync(join(place.path, '.git'));
  expect(await ready(place, spec)).toMatchObject({ base: spec.base, head: work });
  expect(gitIn(place.path, 'status', '--porcelain')).toBe('?? dirty.txt');
});

test('a lock that a killed git left is put aside, a branch without a commit is no obstacle', async () => {
  const spec = ground().spec();
  const place = ground().place(spec);
  await ready(place, spec);
  gitIn(place.path, 'checkout', '-q', '--orphan', 'elsewhere');
  fs.writeFileSync(join(adminOf(place), 'index.lock'), 'x');
  expect(await ready(place, spec)).toMatchObject({ head: spec.base, refusal: null });
  expect(
    fs
      .readdirSync(adminOf(place))
      .filter((name) => /lock/.test(name))
      .sort(),
  ).toEqual(['index.lock.left', 'locked']);
  ground().commit('work', { 'x.txt': 'x' }, place.path);
});

test.each(['no folder', 'no records', 'a repository of its own'])(
  'what is lost or foreign makes room, and nothing of it is destroyed: %s',
  async (how) => {
    const spec = ground().spec();
    const place = ground().place(spec);
    await ready(place, spec);
    const work = ground().commit('work', { 'work.txt': 'w' }, place.path);
    ground().write({ 'dirty.txt': 'precious' }, place.path);
    if (how === 'no folder') fs.renameSync(place.path, join(ground().root, 'elsewhere'));
    if (how === 'no records') fs.rmSync(adminOf(place), { recursive: true });
    if (how === 'a repository of its own') {
      fs.unlinkSync(join(place.path, '.git'));
      gitIn(place.path, 'init', '-q');
      ground().commit('foreign', {}, place.path);
    }
    expect(await ready(place, spec)).toMatchObject({ base: spec.base, head: work, refusal: null });
    expect(gitIn(place.path, 'status', '--porcelain')).toBe('');
    expect(fs.readFileSync(join(place.path, 'work.txt'), 'utf8')).toBe('w');
    const kept = how === 'no folder' ? join(ground().root, 'elsewhere') : trashed();
    expect(fs.readFileSync(join(kept, 'dirty.txt'), 'utf8')).toBe('precious');
  },
);

function trashed(): string {
  const trash = join(ground().state, 'trash');
  const [name = ''] = fs.readdirSync(trash).filter((one) => one.startsWith('unfinished-'));
  return join(trash, name, 'tree');
}
