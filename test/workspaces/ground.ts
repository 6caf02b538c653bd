/** A person's repository and the built tend, with an agent that does what its task says, and gates at which steps stop. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Task } from '../../src/interfaces/client/index.ts';
import { init, result, said } from '../agents/claude-lines.ts';
import { Home, until } from '../cli/home.ts';

const ROOT = join(import.meta.dirname, '../..');
const FAKE = join(ROOT, 'bin/tend-fake-agent.cjs');

const OURS = { session_id: '{{session}}' };
/** Whatever it did, it says that all is well. */
const CLAIM = 'I ran all tests.\nPASS\nAll tests passed, 0 failing. The work is verified.';
const LINES = [
  init(OURS),
  said(CLAIM, OURS),
  result({ ...OURS, result: CLAIM, total_cost_usd: 0.1 }),
];

/** Does the deed that the task names, which may look at $PROMPT, then says that it is done. */
const AGENT = `#!/bin/sh
here=$(dirname "$0")
export PROMPT="$*"
case " $* " in *' --version '*) ;; *) [ -z "$DEED" ] || sh -c "$DEED" >&2 ;; esac
exec "$here/fake/claude" "$@"
`;

/** Stops at the gate that is named like the command. */
const GIT = (real: string): string => `#!/bin/sh
skip=
for word do
  if [ -n "$skip" ]; then skip=; elif [ "$word" = -c ]; then skip=1; else break; fi
done
gate=$(dirname "$0")/../gates/git-$word
if [ -p "$gate" ]; then { read -r _ <"$gate"; } 2>/dev/null; fi
exec ${real} "$@"
`;

/** The files of the repository as a task finds them. */
export type Files = Readonly<Record<string, string>>;

export class Ground {
  readonly home: Home;
  readonly repository: string;
  readonly gates: string;
  readonly #root: string;
  readonly #open = new Map<string, number>();

  constructor(files: Files) {
    this.#root = fs.mkdtempSync('/tmp/tw-');
    const bin = join(this.#root, 'bin');
    this.gates = join(this.#root, 'gates');
    this.repository = join(this.#root, 'project');
    for (const folder of [this.gates, this.repository, join(bin, 'fake')])
      fs.mkdirSync(folder, { recursive: true });
    const program = (name: string, text: string): void =>
      fs.writeFileSync(join(bin, name), text, { mode: 0o755 });
    program('claude', AGENT);
    program('git', GIT(execFileSync('which', ['git'], { encoding: 'utf8' }).trim()));
    fs.symlinkSync(FAKE, join(bin, 'fake/claude'));
    const script = LINES.map((json) => `${JSON.stringify({ json })}\n`).join('');
    fs.writeFileSync(join(bin, 'fake/claude.jsonl'), script);
    this.home = new Home({
      PATH: [bin, process.env['PATH']].join(delimiter),
      GATES: this.gates,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
    });
    const state = this.home.env['TEND_HOME'] ?? '';
    fs.mkdirSync(state, { mode: 0o700 });
    fs.writeFileSync(join(state, 'config.toml'), '[limits]\nslots = 6\n', { mode: 0o600 });
    this.#begin(files);
  }

  #begin(files: Files): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.repository, name);
      fs.mkdirSync(join(path, '..'), { recursive: true });
      fs.writeFileSync(path, text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
    }
    this.git('init', '-q', '-b', 'main');
    this.git('add', '--all');
    this.git('commit', '-q', '-m', 'Begin');
  }

  /** What git says in the person's repository, without its last newline. */
  git(...args: string[]): string {
    const identity = ['-c', 'user.name=person', '-c', 'user.email=person@localhost'];
    const { PATH } = process.env;
    return execFileSync('git', [...identity, ...args], {
      cwd: this.repository,
      env: { PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
      encoding: 'utf8',
    }).replace(/\n$/, '');
  }

  /** `tend` in the person's repository, which must succeed. */
  async tend(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.home.tend(args, { cwd: this.repository });
    if (code !== 0)
      throw new Error(`tend ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Starts an agent that does this in a work tree of its own; answers the task's id. */
  async start(deed: string, ...options: string[]): Promise<string> {
    const words = ['--worktree', '--env', `DEED=${deed}`, ...options, 'claude', 'Do the work.'];
    return (await this.tend('run', '-q', ...words)).trim();
  }

  async show(id: string): Promise<Task> {
    return JSON.parse(await this.tend('show', '--json', id)) as Task;
  }

  /** Resolves with the task once it has ended, however. */
  async ended(id: string): Promise<Task> {
    await this.home.tend(['wait', '-q', id]);
    return this.show(id);
  }

  /** Resolves with the task once it is as `look` wants it. */
  async once(id: string, what: string, look: (task: Task) => boolean): Promise<Task> {
    let seen: Task | null = null;
    return until(
      `${id} ${what}`,
      async () => (look((seen = await this.show(id))) ? seen : null),
      30_000,
    ).catch((error: unknown) => {
      throw new Error(JSON.stringify(seen, null, 1), { cause: error });
    });
  }

  /** From now on whoever comes to the gate stops there. */
  gate(name: string): void {
    execFileSync('/bin/sh', ['-c', 'mkfifo "$1"', 'sh', join(this.gates, name)]);
  }

  /** Resolves once somebody stands at the gate. */
  async reached(name: string): Promise<void> {
    const { O_WRONLY, O_NONBLOCK } = fs.constants;
    const path = join(this.gates, name);
    const open = (): number | null => {
      try {
        return fs.openSync(path, O_WRONLY | O_NONBLOCK);
      } catch {
        return null;
      }
    };
    this.#open.set(name, await until(`somebody is at the gate ${name}`, open, 30_000));
  }

  /** Everybody may go on, also who comes later. */
  release(name: string): void {
    const path = join(this.gates, name);
    // Who has just come waits for somebody to open the other side.
    const held = this.#open.get(name) ?? fs.openSync(path, fs.constants.O_RDWR);
    fs.rmSync(path);
    fs.closeSync(held);
    this.#open.delete(name);
  }

  /** The daemon dies at once; the next command starts another one, which goes on. */
  async kill(): Promise<void> {
    const { pid } = JSON.parse(await this.tend('daemon', 'status', '--json')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await until('the daemon is gone', () => !fs.existsSync(`/proc/${pid}`) || isZombie(pid));
  }

  /**
   * Waits at the gate and kills the daemon. Who stands there goes on alone, as far as the next gate, and a command starts
   * another daemon meanwhile; `beside`: it was there first.
   */
  async killAt(name: string, next: string | undefined, beside: boolean): Promise<void> {
    await this.reached(name);
    await this.kill();
    if (next !== undefined) this.gate(next);
    if (!beside) this.release(name);
    await this.tend('ls', '-q');
    if (beside) this.release(name);
  }

  /** Locks of git and of ours, and checkouts of checks, that somebody holds or forgot. */
  left(): string[] {
    return [this.repository, this.home.env['TEND_HOME'] ?? ''].flatMap((folder) =>
      fs
        .readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\/\.(?:checks|tend)\/|\.lock$/.test(name) && name !== 'daemon.lock'),
    );
  }

  async close(): Promise<void> {
    for (const name of fs.readdirSync(this.gates)) this.release(name);
    await this.home.close().finally(() => fs.rmSync(this.#root, { recursive: true, force: true }));
  }
}

const isZombie = (pid: number): boolean => {
  try {
    return /^State:\s+[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
};
