import { isTendError } from '../domain/errors.ts';
import type { TaskId } from '../domain/task.ts';
import type { Ports, Report, Settings } from './context.ts';
import type { GcRequest, GcResult } from './facade.ts';
import { foresee, removeTask } from './removal.ts';

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
    collect(this.#ports, this.#settings, { olderThan: gcAfter, dryRun: false }).catch(
      (error: unknown) => this.#report(error, 'gc'),
    );
  }
}

/** Removes ended tasks that nothing protects, with their work trees, and what has been in the trash for long enough. */
export async function collect(
  ports: Ports,
  { trashAfter }: Pick<Settings, 'trashAfter'>,
  { olderThan, dryRun }: GcRequest,
): Promise<GcResult> {
  const { store, environments, trash, clock } = ports;
  const now = clock.now();
  const result: Omit<GcResult, 'kept' | 'purged'> = {
    removed: [],
    refused: [],
    worktrees: [],
    freedBytes: 0,
  };
  const looked = new Set<TaskId>();
  for (;;) {
    // Those that stay are found again, before all others.
    const limit = dryRun ? Number.MAX_SAFE_INTEGER : PAGE + result.refused.length;
    const page = await store.removable(now - olderThan, limit);
    for (const task of page.filter(({ id }) => !looked.has(id))) {
      looked.add(task.id);
      const removal = await (dryRun ? foresee : removeTask)(ports, task).catch(inTheWay);
      if ('kept' in removal) {
        result.refused.push({ taskId: task.id, reason: removal.kept });
        continue;
      }
      result.removed.push(task.id);
      result.worktrees.push(...removal.trees);
      const { attempt } = task;
      result.freedBytes += attempt !== null && attempt.outcome !== null ? attempt.output.bytes : 0;
    }
    if (dryRun || page.length < limit) break;
  }
  if (!dryRun) await environments.keep(await store.environments());
  const purged = await trash.purge(now - trashAfter, dryRun);
  const { byState } = await store.counts();
  const { completed = 0, failed = 0, cancelled = 0, skipped = 0 } = byState;
  const ended = completed + failed + cancelled + skipped;
  return { ...result, kept: dryRun ? ended - result.removed.length : ended, purged };
}

/** One task that cannot go is no reason for the others to stay. */
function inTheWay(error: unknown): { kept: string } {
  if (isTendError(error)) return { kept: error.message };
  throw error;
}
