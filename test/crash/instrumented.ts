import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * The wrapper of attempt `step-<n>/1` kills itself before its nth command, and writes that command to the
 * file `died` beside the state folder. Wrappers of other tasks are as they are.
 */
const DEATH = `
eval "tend_whole_$(declare -f tend_attempt)"
tend_attempt() {
  case $1 in step-*/1) ;; *) tend_whole_tend_attempt "$@"; return ;; esac
  tend_left=\${1#step-}
  tend_left=\${tend_left%/1}
  tend_died=$PWD/../../died
  tend_self=$BASHPID
  set -T
  trap tend_point DEBUG
  tend_whole_tend_attempt "$@"
}
tend_point() {
  if [ "$BASHPID" != "$tend_self" ]; then return 0; fi
  tend_left=$((tend_left - 1))
  if [ "$tend_left" -ne 0 ]; then return 0; fi
  echo "$tend_self \${BASH_COMMAND%%$'\\n'*}" >>"$tend_died"
  kill -KILL "$tend_self"
}
`;

/** The built daemon once more, with a wrapper that can be killed at each of its commands. */
export function instrumentedDist(): { dist: string; remove: () => void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tend-crash-dist-')));
  const dist = join(folder, 'dist');
  mkdirSync(dist);
  cpSync(join(ROOT, 'dist'), dist, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  appendFileSync(join(dist, 'adapters', 'process', 'wrapper.sh'), DEATH);
  return { dist, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
