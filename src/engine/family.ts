import { TendError } from '../domain/errors.ts';
import { seated } from '../domain/agent-work.ts';
import {
  leftFor,
  MAX_CHILDREN,
  MAX_DEPTH,
  refusalOfChildren,
  takenBy,
  within,
} from '../domain/family.ts';
import type { Task, TaskId, TaskSpec } from '../domain/task.ts';
import { childrenOf } from './children.ts';
import type { Ports } from './context.ts';
import { deadlockIn } from './deadlock.ts';

/** Children that are stopped at a time. */
const AT_ONCE = 100;
const ALONE = 'To run it all the same, submit it on its own: env -u TEND_TASK_ID tend run …';

/** What concerns a task together with its children happens one after the other. */
export class Family {
  readonly #store: Ports['store'];
  /** By parent: what was begun last. */
  readonly #last = new Map<TaskId, Promise<unknown>>();

  constructor(store: Ports['store']) {
    this.#store = store;
  }

  /** Runs `act` when everything that was begun for this parent is over. */
  async inTurn<T>(parent: TaskId, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(parent);
    const result = before === undefined ? act() : before.then(act);
    const over = result.catch(() => undefined);
    this.#last.set(parent, over);
    try {
      return await result;
    } finally {
      if (this.#last.get(parent) === over) this.#last.delete(parent);
    }
  }

  /**
   * Stores a new task as its parent allows it, so that no two at once take the same of what is left. Throws TendError
   * `limit_reached`, or `already_ended` for a parent that is or was stopped. What is stored under its key already is
   * not asked again.
   */
  async admit<T>(spec: TaskSpec, store: (spec: TaskSpec) => Promise<T>): Promise<T> {
    const { parent, key } = spec;
    if (parent === null) return store(spec);
    return this.inTurn(parent, async () => {
      if (key !== null && (await this.#store.keyed([key])).has(key)) return store(spec);
      return store(await this.#allowed(parent, spec));
    });
  }

  async #allowed(id: TaskId, spec: TaskSpec): Promise<TaskSpec> {
    const parent = await this.#store.get(id);
    if (parent === null)
      throw new TendError('not_found', `there is no task ${id} any more`, 'Leave the parent out.');
    await checkFamily(this.#store, parent);
    const blocked = await deadlockIn(this.#store, parent, spec.after);
    if (blocked !== null)
      throw new TendError(
        'invalid_input',
        `a subtask of ${id} cannot wait for ${blocked}, which ends after it: all would wait for ever`,
        ALONE,
      );
    const { work } = spec;
    const { work: bound } = parent.spec;
    if (work.kind !== 'agent' || bound.kind !== 'agent') return spec;
    let taken = 0;
    for await (const child of childrenOf(this.#store, id))
      taken += takenBy(child, await this.#attempts(child));
    const left = leftFor(seated(bound, parent.attempt?.agent), taken);
    if (left !== null) return { ...spec, work: within(work, left) };
    throw new TendError(
      'limit_reached',
      `${id} may spend $${bound.envelope.costUsd}, and its subtasks take all of it`,
      'Wait until some of them have ended: what they did not spend is free again. Or do the work in this task.',
    );
  }

  async #attempts({ id, attempt }: Task) {
    if (attempt === null || attempt.number === 1) return attempt === null ? [] : [attempt];
    return (await this.#store.attempts(id)).filter((one) => one !== null);
  }

  /** Calls `stop` for every child. The parent has been stopped: what was not submitted before is refused. */
  async stopChildren(parent: TaskId, stop: (child: TaskId) => Promise<unknown>): Promise<void> {
    await this.inTurn(parent, async () => undefined);
    let some: Promise<unknown>[] = [];
    for await (const { id } of childrenOf(this.#store, parent)) {
      some.push(stop(id));
      if (some.length < AT_ONCE) continue;
      await Promise.all(some);
      some = [];
    }
    await Promise.all(some);
  }
}

/** Throws TendError `limit_reached`, or `already_ended`, when the parent may not have `more` children. */
export async function checkFamily(store: Ports['store'], parent: Task, more = 1): Promise<void> {
  const refusal = refusalOfChildren(parent);
  if (refusal !== null)
    throw new TendError(
      'already_ended',
      refusal === 'stopping'
        ? `${parent.id} is being stopped: it takes no more subtasks`
        : `${parent.id} was stopped: it takes no more subtasks`,
      ALONE,
    );
  if (parent.spec.depth + 1 > MAX_DEPTH)
    throw new TendError(
      'limit_reached',
      `${parent.id} is already ${parent.spec.depth} levels deep; tasks may nest ${MAX_DEPTH}`,
      'Submit this task from a task further up, or do the work in this one.',
    );
  const { open } = await store.children(parent.id);
  if (open + more > MAX_CHILDREN)
    throw new TendError(
      'limit_reached',
      more === 1
        ? `${parent.id} already has ${MAX_CHILDREN} live children`
        : `${parent.id} may have ${MAX_CHILDREN} live children: ${more} more are too many`,
      'Wait for some of them to end, then submit again.',
    );
}
