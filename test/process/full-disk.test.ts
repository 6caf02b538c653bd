/** A full disk delays a record; it never loses one. Runs in a mount namespace of its own. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'tend-full-'));
});
afterEach(() => {
  fs.rmdirSync(folder);
});

/** Of util-linux; where it is missing or forbidden, there is nothing to test on. */
const UNSHARE = 'unshare';
const isPermitted = spawnSync(UNSHARE, ['-m', 'true']).status === 0;
if (!isPermitted)
  process.stderr.write('full disk: not tested, because unshare -m is not permitted\n');

test.runIf(isPermitted).each(['', '/bin/sh'])('claim and exit wait for space (%s)', (solo) => {
  const script = 'mount -t tmpfs -o size=256k tend "$0" && shift 0 && exec "$@"';
  const run = [process.execPath, join(import.meta.dirname, 'full-disk.ts'), folder];
  const args = ['-m', 'sh', '-c', script, folder, ...run, ...(solo === '' ? [] : [solo])];
  const { stdout, stderr, status } = spawnSync(UNSHARE, args, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toEqual({
    exit: { during: 'alive', end: { code: 7 } },
    claim: { during: 'none', end: { code: 8 } },
  });
});
