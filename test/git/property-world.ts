/** A repository, a task's work tree, and what must be true of them whatever happens. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Place, Prepared, WorkspaceSpec } from '../../src/domain/workspace.ts';
import { Ground, NOW } from './ground.ts';
import { type Death, dropPlan, planDeath } from './property-shim.ts';
import { BEHAVIOURS, type BehaviourName } from './property-agent.ts';
// After the ground and the shim, which decide what git it finds.
import { createGit } from '../../src/adapters/git/git.ts';
import { type Act, type Came, perform } from './property-acts.ts';

export type Happening =
  | { kind: 'agent'; behaviour: BehaviourName; n: number }
  | { kind: 'act'; what: Act['do'] | 'reject'; death: { nth: number; how: Death } | null };

/** Ids of blobs by path: what a commit of these files would hold. */
type Files = Map<string, string>;

/** What was saved: must be found again for ever. */
interface SavedState {
  commit: string;
  files: Files;
}

const ACTS = join(import.meta.dirname, 'property-acts.ts');

export class World {
  readonly on = new Ground();
  readonly #spec: WorkspaceSpec;
  readonly #saved: SavedState[] = [];
  /** Everything that stood in the folder before each act, by the time of the act. */
  readonly #stood = new Map<number, Files>();
  #number = 1;
  #now = NOW;
  #prepared: Prepared | null = null;
  #previous: string | null = null;
  /** How the person's side looked last, where nobody was at work since. */
  #known: string | null = null;
  /** What became of each act, for who wants to know whether anything was tried. */
  readonly came: string[] = [];

  constructor() {
    // Git's own rebase of a root makes a commit of the empty tree, and leaves the tree out.
    this.on.git('hash-object', '-t', 'tree', '-w', '/dev/null');
    this.on.commit('ignore', { '.gitignore': 'ignored\n' });
    this.on.commit('second', { 'file.txt': 'second\n' });
    this.on.write({ 'file.txt': 'a person is at it\n', 'untracked.txt': 'not yet added\n' });
    this.#spec = this.on.spec();
  }

  get #place(): Place {
    return this.on.place(this.#spec, 't-1', this.#number);
  }

  async happen(happening: Happening): Promise<void> {
    const { path } = this.#place;
    if (happening.kind === 'agent') {
      if (fs.existsSync(path)) BEHAVIOURS[happening.behaviour](path, happening.n);
      // It may have made branches of its own.
      this.#known = null;
      return;
    }
    const { what, death } = happening;
    if (what === 'reject') {
      this.#number += 1;
      this.#prepared = null;
      return;
    }
    await this.#act(what, death);
  }

  async #act(asked: Act['do'], death: Extract<Happening, { kind: 'act' }>['death']): Promise<void> {
    const act = this.#actOf(asked);
    if (act === null) return;
    const what = act.do;
    this.#now += what === 'purge' ? 40 * 86_400_000 : 1_000;
    const place = this.#place;
    const before = this.#known ?? this.#personal();
    const hasInner = namesBelow(place.path).some((name) => /\/\.git(\/|$)/.test(name));
    const stood = filesIn(place.path, true);
    const visible = filesIn(place.path, false);
    this.#stood.set(this.#now, stood);
    if (death !== null) planDeath(death.nth, death.how);
    const work = { state: this.on.state, place, now: this.#now };
    const isFatal = death?.how.startsWith('daemon') === true;
    const came = isFatal ? inChild(work, act) : await perform(work, act);
    const isCarriedOut = death !== null && !dropPlan();
    this.came.push(`${what}${isCarriedOut ? ' †' : ''}: ${came === null ? 'died' : came.came}`);
    this.#learn(came, visible);
    if (what === 'put' && came?.came === 'done' && !hasInner) this.#expectKept(visible);
    // Whatever an agent left: where nothing died, it is saved.
    const isHindered = what === 'save' && came?.came === 'refused' && !isCarriedOut;
    this.#expect(!isHindered, `not saved: ${came?.came === 'refused' ? came.why : ''}`);
    this.#known = this.#personal();
    this.#expect(this.#known === before, `${what} changed what is the person's`);
    if (came === null && !isCarriedOut && isFatal)
      throw new Error(`${what} ended without an answer`);
  }

