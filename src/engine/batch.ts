import { readiness } from '../domain/dependencies.ts';
import { TendError } from '../domain/errors.ts';
import { childOf } from '../domain/family.ts';
import { taskId } from '../domain/ids.ts';
import { isTerminal, type State } from '../domain/lifecycle.ts';
import { batchKey, type Redo, resumption } from '../domain/plan.ts';
import { contentHash } from '../domain/submission.ts';
import type { Task, TaskId } from '../domain/task.ts';
import type { Submitted } from '../ports/store.ts';
import type { BatchRequest, BatchResult, BatchVerbs } from './batch-facade.ts';
import type { Ports, Settings } from './context.ts';
import { checkFamily, type Family } from './family.ts';
import {
  entries,
  Environments,
  idOf,
  type Making,
  named,
  type Newest,
  ofTask,
  withNames,
} from './batch-making.ts';
import { contentOf, resolved } from './submit.ts';

/** As many new tasks have ids that begin alike. */
const MANY = 256;

/** Of a name that was run again, as many of the older tasks may be forgotten before the newest is. */
const LONGEST_GAP = 3;

/** What the engine around it does. */
interface Around {
  node: string;
  family: Family;
  find(prefix: string): Promise<Task>;
  /** Told of the new tasks, and of those that must be looked at. */
  stored(tasks: readonly Task[], look: readonly TaskId[]): void;
}

