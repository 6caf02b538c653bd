import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { prepare } from '../../src/adapters/git/prepare.ts';
import { placeOf } from '../../src/adapters/git/place.ts';
import type { WorkspaceSpec } from '../../src/domain/workspace.ts';
import { atMost, type Figure, row } from '../figure.ts';
import { roundRobin } from '../rounds.ts';

const FILES = 10_000;
const IN_A_FOLDER = 100;
/** A work tree takes less than a second: more of them make the ratio steadier. */
const TREES = 4;

export const worktree: Figure = {
  name: 'worktree',
  title: `work tree ready: a repository of ${FILES} files`,
  async run({ rounds, folder, say }) {
    const checkout = join(folder, 'worktree', 'project');
    const state = join(folder, 'worktree', 'state');
    const base = makeRepository(checkout);
    const spec: WorkspaceSpec = {
      kind: 'worktree',
      repository: join(checkout, '.git'),
      checkout,
      subfolder: '',
      branch: null,
      base,
      target: 'main',
      setup: null,
      keepIgnored: [],
      links: ['node_modules', '.venv', 'target'],
    };
    const bare = async (round: number): Promise<number> => {
      const path = join(folder, 'worktree', `bare-${round}`);
      return timed(() => git(checkout, 'worktree', 'add', '-q', '-b', `bare-${round}`, path, base));
    };
    const ours = (watch: boolean) => (round: number) => {
      const place = placeOf(state, spec, `t-${watch ? 'w' : 'p'}-${round}`, 1, false);
      return timed(async () => {
        const { refusal } = await prepare(state, place, spec, [base], watch, Date.now());
        if (refusal !== null) throw new Error(refusal);
      });
    };
    const contenders = [
      { name: 'bare', run: bare },
      { name: 'plain', run: ours(false) },
      { name: 'watching', run: ours(true) },
    ];
    const times = await roundRobin(contenders, rounds * TREES);
    const of = (name: string): number[] => times.get(name) ?? [];
    const ratios = (name: string): number[] =>
      of(name).map((time, at) => time / (of('bare')[at] ?? Number.NaN));
    say(
      `  ratios ${ratios('watching')
        .map((ratio) => ratio.toFixed(2))
        .join(', ')}`,
    );
    return [
      row('git worktree add', 'ms', of('bare')),
      row('prepare', 'ms', of('plain')),
      row('prepare, the checkout watched', 'ms', of('watching')),
      row('prepare / git worktree add', '×', ratios('plain'), { goal: atMost(1.5) }),
      row('watched / git worktree add', '×', ratios('watching'), { goal: atMost(1.5) }),
    ];
  },
};

async function timed(job: () => unknown): Promise<number> {
  const start = performance.now();
  await job();
  return performance.now() - start;
}

function git(cwd: string, ...args: string[]): string {
  const settings = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'gc.auto=0'];
  return execFileSync('git', [...settings, ...args], { cwd, encoding: 'utf8' }).trim();
}

/** Files of 20 to 4 000 bytes in folders of a hundred, with dependencies that git ignores; the commit. */
function makeRepository(checkout: string): string {
  fs.mkdirSync(join(checkout, 'node_modules', 'x'), { recursive: true });
  fs.writeFileSync(join(checkout, 'node_modules', 'x', 'index.js'), '');
  fs.writeFileSync(join(checkout, '.gitignore'), 'node_modules/\n');
  for (let at = 0; at < FILES; at++) {
    const inside = join(checkout, 'src', String(Math.floor(at / IN_A_FOLDER)));
    if (at % IN_A_FOLDER === 0) fs.mkdirSync(inside, { recursive: true });
    const line = `export const value${at} = ${at};\n`;
    fs.writeFileSync(join(inside, `file-${at}.ts`), line.repeat(1 + ((at * 7919) % 120)));
  }
  git(checkout, 'init', '-q', '-b', 'main');
  git(checkout, 'add', '-A');
  git(checkout, 'commit', '-q', '-m', 'all');
  git(checkout, 'gc', '-q');
  return git(checkout, 'rev-parse', 'HEAD');
}