  /** What is asked for, or what must come before it. */
  #actOf(what: Act['do']): Act | null {
    const isThere = fs.existsSync(this.#place.path);
    // Now and then something is to be brought back over what stands there.
    if (what === 'restore' && isThere && this.#now % 5_000 !== 0) return { do: 'put' };
    if (what === 'put' && !isThere) return { do: 'restore' };
    const prepared = this.#prepared;
    if (what === 'prepare' || (what === 'save' && prepared === null))
      return { do: 'prepare', spec: this.#spec };
    if (what !== 'save') return { do: what };
    return prepared === null || !isThere ? null : { do: what, prepared, previous: this.#previous };
  }

  #learn(came: Came | null, visible: Files): void {
    if (came?.came === 'prepared') this.#prepared = came.prepared;
    if (came?.came !== 'saved') return;
    const { snapshot, commit } = came.kept;
    this.#previous = commit;
    this.#saved.push({ commit: snapshot, files: visible });
    // Each attempt is saved once; what is done there from now on is the next one's, or nobody's.
    this.#number += 1;
    this.#prepared = null;
  }

  /** What was taken away is saved: some commit that one of our refs keeps has all of it, and must have it for ever. */
  #expectKept(files: Files): void {
    const list = [
      'for-each-ref',
      '--format=%(objectname)',
      'refs/tend/attempts',
      'refs/tend/removed',
    ];
    const commits = this.on.git('rev-list', '--no-walk', ...this.on.git(...list).split('\n'));
    const parents = this.on.git('log', '--no-walk', '--format=%P', ...commits.split('\n'));
    const all = [...commits.split('\n'), ...parents.split(/\s+/)].filter((id) => id !== '');
    const keeper = all.find((commit) => {
      const tree = this.#treeOf(commit);
      return [...files].every(([name, blob]) => tree.get(name) === blob);
    });
    this.#expect(keeper !== undefined, 'put took away what nothing keeps');
    this.#saved.push({ commit: keeper ?? '', files });
  }

  #treeOf(commit: string): Files {
    const listed = this.on.git('ls-tree', '-r', '-z', '--full-tree', commit).split('\0');
    return new Map(
      listed.map((line) => {
        const [, blob = '', name = ''] = /^\S+ \S+ (\S+)\t(.*)$/s.exec(line) ?? [];
        return [name, blob];
      }),
    );
  }

  /** Everything that must be so, whatever happened. */
  async check(): Promise<void> {
    const { trash } = createGit(this.on.state);
    for (const { commit, files } of this.#saved) this.#checkSaved(commit, files);
    for (const { trash: where, at } of await trash.list())
      this.#same(filesIn(where, true), this.#stood.get(at), `the trash of ${at}`);
    const [newest] = await trash.list();
    if (newest !== undefined && !fs.existsSync(newest.path)) {
      const before = this.#personal();
      await trash.restore(newest);
      this.#same(filesIn(newest.path, true), this.#stood.get(newest.at), 'what was brought back');
      this.#expect(this.#personal() === before, "undo changed what is the person's");
    }
    const complaint = complaintOf(() => this.on.git('fsck', '--full', '--no-dangling'));
    this.#expect(complaint === null, `fsck: ${complaint}`);
    const locks = namesBelow(this.on.repository).filter(
      (name) => name.endsWith('.lock') && !/worktrees\/[^/]+\/index\.lock$/.test(name),
    );
    this.#expect(locks.length === 0, `locks are left: ${locks.join(', ')}`);
  }

  #checkSaved(commit: string, files: Files): void {
    const { on } = this;
    const holder = on.git(
      'for-each-ref',
      '--count=1',
      '--format=%(refname)',
      `--contains=${commit}`,
    );
    this.#expect(holder !== '', `no ref keeps ${commit}`);
    const tree = this.#treeOf(commit);
    for (const [name, blob] of files)
      this.#expect(tree.get(name) === blob, `${JSON.stringify(name)} is not in ${commit}`);
  }

  #same(found: Files, wanted: Files | undefined, what: string): void {
    const lost = [...(wanted ?? [])].filter(([name, blob]) => found.get(name) !== blob);
    this.#expect(lost.length === 0, `${what} lost ${JSON.stringify(lost.map(([name]) => name))}`);
  }

  #expect(isSo: boolean, what: string): void {
    if (!isSo) throw new Error(`${what}\n${this.came.join('\n')}`);
  }

  /** Branches, HEAD, index, status and the bytes of every file of the person. */
  #personal(): string {
    const files = [...filesIn(this.on.checkout, true)].map(([name, blob]) => `${name} ${blob}`);
    return `${this.on.personal()}\n${files.join('\n')}`;
  }

  close(): void {
    this.on.close();
  }
}

function complaintOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    return `${String(error)}\n${stdout}`;
  }
}

/** Null = it died over it. */
function inChild(work: Parameters<typeof perform>[0], act: Act): Came | null {
  try {
    const args = [ACTS, JSON.stringify(work), JSON.stringify(act)];
    const said = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' });
    return JSON.parse(said) as Came;
  } catch {
    return null;
  }
}

/** Files and links in a folder, but git's own; with `all` those that are ignored, too. */
function filesIn(folder: string, all: boolean): Files {
  const files: Files = new Map();
  for (const name of namesBelow(folder)) {
    if (/(^|\/)\.git(\/|$)/.test(name) || (!all && name.startsWith('ignored/'))) continue;
    files.set(name, blobOf(join(folder, name)));
  }
  return files;
}

function namesBelow(folder: string, prefix = ''): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = `${prefix}${entry.name}`;
    return entry.isDirectory() ? namesBelow(folder, `${name}/`) : [name];
  });
}

function blobOf(path: string): string {
  const bytes = fs.lstatSync(path).isSymbolicLink()
    ? Buffer.from(fs.readlinkSync(path))
    : fs.readFileSync(path);
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
