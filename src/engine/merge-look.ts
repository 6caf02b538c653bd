import { checkNumber, type Merge, type MergeSeen, mergeable, needsCheck } from '../domain/merge.ts';
import { mergeMessage } from '../domain/merge-message.ts';
import { sumUsd } from '../domain/money.ts';
import { isEnded, type Task, type TaskId, type TaskIn } from '../domain/task.ts';
import type { Live } from '../domain/lifecycle.ts';
import { resultOfRun } from '../domain/verification.ts';
import { verificationOf } from '../domain/verdict.ts';
import { checksSeen } from './check-evidence.ts';
import type { SubmitCheck } from './checks.ts';
import type { Ports, Settings } from './context.ts';
import { type Feed, until } from './feed.ts';

/** What of the engine a merge needs. */
export interface MergeWorld {
  feed: Feed;
  tasks: { live: ReadonlyMap<TaskId, TaskIn<Live>>; get(id: TaskId): Promise<Task | null> };
  submitCheck: SubmitCheck;
}

/** Most of what a failed verification wrote that is kept with the merge, characters. */
const TOLD = 600;

/** Does what the state of a merge calls for, and tells what came of it: done again, it comes to the same. */
export class MergeLook {
  readonly #ports: Ports;
  readonly #settings: Settings;
  readonly #world: MergeWorld;
  readonly #closing: AbortSignal;

  constructor(ports: Ports, settings: Settings, world: MergeWorld, closing: AbortSignal) {
    this.#ports = ports;
    this.#settings = settings;
    this.#world = world;
    this.#closing = closing;
  }

  /** Null = the engine is closing, and nothing was seen. */
  async at(merge: Merge): Promise<MergeSeen | null> {
    const task = await this.#ports.store.get(merge.taskId);
    if (task === null) return { kind: 'trouble', message: `${merge.taskId} is gone` };
    if (merge.state === 'queued') return this.#make(task, merge);
    if (merge.state === 'checking') return this.#check(task, merge);
    return this.#land(merge);
  }

  async #make(task: Task, merge: Merge): Promise<MergeSeen> {
    const { merging, workspaces } = this.#ports;
    const { repository, target, commit, how, createdAt } = merge;
    const ready = mergeable(task, merge.unverified !== null);
    if ('refusal' in ready) return { kind: 'trouble', message: ready.refusal };
    const from = await merging.tip(repository, target);
    if (from === null) return { kind: 'no_target' };
    const made = await merging.merge({
      repository,
      onto: from,
      commit,
      how,
      at: createdAt,
      ref: refOf(merge),
      message: await this.#message(task, merge),
    });
    if (made.kind !== 'merged') return { ...made, from };
    const { change } = await workspaces.changes(repository, from, made.commit);
    const isUnverified = merge.unverified !== null;
    return {
      kind: 'made',
      from,
      to: made.commit,
      change,
      needsCheck: needsCheck(task, ready.product, made.tree, isUnverified),
    };
  }

  async #message(task: Task, { unverified }: Merge): Promise<string> {
    const { id, spec, attempt } = task;
    const result = verificationOf(task);
    const { mergeMessage: template } = this.#settings.workspace(spec.cwd);
    return mergeMessage(template, {
      id,
      title: spec.title,
      branch: attempt?.workspace?.branch ?? '',
      cost: await this.#cost(id),
      verification: unverified === null ? result : `${result}, merged because: ${unverified}`,
    });
  }

  /** Of all attempts together; null = nobody told. */
  async #cost(id: TaskId): Promise<number | null> {
    const attempts = await this.#ports.store.endedAttempts(id);
    const costs = attempts.flatMap(({ agent }) => agent?.report?.usage?.costUsd ?? []);
    return costs.length === 0 ? null : sumUsd(...costs);
  }

  async #check(task: Task, merge: Merge): Promise<MergeSeen | null> {
    const { check, to } = merge;
    if (check === null) {
      const submitted = await this.#world.submitCheck(task, 'merge', checkNumber(merge), to ?? '');
      return { kind: 'submitted', check: submitted.id };
    }
    const { feed, tasks } = this.#world;
    const hasEnded = async (): Promise<boolean> => {
      const now = await tasks.get(check);
      return now === null || isEnded(now);
    };
    if (!(await until(feed, ({ id }) => id === check, hasEnded, null, this.#closing))) return null;
    const seen = (await checksSeen(this.#ports, task)).find(({ id }) => id === check);
    const { result, detail } = resultOfRun({ ended: seen?.ended ?? 'cancelled' });
    const said = seen?.text.trim().slice(-TOLD) ?? '';
    return { kind: 'checked', result, detail: said === '' ? detail : `${detail}\n${said}` };
  }

  async #land(merge: Merge): Promise<MergeSeen> {
    const { repository, target, from, to, taskId } = merge;
    if (from === null || to === null) return { kind: 'trouble', message: 'nothing was made' };
    const worker = this.#workerOn(merge);
    if (worker !== null)
      return { kind: 'dirty', paths: [], message: `${worker} is at work on ${target}` };
    const landed = await this.#ports.merging.land({
      repository,
      branch: target,
      from,
      to,
      ref: refOf(merge),
      reason: `tend: merge ${taskId}`,
    });
    return landed;
  }

  /** A task that works on the target itself right now. */
  #workerOn({ repository, target }: Merge): TaskId | null {
    for (const { id, spec, attempt } of this.#world.tasks.live.values()) {
      const { workspace } = spec;
      if (workspace?.repository !== repository) continue;
      // In place it works in the checkout of whatever was checked out when it was submitted.
      const branch = workspace.kind === 'in_place' ? workspace.target : attempt.workspace?.branch;
      if (branch === target) return id;
    }
    return null;
  }
}

/** Keeps what is merged until it has landed. */
const refOf = ({ taskId, seq }: Merge): string => `refs/tend/merges/${taskId}/${seq}`;
