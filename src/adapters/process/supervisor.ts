import * as fs from 'node:fs';
import { totalmem } from 'node:os';
import type { Survivor } from '../../domain/attempt.ts';
import type { AttemptEvidence, Vitals } from '../../domain/evidence.ts';
import type { Live } from '../../domain/lifecycle.ts';
import type { TaskId, TaskIn } from '../../domain/task.ts';
import type { WorkerFacts } from '../../domain/worker.ts';
import { STREAMS } from '../../ports/output.ts';
import type { AgentLaunch, AttemptRef, Force, Supervisor } from '../../ports/supervisor.ts';
import { claimRefused, claimVoid, readClaim } from './claim.ts';
import { Ending } from './ending.ts';
import { explained, Folders } from './folders.ts';
import { FileInputs } from './inputs.ts';
import { inspectFolder } from './inspect.ts';
import type { Launcher } from './launcher.ts';
import { chooseLauncher } from './launchers.ts';
import { Members } from './members.ts';
import { Preparation } from './preparation.ts';
import { ProcessTable } from './process-table.ts';
import type { Surroundings } from './run.ts';
import { SETUP, setupOf } from './setup.ts';
import { measure } from './summary.ts';
import { writeTold } from './told.ts';
import { Watching } from './watching.ts';

/** `umask` is the commands' own: this process's at the time of construction, unless given. */
export interface ProcessOptions extends Partial<Surroundings> {
  /** The state folder, an absolute path; private to this user. */
  state: string;
  /** A POSIX shell that runs each wrapper by itself, instead of a long-lived bash. */
  solo?: string;
}

const SIGNALS = { interrupt: 'SIGINT', polite: 'SIGTERM' } as const;

const refOf = (task: TaskIn<Live>): AttemptRef => ({
  taskId: task.id,
  number: task.attempt.number,
});

/** Real processes: each attempt runs under a wrapper that outlives this daemon. */
export class ProcessSupervisor implements Supervisor {
  readonly inputs: FileInputs;
  readonly #folders: Folders;
  readonly #preparation: Preparation;
  readonly #launcher: Launcher;
  readonly #members = new Members(new ProcessTable());
  readonly #ending = new Ending(this.#members);
  readonly #watching: Watching;
  #listener: (ref: AttemptRef) => void = () => undefined;

  constructor({ state, solo, socket = null, home = null, umask }: ProcessOptions) {
    // Processes are found by this path, and the kernel shows it without links.
    fs.mkdirSync(state, { recursive: true, mode: 0o700 });
    this.#folders = new Folders(fs.realpathSync(state));
    this.inputs = new FileInputs(this.#folders);
    const around = { socket, home, umask: umask ?? process.umask() };
    this.#preparation = new Preparation(this.#folders, around);
    const hint = (ref: AttemptRef): void => this.#listener(ref);
    this.#watching = new Watching(this.#folders, hint);
    this.#launcher = chooseLauncher(this.#folders.tasks, solo, (attempt) => {
      const [taskId = '', number] = attempt.split('/');
      hint({ taskId, number: Number(number) });
    });
  }

  async launch(
    task: TaskIn<'claimed'>,
    how?: (folder: string) => Promise<AgentLaunch>,
  ): Promise<void> {
    const ref = refOf(task);
    const { folder, isNew, refusal } = await this.#preparation
      .prepare(task, how)
      .catch((error: unknown) => {
        throw explained(error, this.#folders.attempt(ref));
      });
    if (refusal !== null && claimRefused(folder, refusal)) {
      queueMicrotask(() => this.#listener(ref));
      return;
    }
    // Prepared before: a wrapper that another daemon launched may have it, and tells us nothing.
    this.#watching.add(ref, !isNew);
    this.#launcher.start(nameOf(ref));
  }

  async inspect(task: TaskIn<Live>): Promise<AttemptEvidence> {
    const ref = refOf(task);
    const evidence = await inspectFolder(this.#folders.attempt(ref), this.#members);
    if (evidence.kind !== 'none') this.#launcher.settled(nameOf(ref));
    if (evidence.kind !== 'none' && evidence.kind !== 'alive') this.#watching.remove(ref);
    return evidence;
  }

  async vitals(task: TaskIn<Live>): Promise<Vitals> {
    const folder = this.#folders.attempt(refOf(task));
    const measures = STREAMS.map((stream) => measure(folder, stream)).filter((one) => one !== null);
    // Setting up is no output of the command, but a sign of life.
    const setup = setupOf(task.spec, task.attempt.workspace) && measure(folder, SETUP);
    return {
      lastActivityAt: Math.max(setup?.changedAt ?? 0, ...measures.map((one) => one.changedAt)),
      bytes: measures.reduce((sum, one) => sum + one.bytes, 0),
    };
  }

  async void(task: TaskIn<'claimed' | 'stopping'>): Promise<boolean> {
    const ref = refOf(task);
    const { folder } = this.#folders.make(ref);
    const isVoid = claimVoid(folder) || readClaim(folder).kind === 'void';
    if (isVoid) this.#launcher.settled(nameOf(ref));
    return isVoid;
  }

  async signal(task: TaskIn<'stopping'>, force: Force): Promise<void> {
    const folder = this.#folders.attempt(refOf(task));
    await (force === 'kill' ? this.#ending.kill(folder) : this.#ending.ask(folder, SIGNALS[force]));
  }

  async endSurvivors(ref: AttemptRef): Promise<Survivor[]> {
    return this.#ending.endSurvivors(this.#folders.attempt(ref));
  }

  onHint(listener: (ref: AttemptRef) => void): void {
    this.#listener = listener;
  }

  watch(ref: AttemptRef): void {
    this.#watching.add(ref, true);
  }

  /** Refuses (`state_unsafe`) what is not a folder of this user's own. */
  async memory(): Promise<{ free: number; total: number }> {
    return { free: process.availableMemory(), total: totalmem() };
  }

  async keepTold(ref: AttemptRef, told: WorkerFacts): Promise<void> {
    await writeTold(this.#folders.attempt(ref), told);
  }

  async remove(taskId: TaskId): Promise<void> {
    await this.#folders.remove(taskId);
  }

  async close(): Promise<void> {
    this.#listener = () => undefined;
    this.#watching.close();
    this.#launcher.close();
  }
}

const nameOf = ({ taskId, number }: AttemptRef): string => `${taskId}/${number}`;
