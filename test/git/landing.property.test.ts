import * as fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachOnGround } from './ground.ts';
import { createMerging } from '../../src/adapters/git/merging.ts';

const ground = eachOnGround();
const merging = createMerging();

const PATHS = ['a', 'b', 'c', 'd/e', 'd/f', 'made/x', 'made'] as const;
const path = fc.constantFrom(...PATHS);
const content = fc.constantFrom('1', '2', null);
/** What stands at some paths; null = nothing. */
const files = fc.array(fc.tuple(path, content), { maxLength: 6 });
const acts = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('write' as const), path, content }),
    fc.record({ kind: fc.constant('stage' as const), path }),
    fc.record({ kind: fc.constant('lock' as const) }),
  ),
  { maxLength: 4 },
);

function put(at: string, text: string | null): void {
  const whole = join(ground().checkout, at);
  try {
    if (text === null) return fs.unlinkSync(whole);
    fs.mkdirSync(join(whole, '..'), { recursive: true });
    fs.writeFileSync(whole, text);
  } catch {
    // A folder where a file would be, or the other way round: then it is left as it is.
  }
}

function standing(): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of fs.readdirSync(ground().checkout, { recursive: true }) as string[])
    if (name !== '.git' && !name.startsWith('.git/')) {
      const whole = join(ground().checkout, name);
      if (fs.lstatSync(whole).isFile()) found.set(name, fs.readFileSync(whole, 'utf8').trimEnd());
    }
  return found;
}

const treeOf = (commit: string): Map<string, string> =>
  new Map(
    ground()
      .git('ls-tree', '-r', '--name-only', commit)
      .split('\n')
      .filter(Boolean)
      .map((name) => [name, ground().git('cat-file', 'blob', `${commit}:${name}`)]),
  );

const sorted = (given: Map<string, string>) => [...given].toSorted(([a], [b]) => (a < b ? -1 : 1));

test('whatever stands in the checkout: all of the merge is there afterwards, or nothing was touched', async () => {
  const { repository } = ground();
  const begin = ground().rev();
  const seen = { landed: 0, dirty: 0 };
  const property = fc.asyncProperty(files, files, acts, async (base, work, mine) => {
    // The checkout as if it were new: only here, in a folder of the test.
    ground().git('checkout', '-q', '-f', '--detach', begin);
    ground().git('clean', '-q', '-fdx');
    ground().write({ '.gitignore': 'made\n' });
    for (const [at, text] of base) put(at, text);
    ground().git('add', '-A', '-f');
    const from = ground().commit('base');
    for (const [at, text] of work) put(at, text);
    ground().git('add', '-A', '-f');
    const to = ground().commit('work');
    ground().git('checkout', '-q', '-f', '-B', 'main', from);
    ground().git('clean', '-q', '-fdx');
    for (const act of mine) {
      if (act.kind === 'write') put(act.path, act.content);
      if (act.kind === 'lock') fs.writeFileSync(join(repository, 'MERGE_HEAD'), `${to}\n`);
      if (act.kind === 'stage' && fs.existsSync(join(ground().checkout, act.path)))
        ground().git('add', '-f', '--', act.path);
    }
    const before = { files: standing(), personal: ground().personal() };
    const request = { repository, branch: 'main', from, to, reason: 'x', ref: 'refs/tend/x' };
    const landed = await merging.land(request);
    fs.rmSync(join(repository, 'MERGE_HEAD'), { force: true });
    if (landed.kind === 'dirty') {
      seen.dirty++;
      expect(sorted(standing())).toEqual(sorted(before.files));
      expect(ground().rev('main')).toBe(from);
      if (!mine.some(({ kind }) => kind === 'lock'))
        expect(ground().personal()).toBe(before.personal);
      return;
    }
    seen.landed++;
    expect(landed).toEqual({ kind: 'landed', behind: [] });
    const tracked = treeOf(from);
    const untracked = [...before.files].filter(([name]) => !tracked.has(name));
    expect(sorted(standing())).toEqual(sorted(new Map([...untracked, ...treeOf(to)])));
    expect(ground().git('diff', '--name-only', to)).toBe('');
    expect(ground().git('diff', '--cached', '--name-only', to)).toBe('');
  });
  await fc.assert(property, { numRuns: 40, endOnFailure: true });
  expect(Math.min(seen.landed, seen.dirty)).toBeGreaterThan(3);
}, 120_000);
