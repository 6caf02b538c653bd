import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { eachOnGround } from './ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'tend-full-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** git, but that the disk is full for one of its commands while the file `full` names it. */
const GIT = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
writeFileSync(
  join(folder, 'git'),
  `#!/bin/sh
for word in "$@"; do
  [ -e '${folder}/full' ] && [ "$word" = "$(cat '${folder}/full')" ] || continue
  echo 'error: file write error: No space left on device' >&2
  exit 128
done
exec '${GIT}' "$@"
`,
  { mode: 0o755 },
);
// The adapter takes it over when it is loaded.
process.env['PATH'] = [folder, process.env['PATH']].join(delimiter);
const { Attempt } = await import('./save-ground.ts');

const ground = eachOnGround();

test.each(['add', 'write-tree', 'commit-tree', 'update-ref'])(
  'says that the disk is full when it is for git %s, and saves once there is room',
  async (command) => {
    const attempt = new Attempt(ground());
    attempt.write({ 'file.txt': 'two\n' });
    writeFileSync(join(folder, 'full'), command);
    await expect(attempt.tried()).rejects.toMatchObject({ code: 'disk_full' });
    expect(attempt.tip()).toBe(attempt.prepared.head);

    rmSync(join(folder, 'full'));
    expect((await attempt.saved()).on).toBe('branch');
  },
);
