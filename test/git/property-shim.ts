/** A `git` that is first in the path and can be told to die, or to take its daemon with it. Import it before the adapter. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Before or after git did its work: git dies, or who called it does. */
export const DEATHS = ['git-before', 'git-after', 'daemon-before', 'daemon-after'] as const;
export type Death = (typeof DEATHS)[number];

const REAL = '/usr/bin/git';

/** The folder of the shim is handed on to children. */
const folder =
  process.env['TEND_TEST_SHIM'] ?? fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'tend-shim-'));
const plan = join(folder, 'plan');

if (process.env['TEND_TEST_SHIM'] === undefined) {
  process.env['TEND_TEST_SHIM'] = folder;
  process.env['PATH'] = `${folder}:${process.env['PATH'] ?? ''}`;
  const text = `#!/bin/sh
[ -e "${plan}" ] || exec ${REAL} "$@"
read -r left how < "${plan}"
if [ "$left" -gt 1 ]; then echo "$((left - 1)) $how" > "${plan}"; exec ${REAL} "$@"; fi
rm -f "${plan}"
case $how in
  *-after) ${REAL} "$@" > /dev/null 2>&1 ;;
esac
case $how in
  daemon-*) kill -9 "$PPID" ;;
esac
kill -9 $$
`;
  fs.writeFileSync(join(folder, 'git'), text, { mode: 0o755 });
}

/** The nth call of git from now on dies. */
export const planDeath = (nth: number, how: Death): void =>
  fs.writeFileSync(plan, `${nth} ${how}\n`);

/** False = the plan was carried out. */
export function dropPlan(): boolean {
  const isLeft = fs.existsSync(plan);
  fs.rmSync(plan, { force: true });
  return isLeft;
}

export const removeShim = (): void => fs.rmSync(folder, { recursive: true, force: true });
