import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { save } from '../../src/adapters/git/save.ts';
import { placeOf } from '../../src/adapters/git/place.ts';
import type { Place, Prepared, WorkspaceSpec } from '../../src/domain/workspace.ts';
import { atMost, type Bench, type Figure, row } from '../figure.ts';
import { median } from '../statistics.ts';

const FOLDERS = 100;
const FILES = 100;
const CHANGED = 50;
const TIMES = 10;
const PERSON = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost'];

export const saving: Figure = {
  name: 'save',
  title: `saving ${CHANGED} changed files of ${FOLDERS * FILES}, against a bare git add -A && git commit`,
  async run(bench) {
    const yard = made(bench);
    const bare: number[] = [];
    const first: number[] = [];
    const again: number[] = [];
    for (let nth = 0; nth < TIMES * bench.rounds; nth++) {
      change(yard.bare, nth);
      bare.push(timed(() => bareCommit(yard.bare)));
      change(yard.place.path, nth);
      const request = requestAt(yard, nth);
      first.push(await timedSave(yard, request));
      again.push(await timedSave(yard, request));
    }
    return [
      row('git add -A && git commit', 'ms', bare),
      row('save', 'ms', first, { goal: atMost(Math.round(1.5 * median(bare))) }),
      row(
        'save, of the bare commit',
        '×',
        first.map((time) => time / median(bare)),
        {
          goal: atMost(1.5),
        },
      ),
      row('save once more, nothing to do', 'ms', again),
    ];
  },
};

interface Yard {
  state: string;
  bare: string;
  place: Place;
  prepared: Prepared;
}

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', [...PERSON, ...args], { cwd, encoding: 'utf8' }).trim();

/** One repository, and two work trees of it. */
function made({ folder }: Bench): Yard {
  const checkout = join(folder, 'save-project');
  const state = join(folder, 'save-state');
  for (let nth = 0; nth < FOLDERS; nth++) {
    mkdirSync(join(checkout, `folder-${nth}`), { recursive: true });
    for (let file = 0; file < FILES; file++)
      writeFileSync(
        join(checkout, `folder-${nth}/file-${file}.txt`),
        `${nth} ${file}\n`.repeat(20),
      );
  }
  git(checkout, 'init', '-q', '-b', 'main');
  git(checkout, 'add', '-A');
  git(checkout, 'commit', '-q', '-m', 'first');
  const base = git(checkout, 'rev-parse', 'HEAD');
  const spec: WorkspaceSpec = {
    kind: 'worktree',
    repository: join(checkout, '.git'),
    checkout,
    subfolder: '',
    branch: null,
    base,
    target: 'main',
    setup: null,
    links: [],
    keepIgnored: [],
  };
  const place = placeOf(state, spec, 't-1', 1, false);
  const bare = join(folder, 'save-bare');
  git(checkout, 'worktree', 'add', '-q', '-b', 'bare', bare);
  git(checkout, 'worktree', 'add', '-q', '-b', place.branch ?? '', place.path);
  const prepared = { at: 0, base, head: base, before: null, checkout: null, refusal: null };
  return { state, bare, place, prepared };
}

function change(root: string, nth: number): void {
  for (let file = 0; file < CHANGED; file++)
    writeFileSync(
      join(root, `folder-${file}/file-${file}.txt`),
      `${root} ${nth} ${file}\n`.repeat(20),
    );
}

const requestAt = ({ prepared }: Yard, nth: number): Parameters<typeof save>[2] => ({
  at: 1_800_000_000_000 + nth * 1_000,
  message: 'bench\n',
  prepared,
  previous: null,
  keepIgnored: [],
  watchCheckout: false,
});

function bareCommit(cwd: string): void {
  execFileSync('sh', ['-c', 'git add -A && git -c user.name=b -c user.email=b@b commit -qm x'], {
    cwd,
  });
}

function timed(does: () => void): number {
  const began = performance.now();
  does();
  return performance.now() - began;
}

async function timedSave(
  { state, place }: Yard,
  request: Parameters<typeof save>[2],
): Promise<number> {
  const began = performance.now();
  const saved = await save(state, place, request);
  const time = performance.now() - began;
  if ('refusal' in saved || saved.on !== 'branch') throw new Error(JSON.stringify(saved));
  return time;
}
