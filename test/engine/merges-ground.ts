import { afterEach, beforeEach, expect } from 'vitest';
import { Ground as Repository } from '../git/ground.ts';
import type { Merge } from '../../src/domain/merge.ts';
import type { Task } from '../../src/domain/task.ts';
import type { MergeAsk, WorkAsk } from '../../src/engine/facade.ts';
import type { Ports } from '../../src/engine/context.ts';
import { type Ground, openGround, type Spec } from './ground.ts';

/** An engine and a repository for each test; it ends without faults, unless they are `expected`. */
export let ground: Ground;
export let repository: Repository;

export function withGround(wrap: (ports: Ports) => Ports = (ports) => ports): void {
  beforeEach(async () => {
    repository = new Repository();
    ground = await openGround(wrap);
  });
  afterEach(async () => {
    await ground.close();
    repository.close();
  });
}

export const CHECKS: WorkAsk['checks'] = {
  verify: 'none',
  verifyTimeout: null,
  verifyFrom: 'saved',
  fix: 0,
  template: null,
  judge: null,
  judgeRounds: 1,
  review: null,
  scope: [],
  checklist: [],
  bestOf: 1,
  metric: null,
};

/** A task that has ended after `command` in a work tree of its own. */
export async function done(
  command: string,
  checks: Partial<WorkAsk['checks']> = {},
  given: Partial<Spec> = {},
): Promise<Task> {
  const workspace = { kind: 'worktree', branch: null, base: null, setup: null } as const;
  const { id } = await ground.submit(command, {
    cwd: repository.checkout,
    title: `Do: ${command.slice(0, 20)}`,
    asks: { workspace, checks: { ...CHECKS, ...checks } },
    ...given,
  });
  const [task] = await ground.settled(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  expect(task).toMatchObject({ state: 'completed' });
  return task;
}

export const MERGE: MergeAsk = { into: null, how: 'merge', unverified: null };

export const ask = (task: Task, asked: Partial<MergeAsk> = {}): Promise<Merge> =>
  ground.node.merges.ask(task.id, { ...MERGE, ...asked });

/** What the merge has come to in the end. */
export async function merged(task: Task, asked: Partial<MergeAsk> = {}): Promise<Merge> {
  await ask(task, asked);
  return ended(task);
}

export async function ended(task: Task): Promise<Merge> {
  await ground.node.merges.settled(task.id, AbortSignal.timeout(20_000));
  const [merge] = await ground.ports.store.merges([task.id]);
  if (merge === undefined || merge.endedAt === null)
    throw new Error(`not settled: ${JSON.stringify(merge)}`);
  return merge;
}
