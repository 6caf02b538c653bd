import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { descendants, type Seen, stillThere } from './tree.ts';

/** How long the agent may take to end once it was asked (ms). */
const ASKED = 1_000;
/** Between two looks at the killed (ms). */
const LOOK = 5;

/** The agent's process: its own group, and its end with everything that it started. */
export class AgentProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Why nothing more comes from it: it ended, or never began. */
  readonly gone: Promise<string>;
  readonly #child: ChildProcess;
  #isGone = false;
  #isEnded = false;

  constructor([program = '', ...args]: readonly string[], cwd: string) {
    const child = spawn(program, args, { cwd, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.stdin = child.stdin;
    this.stdout = child.stdout;
    // It may end while it is written to; that it did is told by `gone`.
    this.stdin.on('error', () => undefined);
    this.stdout.on('error', () => undefined);
    this.gone = new Promise((resolve) => {
      child.on('error', (error) => resolve(`the agent could not be started: ${error.message}`));
      // Not `exit`: what it wrote last is read first. A tool that holds its stdout must not hold us up.
      child.on('close', () => resolve(endOf(child)));
      const late = (): unknown => setTimeout(() => resolve(endOf(child)), ASKED).unref();
      child.on('exit', () => {
        this.#isGone = true;
        late();
      });
      child.stdout.on('end', late);
    });
  }

  /** Ends the agent and all below it: its input ends, after `farewell` ms it is asked, then killed. */
  async end(farewell: number): Promise<void> {
    const seen = this.#everything();
    this.stdin.end();
    if (!(await this.#isOver(farewell))) {
      this.#signal(seen, 'SIGTERM');
      await this.#isOver(ASKED);
    }
    this.kill(seen);
    this.#isEnded = true;
    // The killed are gone only when the kernel has come to them.
    const deadline = performance.now() + ASKED;
    while (stillThere(seen).length > 0 && performance.now() < deadline) await pause(LOOK);
    await this.#isOver(ASKED);
  }

  /** Kills the agent and all below it, and all of `more`, at once. */
  kill(more: readonly Seen[] = []): void {
    if (!this.#isEnded) this.#signal([...more, ...this.#everything()], 'SIGKILL');
  }

  #everything(): Seen[] {
    const { pid } = this.#child;
    return pid === undefined || this.#isGone ? [] : descendants(pid);
  }

  async #isOver(patience: number): Promise<boolean> {
    await Promise.race([this.gone, pause(patience, null, { ref: false })]);
    return this.#isGone;
  }

  /** The group first, so that nobody in it sees another one die. */
  #signal(seen: readonly Seen[], name: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    send(-pid, name);
    for (const one of stillThere(seen)) send(one.pid, name);
  }
}

function endOf({ exitCode, signalCode }: ChildProcess): string {
  const exited = exitCode === null ? 'closed its output' : `exited with code ${exitCode}`;
  return `the agent ${signalCode === null ? exited : `was ended by ${signalCode}`} before the end of its turn`;
}

function send(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch {
    // It ended meanwhile, or is not ours.
  }
}
