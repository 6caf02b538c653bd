import { TendError } from '../domain/errors.ts';
import { isEnded, type Task, type TaskId } from '../domain/task.ts';
import type { Ports, Report, Settings } from './context.ts';
import type { GcRequest, GcResult } from './facade.ts';

const PAGE = 500;
/** Ended tasks are collected this often (ms). */
const INTERVAL = 3_600_000;
/** The first time soon, or daemons that live shortly would never do it. */
const FIRST = 60_000;

/** Removes, from time to time, what the configuration says is old. */
export class Collector {
  readonly #ports: Ports;
  readonly #settings: Settings;
  readonly #report: Report;
  #first: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(ports: Ports, settings: Settings, report: Report) {
    this.#ports = ports;
    this.#settings = settings;
    this.#report = report;
  }

  start(): void {
    this.#timer = setInterval(() => this.#collect(), INTERVAL).unref();
    this.#first = setTimeout(() => this.#collect(), FIRST).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#first);
  }

  #collect(): void {
    const { gcAutomatic, gcAfter } = this.#settings;
    if (!gcAutomatic) return;
    collect(this.#ports, { olderThan: gcAfter, dryRun: false }).catch((error: unknown) =>
      this.#report(error, 'gc'),
    );
  }
}

/** Forgets a task because somebody asked for it. Throws TendError `not_ended` or `protected`. */
export async function removeAsked(ports: Ports, task: Task): Promise<void> {
  const { id } = task;
  if (!isEnded(task))
    throw new TendError(
      'not_ended',
      `${id} is ${task.state}, not ended`,
      `Wait for it with: tend wait ${id}`,
    );
  if (!(await removeTask(ports, id)))
    throw new TendError(
      'protected',
      `${id} is kept: its completion is not acknowledged, or another task waits for it`,
      'Acknowledge completions with: tend inbox --drain',
    );
}

/** Forgets one ended task, then deletes its files; false when something protects it. */
async function removeTask(ports: Ports, id: TaskId): Promise<boolean> {
  if (!(await ports.store.remove(id))) return false;
  await clear(ports, id);
  return true;
}

/** Deletes the files of a removed task; its id is free again after that, and not before. */
export async function clear({ store, supervisor }: Ports, id: TaskId): Promise<void> {
  await supervisor.remove(id);
  await store.cleared(id);
}

/** Removes ended tasks that nothing protects. */
export async function collect(ports: Ports, request: GcRequest): Promise<GcResult> {
  const { store, environments, clock } = ports;
  const before = clock.now() - request.olderThan;
  const removed: TaskId[] = [];
  let freedBytes = 0;
  for (;;) {
    const page = await store.removable(before, request.dryRun ? Number.MAX_SAFE_INTEGER : PAGE);
    for (const task of page) {
      if (!request.dryRun && !(await removeTask(ports, task.id))) continue;
      removed.push(task.id);
      const { attempt } = task;
      freedBytes += attempt !== null && attempt.outcome !== null ? attempt.output.bytes : 0;
    }
    if (request.dryRun || page.length < PAGE) break;
  }
  if (!request.dryRun) await environments.keep(await store.environments());
  const { byState } = await store.counts();
  const { completed = 0, failed = 0, cancelled = 0, skipped = 0 } = byState;
  const ended = completed + failed + cancelled + skipped;
  return { removed, kept: request.dryRun ? ended - removed.length : ended, freedBytes };
}
