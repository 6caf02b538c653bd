import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachOnGround } from './ground.ts';
import { changes, diff } from '../../src/adapters/git/changes.ts';
import { withPathsOf } from '../../src/adapters/git/save.ts';

const ground = eachOnGround();

async function patch(from: string, to: string, paths: string[] = []): Promise<string[]> {
  const chunks: string[] = [];
  const { signal } = new AbortController();
  for await (const chunk of diff(ground().repository, from, to, { paths, signal }))
    chunks.push(chunk);
  return chunks;
}

/** Two commits, and everything that may be between them. */
function two(): [from: string, to: string] {
  const lines = Array.from({ length: 20 }, (_, nth) => `line ${nth}\n`).join('');
  ground().commit('a', { 'old name': lines, 'gone.txt': 'g\n', 'a:b*': 'x\n', type: 'file\n' });
  const from = ground().rev();
  ground().write({ 'old name': null, 'gone.txt': null, type: null });
  ground().git('-c', 'alias.link=!ln -s file.txt type', 'link');
  ground().commit('b', { 'new\nname': lines, bin: Buffer.from([0, 1]), 'a:b*': 'y\n' });
  return [from, ground().rev()];
}

test('tells the size of a change and every path of it', async () => {
  const [from, to] = two();
  expect(await changes(ground().repository, from, to)).toEqual({
    change: { files: 6, insertions: 22, deletions: 23, commits: 1 },
    paths: [
      { path: 'a:b*', kind: 'M', insertions: 1, deletions: 1 },
      { path: 'bin', kind: 'A', insertions: null, deletions: null },
      { path: 'gone.txt', kind: 'D', insertions: 0, deletions: 1 },
      { path: 'new\nname', kind: 'A', insertions: 20, deletions: 0 },
      { path: 'old name', kind: 'D', insertions: 0, deletions: 20 },
      { path: 'type', kind: 'T', insertions: 1, deletions: 1 },
    ],
  });
  expect(await changes(ground().repository, to, to)).toEqual({
    change: { files: 0, insertions: 0, deletions: 0, commits: 0 },
    paths: [],
  });
});

test('shows a patch with renames, without anything that settings would make of it', async () => {
  const [from, to] = two();
  ground().git('config', 'diff.noprefix', 'true');
  ground().git('config', 'diff.external', 'false');
  ground().git('config', 'color.ui', 'always');
  const text = (await patch(from, to)).join('');
  expect(text).toContain('diff --git a/a:b* b/a:b*\n');
  expect(text).toContain(String.raw`rename to "new\nname"`);
  expect(text).not.toContain('\u{1B}');
});

test('shows the paths that were asked for alone, taken by the letter', async () => {
  const [from, to] = two();
  const text = (await patch(from, to, ['a:b*', '*'])).join('');
  expect(text.match(/^diff --git .*$/gm)).toEqual(['diff --git a/a:b* b/a:b*']);
});

test('never cuts a letter in two', async () => {
  const from = ground().rev();
  const to = ground().commit('much', { 'much.txt': `x${'文🦊'.repeat(100_000)}\n` });
  const chunks = await patch(from, to);
  expect(chunks.length).toBeGreaterThan(1);
  expect(chunks.join('')).not.toContain('\u{FFFD}');
  expect(chunks.join('')).toContain(`+x${'文🦊'.repeat(100_000)}`);
});

test('ends early when it is told to, or nobody reads on', async () => {
  const from = ground().rev();
  const to = ground().commit('much', { 'much.txt': 'much\n'.repeat(1_000_000) });
  const stop = new AbortController();
  let seen = 0;
  for await (const chunk of diff(ground().repository, from, to, {
    paths: [],
    signal: stop.signal,
  })) {
    seen += chunk.length;
    stop.abort();
  }
  expect(seen).toBeLessThan(1_000_000);
  const { signal } = new AbortController();
  for await (const chunk of diff(ground().repository, from, to, { paths: [], signal })) {
    expect(chunk).not.toBe('');
    break;
  }
  expect(await patch(from, from)).toEqual([]);
});

test('says so when a commit is not there', async () => {
  const none = '1'.repeat(40);
  await expect(patch(none, ground().rev())).rejects.toThrow(/ended with 128/);
  await expect(changes(ground().repository, none, ground().rev())).rejects.toThrow(
    /ended with 128/,
  );
});

test('is not hindered by an index of the person that is broken', async () => {
  const [from, to] = two();
  ground().write({ index: 'broken' }, ground().repository);
  expect((await changes(ground().repository, from, to)).change.files).toBe(6);
  expect(await patch(from, to)).not.toEqual([]);
});

test('makes a commit with some paths as they were before', async () => {
  const base = ground().rev();
  rmSync(join(ground().checkout, 'src'), { recursive: true });
  const commit = ground().commit('work', {
    'file.txt': 'two\n',
    src: 'now a file\n',
    'test/new.txt': 'n\n',
  });
  const before = ground().personal();
  const paths = ['src', 'src/a.txt', 'test/new.txt', 'nowhere'];
  const make = (): Promise<string> =>
    withPathsOf(
      ground().repository,
      'refs/tend/honest/t-1/1',
      commit,
      base,
      paths,
      1_800_000_000_000,
    );

  const made = await make();

  expect(ground().git('ls-tree', '-r', '--name-only', made)).toBe('file.txt\nsrc/a.txt');
  expect(ground().git('cat-file', 'blob', `${made}:file.txt`)).toBe('two');
  expect(ground().rev(`${made}^`)).toBe(commit);
  expect(ground().rev('refs/tend/honest/t-1/1')).toBe(made);
  expect(await make()).toBe(made);
  expect(ground().personal()).toBe(before);
});
