import type { TaskId } from '../domain/task.ts';
import type { Report } from './context.ts';
import type { Finding } from './facade.ts';

/** Jobs at a time, unless something else is said: git waits for the disk, and the disk for nobody. */
const AT_ONCE = 3;
const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 30_000;

interface Job {
  /** Whose pass is hurried when it is done; null = nobody's. */
  wakes: TaskId | null;
  act: () => Promise<void>;
  /** Jobs of the same name here never go on together; null = with any other one. */
  alone: string | null;
  failures: number;
  /** What was wrong the last time; '' = nothing was. */
  trouble: string;
  state: 'waiting' | 'running' | 'resting';
}

/**
 * Work that is too slow for a pass, beside the passes: under one name it goes on once at a time, and its end hurries a
 * pass over its task. What fails is tried again until it is done, so a job looks first whether it is still called for.
 */
export class Jobs {
  readonly #wake: (id: TaskId) => void;
  readonly #report: Report;
  /** By name, the oldest first. */
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Set<Promise<void>>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #atOnce: number;
  #closed = false;

  constructor(wake: (id: TaskId) => void, report: Report, atOnce = AT_ONCE) {
    this.#atOnce = atOnce;
    this.#wake = wake;
    this.#report = report;
  }

  /**
   * Begins the job as soon as there is room, and no other one goes on that is `alone` under the same name; nothing when
   * one of this name is under way.
   */
  start(
    name: string,
    wakes: TaskId | null,
    act: () => Promise<void>,
    alone: string | null = null,
  ): void {
    if (this.#closed || this.#jobs.has(name)) return;
    this.#jobs.set(name, { wakes, act, alone, failures: 0, trouble: '', state: 'waiting' });
    this.#fill();
  }

  /** What failed and is tried again. */
  troubles(): { name: string; taskId: TaskId | null; message: string }[] {
    return [...this.#jobs].flatMap(([name, { wakes, trouble }]) =>
      trouble === '' ? [] : { name, taskId: wakes, message: trouble },
    );
  }

  /** Resolves when what runs is done; nothing else begins. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #fill(): void {
    for (const [name, job] of this.#jobs) {
      if (this.#closed || this.#running.size >= this.#atOnce) return;
      if (job.state !== 'waiting' || this.#isTaken(job)) continue;
      job.state = 'running';
      const run = this.#run(name, job).finally(() => {
        this.#running.delete(run);
        this.#fill();
      });
      this.#running.add(run);
    }
  }

  #isTaken({ alone }: Job): boolean {
    if (alone === null) return false;
    for (const job of this.#jobs.values())
      if (job.state === 'running' && job.alone === alone) return true;
    return false;
  }

  async #run(name: string, job: Job): Promise<void> {
    try {
      await job.act();
      this.#jobs.delete(name);
      if (job.wakes !== null) this.#wake(job.wakes);
    } catch (error) {
      if (job.failures === 0) this.#report(error, `job ${name}`);
      job.failures += 1;
      job.trouble = error instanceof Error ? error.message : String(error);
      this.#rest(job);
    }
  }

  #rest(job: Job): void {
    job.state = 'resting';
    const wait = Math.min(FIRST_BACKOFF * 2 ** (job.failures - 1), LONGEST_BACKOFF);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      job.state = 'waiting';
      this.#fill();
    }, wait);
    timer.unref();
    this.#timers.add(timer);
  }
}

/** What a task cannot go on without, and why it is not done yet. */
export const jobFindings = (jobs: Jobs, check = 'workspaces'): Finding[] =>
  jobs.troubles().map(({ name, taskId, message }) => ({
    check,
    level: 'problem',
    message: `${name} failed, and is tried again: ${message}`,
    taskId,
  }));
