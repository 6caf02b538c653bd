import type { AttemptEvidence, Vitals } from '../domain/evidence.ts';
import type { Survivor } from '../domain/attempt.ts';
import type { Live } from '../domain/lifecycle.ts';
import type { TaskId, TaskIn } from '../domain/task.ts';
import type { WorkerFacts } from '../domain/worker.ts';
import type { Launch } from './agent.ts';
import type { Inputs } from './inputs.ts';

/** Names an attempt's folder. */
export interface AttemptRef {
  taskId: TaskId;
  number: number;
}

/** How hard a stop is meant; an agent is interrupted first, so that it can close its session. */
export type Force = 'interrupt' | 'polite' | 'kill';

/** How an agent's attempt is started, or why it cannot be. */
export type AgentLaunch = Launch | { refusal: string };

/**
 * Starts, watches and ends processes. The kernel and the attempt folders keep the facts, so every call
 * may be repeated, by this daemon or by its successor, and changes nothing the second time.
 */
export interface Supervisor {
  readonly inputs: Inputs;
  /**
   * Hands the attempt to a wrapper; `how` is asked once: for an agent's, and for what cannot be started. A second
   * launch of the same attempt runs nothing.
   */
  launch(task: TaskIn<'claimed'>, how?: (folder: string) => Promise<AgentLaunch>): Promise<void>;
  /** What the machine shows now. Cheap: two small reads for a living attempt. */
  inspect(task: TaskIn<Live>): Promise<AttemptEvidence>;
  /** Size and last growth of the output. */
  vitals(task: TaskIn<Live>): Promise<Vitals>;
  /** Claims an unclaimed attempt so that no late wrapper can start; true when it is void now. */
  void(task: TaskIn<'claimed' | 'stopping'>): Promise<boolean>;
  /** Signals everything that belongs to the attempt, escaped descendants too. */
  signal(task: TaskIn<'stopping'>, force: Force): Promise<void>;
  /** Ends what outlived an ended attempt; answers what was signalled. */
  endSurvivors(ref: AttemptRef): Promise<Survivor[]>;
  /** Hurries a look at an attempt: a hint, never the truth. Adopted attempts are watched from `watch` on. */
  onHint(listener: (ref: AttemptRef) => void): void;
  /** Starts noticing the end of an attempt that another daemon launched. */
  watch(ref: AttemptRef): void;
  /** Memory that processes started now could use, and all that the machine (or its control group) has, bytes. */
  memory(): Promise<{ free: number; total: number }>;
  /** Keeps a copy of what the worker told beside its attempt: a rebuild without the database finds it there. */
  keepTold(ref: AttemptRef, told: WorkerFacts): Promise<void>;
  /** Deletes the folders of an ended task. */
  remove(taskId: TaskId): Promise<void>;
  /** Stops watching; running attempts go on. */
  close(): Promise<void>;
}

/** Environments captured at submit, kept 0600 and apart from everything that is shown. */
export interface Environments {
  /** Stores durably; answers the name under which `launch` finds it. Equal content, equal name. */
  put(variables: Readonly<Record<string, string>>): Promise<string>;
  /** The variables stored under `name`; null when they are no longer there. */
  get(name: string): Promise<Readonly<Record<string, string>> | null>;
  /** Deletes those that are not among `used`. */
  keep(used: ReadonlySet<string>): Promise<void>;
}
