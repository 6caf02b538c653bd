import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ground, gitIn } from './ground.ts';
import { killedAt } from './killed.ts';
import { Attempt } from './save-ground.ts';

const SAVE = join(import.meta.dirname, '../../src/adapters/git/save.ts');
const options: fs.CopySyncOptions = {
  recursive: true,
  preserveTimestamps: true,
  verbatimSymlinks: true,
};

let ground: Ground;
let pristine: string;

beforeEach(() => {
  ground = new Ground();
  pristine = `${ground.root}.pristine`;
});
afterEach(() => {
  ground.close();
  fs.rmSync(pristine, { recursive: true, force: true });
});

/** Everything that a save may change, but for objects that nobody names. */
const after = (attempt: Attempt): string[] => [
  ground.git('for-each-ref', '--format=%(refname) %(objectname)'),
  attempt.git('status', '--porcelain', '--ignored'),
  fs.readFileSync(attempt.own('HEAD'), 'utf8'),
  fs
    .readdirSync(ground.state, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('save.'))
    .join(),
];

async function comesToTheSame(attempt: Attempt, when: 'before' | 'after'): Promise<void> {
  fs.cpSync(ground.root, pristine, options);
  const wanted = await attempt.saved();
  const seen = after(attempt);
  const call = {
    module: SAVE,
    name: 'save',
    args: [ground.state, attempt.place, attempt.request()],
  };
  for (let nth = 1, killed = true; killed; nth++) {
    fs.rmSync(ground.root, { recursive: true });
    fs.cpSync(pristine, ground.root, options);
    killed = await killedAt(ground.root, call, nth, when);
    expect({ nth, saved: await attempt.saved(), seen: after(attempt) }).toEqual({
      nth,
      saved: wanted,
      seen,
    });
    expect(nth).toBeLessThan(60);
  }
}

/** Of everything something: commits that are left, a half filled index, a nested repository, ignored files. */
function troubled(): Attempt {
  ground.commit('ignoring', { '.gitignore': '.env\n' });
  const attempt = new Attempt(ground);
  attempt.keepIgnored = ['.env'];
  attempt.write({ '.env': 'e\n', 'own.txt': 'own\n' });
  attempt.git('add', '-A');
  attempt.git('commit', '-q', '-m', 'own');
  attempt.git('commit', '-q', '--amend', '-m', 'amended');
  attempt.write({ 'file.txt': 'staged\n' });
  attempt.git('add', '-A');
  attempt.write({ 'file.txt': 'two\n', 'new.txt': 'n\n' });
  fs.mkdirSync(join(attempt.path, 'nested'));
  gitIn(join(attempt.path, 'nested'), 'init', '-q', '-b', 'main');
  ground.commit('nested', { 'n.txt': 'n\n' }, join(attempt.path, 'nested'));
  return attempt;
}

test('comes to the same when it was killed before any call of git', async () => {
  await comesToTheSame(troubled(), 'before');
}, 240_000);

test('so it does away from the branch, killed after any call', async () => {
  const attempt = new Attempt(ground);
  attempt.git('checkout', '-q', '--orphan', 'agent/x');
  attempt.write({ 'file.txt': 'two\n' });
  await comesToTheSame(attempt, 'after');
}, 240_000);

test('so it does in place, killed after any call', async () => {
  ground.write({ 'src/a.txt': 'persons\n' });
  const attempt = new Attempt(ground, 1, ground.spec({ kind: 'in_place' }));
  const before = ground.git('stash', 'create');
  Object.assign(attempt, { prepared: { ...attempt.prepared, before } });
  attempt.write({ 'file.txt': 'two\n', 'src/a.txt': 'both\n' });
  await comesToTheSame(attempt, 'after');
}, 240_000);
