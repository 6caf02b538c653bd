import type { Evidence } from '../domain/evidence.ts';
import { look } from '../domain/pipeline.ts';
import { isEnded, type Task, type TaskIn } from '../domain/task.ts';
import type { SubmitCheck } from './checks.ts';
import type { Ports } from './context.ts';
import { askBeforeRun } from './hook-job.ts';
import type { Jobs } from './jobs.ts';
import { saveWork } from './save-job.ts';
import type { Tasks } from './tasks.ts';
import { prepareWorkspace, releaseWorkspace } from './workspace-job.ts';

/** Sets going what the work of a task calls for; nothing of it is waited for. */
export class Works {
  readonly #ports: Ports;
  readonly #tasks: Tasks;
  readonly #jobs: Jobs;
  readonly #hooks: Jobs;
  readonly #submitCheck: SubmitCheck;

  constructor(ports: Ports, tasks: Tasks, jobs: Jobs, hooks: Jobs, submitCheck: SubmitCheck) {
    this.#hooks = hooks;
    this.#ports = ports;
    this.#tasks = tasks;
    this.#jobs = jobs;
    this.#submitCheck = submitCheck;
  }

  /** The hook before the run of a claimed attempt. */
  ask({ id, attempt: { number } }: TaskIn<'claimed'>): void {
    const ask = () => askBeforeRun(this.#ports, this.#tasks, id, number);
    this.#hooks.start(`${id}.${number}.before_run`, id, ask);
  }

  /** The place of a claimed attempt. */
  prepare(task: TaskIn<'claimed'>): void {
    const { id, attempt } = task;
    const { number } = attempt;
    const prepare = () => prepareWorkspace(this.#ports, this.#tasks, id, number);
    this.#jobs.start(`${id}.${number}.prepare`, id, prepare, repositoryOf(task));
  }

  /** What a finishing task waits for. */
  finish(task: TaskIn<'finishing'>, evidence: Evidence): void {
    const { id, attempt } = task;
    const { number } = attempt;
    const seen = look(task, evidence);
    if (seen.kind !== 'act') return;
    const { act, product } = seen;
    if (act.kind === 'save')
      return this.#jobs.start(`${id}.${number}.save`, id, () =>
        saveWork(this.#ports, this.#tasks, id, number),
      );
    const { what, nth, commit } = act;
    // The judge is told what is known by now, which is not stored before the end.
    const known = { ...task, attempt: { ...attempt, product } };
    this.#jobs.start(`${id}.${number}.${what}.${nth}`, id, async () => {
      const now = await this.#tasks.get(id);
      if (now?.state !== 'finishing' || now.attempt.number !== number) return;
      await this.#submitCheck(known, what, nth, commit);
    });
  }

  /**
   * The checkout of a check is scratch: it goes as soon as an attempt in it has ended. Any other place was let go of when
   * its work was saved, unless the daemon died in between.
   */
  ended(task: Task): void {
    const { id, spec, attempt } = task;
    if (!spec.workspace || attempt === null || attempt.outcome === null) return;
    if (!spec.check && !isAtRest(task)) return;
    const release = () => releaseWorkspace(this.#ports, task, attempt);
    this.#jobs.start(`${id}.${attempt.number}.release`, null, release, repositoryOf(task));
  }

  /** Lets go of what an earlier daemon left when it died. */
  async sweep(): Promise<void> {
    const { store, workspaces } = this.#ports;
    for (const { taskId, number } of await workspaces.leftovers()) {
      const task = await store.get(taskId);
      if (task === null) continue;
      const attempt = (await store.attempts(taskId)).find((one) => one?.number === number);
      if (attempt === undefined || attempt === null) continue;
      if (isEnded(task) || attempt.outcome !== null) this.ended({ ...task, attempt } as Task);
    }
  }
}

/** Nothing of it works, and no further attempt is on its way. */
const isAtRest = (task: Task): boolean => isEnded(task) || task.state.startsWith('awaiting_');

/** Git stumbles over work trees of the same repository that are being made or removed. */
const repositoryOf = ({ spec }: Task): string | null => spec.workspace?.repository ?? null;