/** Stores the tasks of batches, each part in one turn so that its tasks share commits. */
export class Batches implements BatchVerbs {
  readonly #ports: Ports;
  readonly #settings: Settings;
  readonly #around: Around;
  /** Parts are taken one by one: a part that is sent again finds all of the first. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(ports: Ports, settings: Settings, around: Around) {
    this.#ports = ports;
    this.#settings = settings;
    this.#around = around;
  }

  submit(request: BatchRequest): Promise<BatchResult> {
    const result = this.#last.then(() => this.#submit(request));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #submit(request: BatchRequest): Promise<BatchResult> {
    const { store } = this.#ports;
    const group = await this.#group(request);
    const seq = await store.lastSeq();
    const newest = await this.#newest(group, request);
    const redo = await this.#redo(request, newest);
    const making = await this.#resolve(request, group, newest, redo);
    if (!request.dryRun) {
      await this.#remember(request, group);
      const made = await this.#store(making);
      for (const [name, { task }] of made) {
        const nth = (newest.get(name)?.nth ?? 0) + 1;
        newest.set(name, { id: task.id, state: task.state, createdAt: task.createdAt, nth });
      }
      await this.#tell(made);
    }
    return { group, seq, tasks: entries(request, newest, making) };
  }

  async #group({ group, source, resume }: BatchRequest): Promise<string> {
    if (group !== null) return group;
    const known =
      source === null || resume === null ? null : await this.#ports.store.setting(runOf(source));
    if (known !== null) return known;
    throw new TendError(
      'not_found',
      source === null ? 'the batch names no group' : `no run of ${source} is known`,
      source === null ? 'Name one.' : 'Start one by leaving --resume out, or name its group.',
    );
  }

  /** Durable before the first task: whatever was stored of a run can be gone on with. */
  async #remember({ source, resume }: BatchRequest, group: string): Promise<void> {
    if (source === null || resume !== null) return;
    const { store } = this.#ports;
    if ((await store.setting(runOf(source))) !== group)
      await store.setSetting(runOf(source), group);
  }

  /** Of every name in the part, and of every one that a task of it waits for. */
  async #newest(group: string, { tasks, resume }: BatchRequest): Promise<Map<string, Newest>> {
    const own = new Map<string, string | null>();
    for (const { after } of tasks) for (const { name, key } of after) own.set(name, key);
    for (const { name, request } of tasks) own.set(name, request.spec.key);
    const newest = new Map<string, Newest>();
    const gap = resume === null ? 1 : LONGEST_GAP;
    let open = Array.from(own, ([name, key]) => ({ name, key, missed: 0 }));
    for (let nth = 1; open.length > 0; nth += 1) {
      const keys = open.map(({ name, key }) => batchKey(group, name, key, nth));
      const found = await this.#ports.store.keyed(keys);
      for (const [at, one] of open.entries()) {
        const known = found.get(keys[at] ?? '');
        one.missed = known === undefined ? one.missed + 1 : 0;
        if (known !== undefined) newest.set(one.name, { ...known, nth });
      }
      open = open.filter(({ missed }) => missed < gap);
    }
    return newest;
  }

  async #redo(
    { tasks, resume }: BatchRequest,
    newest: ReadonlyMap<string, Newest>,
  ): Promise<ReadonlyMap<string, Redo>> {
    if (resume === null)
      return new Map(tasks.map(({ name }) => [name, newest.has(name) ? 'keep' : 'new']));
    const states = new Map<string, State>();
    for (const [name, one] of newest)
      states.set(name, one.createdAt >= resume ? 'waiting' : await this.#stateOf(one));
    return resumption(tasks, states);
  }

  /** What can never start is as good as skipped, though no pass has come by yet. */
  async #stateOf({ id, state }: Newest): Promise<State> {
    if (state !== 'waiting') return state;
    const { store } = this.#ports;
    const after = (await store.get(id))?.spec.after ?? [];
    const states = await store.states(after.map(({ task }) => task));
    return readiness(after, states).kind === 'never' ? 'skipped' : state;
  }

  /** Everything that may be refused is refused here, before anything is stored. */
  async #resolve(
    request: BatchRequest,
    group: string,
    newest: ReadonlyMap<string, Newest>,
    redo: ReadonlyMap<string, Redo>,
  ): Promise<Making[]> {
    const tasks = request.tasks.filter(({ name }) => redo.get(name) !== 'keep');
    const parent = request.parent === null ? null : await this.#around.find(request.parent);
    if (parent !== null) await checkFamily(this.#ports.store, parent, tasks.length);
    const fresh = await this.#freshIds(tasks.length);
    const ids = new Map([...newest].map(([name, { id }]) => [name, id]));
    for (const [at, { name }] of tasks.entries()) ids.set(name, fresh[at] as TaskId);
    const environments = new Environments(this.#ports, request.environment, request.dryRun);
    const making: Making[] = [];
    for (const [at, task] of tasks.entries()) {
      const { variables, stored } = await environments.with(task.request.environment);
      const known = newest.get(task.name);
      const asked = {
        ...task.request.spec,
        name: task.name,
        group,
        key: batchKey(group, task.name, task.request.spec.key, (known?.nth ?? 0) + 1),
        retryOf: known?.id ?? null,
        after: task.after.map(({ name, when }) => ({ task: idOf(ids, task, name), when })),
        ...(task.contextFrom.length > 0 && {
          contextFrom: task.contextFrom.map((name) => idOf(ids, task, name)),
        }),
      };
      const spec = {
        ...(await named(task, resolved(this.#ports, this.#settings, asked, variables))),
        ...childOf(parent),
        environment: stored,
      };
      making.push({ task, spec, freshId: fresh[at] as TaskId });
    }
    return making;
  }

  /** Ids that no task has or had: whoever depends on a new task names it before it is stored. */
  async #freshIds(count: number): Promise<TaskId[]> {
    const { chance, store } = this.#ports;
    const taken = new Set(await store.uncleared());
    const ids = new Set<TaskId>();
    // Ids that begin alike lie side by side in every index, which halves the time that many rows take.
    const start = count < MANY ? null : chance.bytes(4);
    while (ids.size < count) {
      const bytes = chance.bytes(8 * (count - ids.size));
      const some = Array.from({ length: count - ids.size }, (_, at) => {
        const own = bytes.subarray(8 * at, 8 * at + 8);
        if (start !== null) own.set(start);
        return taskId(own);
      });
      const known = await store.states(some);
      for (const id of some) if (!known.has(id) && !taken.has(id)) ids.add(id);
    }
    return [...ids];
  }

  async #store(making: readonly Making[]): Promise<Map<string, Submitted>> {
    const now = this.#ports.clock.now();
    const made = new Map<string, Submitted>();
    /** An id that was asked for may come out numbered: then those behind it are told. */
    const renamed = new Map<TaskId, TaskId>();
    const pending: Promise<void>[] = [];
    for (const { task, spec: given, freshId } of making) {
      const { id, spec: asked } = task.request;
      const spec = renamed.size === 0 ? given : withNames(given, renamed);
      const submitted = this.#around.family
        .admit(spec, (admitted) =>
          this.#ports.store.submit({
            id,
            freshId,
            spec: admitted,
            contentHash: contentHash(contentOf(spec, id, asked.asks)),
            runAt: task.request.runAt,
            now,
            node: this.#around.node,
          }),
        )
        .then((one) => {
          made.set(task.name, one);
          if (one.task.id !== freshId) renamed.set(freshId, one.task.id);
        })
        .catch((error: unknown) => {
          throw ofTask(task, asked.key, error);
        });
      pending.push(submitted);
      if (id !== null) await submitted;
    }
    const failed = (await Promise.allSettled(pending)).find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return made;
  }

  /**
   * A task that is waited for, and not over now, tells of its end by itself; only whoever waits for one that is over
   * must be looked at.
   */
  async #tell(made: ReadonlyMap<string, Submitted>): Promise<void> {
    const tasks = [...made.values()].map(({ task }) => task);
    if (tasks.length === 0) return;
    const on = new Set(tasks.flatMap(({ spec }) => spec.after.map(({ task }) => task)));
    const states = await this.#ports.store.states([...on]);
    const isOver = (id: TaskId): boolean => isTerminal(states.get(id) ?? 'skipped');
    const look = tasks.filter(({ spec }) => spec.after.some(({ task }) => isOver(task)));
    this.#around.stored(
      tasks,
      look.map(({ id }) => id),
    );
  }
}

const runOf = (source: string): string => `batch.${contentHash(source)}`;
