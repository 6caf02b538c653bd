/** What an agent may do in its work tree: anything. What git refuses is refused to it, too. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from './ground.ts';

/** Somebody has time: `TEND_PROPERTY_SECONDS`. */
export const IS_LONG = process.env['TEND_PROPERTY_SECONDS'] !== undefined;
/** Bytes of a big file; a long run writes a really big one once. */
const BIG = 256 * 1024;
let next = IS_LONG ? 100 * 1024 * 1024 : BIG;

/** `n` chooses names and contents: the same number always does the same. */
type Behaviour = (tree: string, n: number) => void;

const NAMES = ['file.txt', 'src/a.txt', 'new.txt', 'deep/er/b', 'tab\there', 'line\nbreak', 'ünï'];
const nameOf = (n: number): string => NAMES[n % NAMES.length] ?? 'x';

function write(tree: string, name: string, content: string | Uint8Array): void {
  const path = join(tree, name);
  try {
    fs.mkdirSync(dirname(path), { recursive: true });
    fs.writeFileSync(path, content);
  } catch {
    // Something else has the name by now.
  }
}

const edit: Behaviour = (tree, n) => write(tree, nameOf(n), `content ${n}\n`);

export const BEHAVIOURS = {
  edit,
  remove: (tree, n) => fs.rmSync(join(tree, nameOf(n)), { recursive: true, force: true }),
  rename: (tree, n) => {
    if (fs.existsSync(join(tree, nameOf(n)))) {
      fs.rmSync(join(tree, nameOf(n + 1)), { recursive: true, force: true });
      fs.mkdirSync(dirname(join(tree, nameOf(n + 1))), { recursive: true });
      fs.renameSync(join(tree, nameOf(n)), join(tree, nameOf(n + 1)));
    }
  },
  becomeFolder: (tree, n) => {
    fs.rmSync(join(tree, nameOf(n)), { recursive: true, force: true });
    write(tree, `${nameOf(n)}/inner`, `inner ${n}`);
  },
  link: (tree, n) => {
    fs.rmSync(join(tree, 'a-link'), { recursive: true, force: true });
    fs.symlinkSync(n % 2 === 0 ? '/etc/hostname' : nameOf(n), join(tree, 'a-link'));
  },
  executable: (tree, n) => {
    if (fs.existsSync(join(tree, nameOf(n)))) fs.chmodSync(join(tree, nameOf(n)), 0o755);
  },
  ignored: (tree, n) => write(tree, 'ignored/file', `ignored ${n}`),
  commit: (tree, n) => {
    edit(tree, n);
    codeOf(tree, 'add', '-A');
    codeOf(tree, 'commit', '-q', '--allow-empty', '-m', `agent ${n}`);
  },
  amend: (tree, n) => {
    edit(tree, n);
    codeOf(tree, 'commit', '-q', '-a', '--amend', '-m', `amended ${n}`);
  },
  switchBranch: (tree, n) => codeOf(tree, 'checkout', '-q', '-B', `agent/${n % 3}`),
  switchBack: (tree) => codeOf(tree, 'checkout', '-q', 'tend/t-1'),
  detach: (tree) => codeOf(tree, 'checkout', '-q', '--detach'),
  resetBack: (tree, n) => codeOf(tree, 'reset', '-q', n % 2 === 0 ? '--hard' : '--mixed', 'HEAD~1'),
  rebase: (tree, n) =>
    codeOf(tree, 'rebase', '-q', '--root', n % 2 === 0 ? '--no-ff' : '--keep-base'),
  leaveMerge: (tree, n) => {
    codeOf(tree, 'checkout', '-q', '-b', `agent/merge-${n}`, 'HEAD~1');
    write(tree, 'file.txt', `theirs ${n}`);
    codeOf(tree, 'commit', '-q', '-a', '-m', 'theirs');
    codeOf(tree, 'checkout', '-q', '-');
    write(tree, 'file.txt', `ours ${n}`);
    codeOf(tree, 'commit', '-q', '-a', '-m', 'ours');
    codeOf(tree, 'merge', '-q', `agent/merge-${n}`);
  },
  leaveLock: (tree) => {
    const admin = adminIn(tree);
    if (admin !== null) fs.writeFileSync(join(admin, 'index.lock'), '');
  },
  stageHalf: (tree, n) => {
    edit(tree, n);
    codeOf(tree, 'add', '-A');
    write(tree, nameOf(n), `other half ${n}`);
  },
  spoilIndex: (tree, n) => {
    const admin = adminIn(tree);
    if (admin !== null) fs.writeFileSync(join(admin, 'index'), n % 2 === 0 ? 'no index' : '');
  },
  hide: (tree, n) => {
    codeOf(
      tree,
      'update-index',
      n % 2 === 0 ? '--assume-unchanged' : '--skip-worktree',
      'file.txt',
    );
    write(tree, 'file.txt', `hidden ${n}`);
  },
  nest: (tree, n) => {
    const inner = join(tree, `inner-${n % 2}`);
    fs.mkdirSync(inner, { recursive: true });
    codeOf(inner, 'init', '-q');
    write(inner, 'f', `nested ${n}`);
    if (n % 3 === 0) return;
    codeOf(inner, 'add', '-A');
    codeOf(inner, 'commit', '-q', '-m', 'inner');
    write(inner, 'g', `not committed ${n}`);
  },
  bigFile: (tree, n) => {
    write(tree, 'big', n % 5 === 0 ? randomBytes(next) : Buffer.alloc(next, n));
    next = BIG;
  },
  deletePointer: (tree) => fs.rmSync(join(tree, '.git'), { recursive: true, force: true }),
  replacePointer: (tree) => {
    fs.rmSync(join(tree, '.git'), { recursive: true, force: true });
    codeOf(tree, 'init', '-q');
  },
  deleteBranch: (tree) => codeOf(tree, 'update-ref', '-d', 'refs/heads/tend/t-1'),
} satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof BEHAVIOURS;
export const BEHAVIOUR_NAMES = Object.keys(BEHAVIOURS) as BehaviourName[];

/** Where git keeps the index of a work tree, as its pointer says; null = it has none. */
function adminIn(tree: string): string | null {
  const pointer = join(tree, '.git');
  if (!fs.existsSync(pointer) || fs.statSync(pointer).isDirectory()) return null;
  const admin = fs
    .readFileSync(pointer, 'utf8')
    .replace(/^gitdir: /, '')
    .trim();
  return fs.existsSync(admin) ? admin : null;
}
