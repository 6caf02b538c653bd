import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachOnGround } from './ground.ts';
import { Attempt } from './save-ground.ts';

const ground = eachOnGround();
const SAVE = join(import.meta.dirname, '../../src/adapters/git/save.ts');
const CHILD = join(import.meta.dirname, 'killed-child.ts');

/** Root can read everything: somebody else saves then. */
function asNobody(does: (user: { uid?: number; gid?: number }) => void): void {
  if (process.getuid?.() !== 0) {
    does({});
    return;
  }
  const own = (user: string): void => void execFileSync('chown', ['-R', '-h', user, ground().root]);
  own('65534:65534');
  try {
    does({ uid: 65_534, gid: 65_534 });
  } finally {
    own('0:0');
  }
}

test('keeps files and folders that were made unreadable, and leaves them so', async () => {
  const attempt = new Attempt(ground());
  attempt.write({ 'file.txt': 'two\n', 'closed/deep/x.txt': 'x\n', 'secret.txt': 's\n' });
  const closed = ['file.txt', 'secret.txt', 'closed'].map((name) => join(attempt.path, name));
  for (const path of closed) fs.chmodSync(path, 0);

  const args = JSON.stringify([ground().state, attempt.place, attempt.request()]);
  asNobody((user) => {
    execFileSync(process.execPath, [CHILD, SAVE, 'save', args], {
      ...user,
      cwd: '/',
      stdio: 'pipe',
    });
  });

  const modes = closed.map((path) => fs.statSync(path).mode & 0o777);
  expect(modes).toEqual([0, 0, 0]);
  expect(attempt.files('refs/tend/attempts/t-1/1')).toEqual({
    'closed/deep/x.txt': 'x',
    'file.txt': 'two',
    'secret.txt': 's',
    'src/a.txt': 'a',
  });
  expect(attempt.tip()).toBe(ground().rev('refs/tend/attempts/t-1/1'));
});
