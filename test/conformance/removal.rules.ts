import { expect, test } from 'vitest';
import type { WorkspaceSpec } from '../../src/domain/workspace.ts';
import type { Store } from '../../src/ports/store.ts';
import { claim, NOON, QUIET, submit, submitEnded, submitQueued, wholeLife } from './sample.ts';

const TREE: WorkspaceSpec = {
  kind: 'worktree',
  repository: '/r/.git',
  checkout: '/r',
  subfolder: '',
  branch: null,
  base: 'a'.repeat(40),
  target: 'main',
  setup: null,
  links: [],
  keepIgnored: [],
};

const LOUD = { webhooks: [], onDone: true };

export function removalRules(store: () => Store): void {
  const removable = async (before = NOON * 2, limit = 99): Promise<string[]> =>
    (await store().removable(before, limit)).map(({ id }) => id);
  const settle = async (id: string): Promise<string[]> => {
    const open = await store().deliveries(id);
    return store().ack(
      'cli:1000',
      open.map((one) => one.id),
      NOON + 10,
    );
  };

  test('only an ended task can be removed', async () => {
    const queued = await submitQueued(store(), 't-1');
    await store().commit([claim(queued)], QUIET);
    await submit(store(), 't-2', { runAt: NOON + 5 });
    expect(await removable()).toEqual([]);
    for (const id of ['t-1', 't-2', 't-0']) expect(await store().remove(id)).toBe(false);
    expect(await store().get('t-2')).not.toBeNull();
  });

  test('a task is gone with everything that was known of it', async () => {
    await submitEnded(store(), 't-1', { spec: { key: 'k', environment: 'e-1' } });
    await submit(store(), 't-2', { spec: { environment: 'e-2' } });
    await settle('t-1');
    const seq = await store().lastSeq();
    expect(await store().environments()).toEqual(new Set(['e-1', 'e-2']));
    expect(await removable()).toEqual(['t-1']);
    expect(await store().remove('t-1')).toBe(true);
    expect(await store().remove('t-1')).toBe(false);
    expect(await store().get('t-1')).toBeNull();
    expect(await store().history('t-1')).toEqual([]);
    expect(await store().attempts('t-1')).toEqual([]);
    expect(await store().deliveries('t-1')).toEqual([]);
    expect(await store().environments()).toEqual(new Set(['e-2']));
    expect(await store().lastSeq()).toBe(seq);
    expect(await submit(store(), 't-1', { spec: { key: 'k' } })).toMatchObject({ version: 1 });
  });

  test('numbers of changes are not used again after a removal', async () => {
    await submitEnded(store(), 't-1');
    await settle('t-1');
    await store().remove('t-1');
    expect(await store().changes(0, 9)).toEqual([]);
    await submit(store(), 't-2');
    expect(await store().changes(0, 9)).toMatchObject([{ seq: 6, taskId: 't-2' }]);
  });

  test('a parent that has not ended protects', async () => {
    const parent = await submitQueued(store(), 't-1');
    await submitEnded(store(), 't-2', { spec: { parent: 't-1' } });
    await submitEnded(store(), 't-3', { spec: { parent: 't-gone' } });
    for (const id of ['t-2', 't-3']) await settle(id);
    expect(await removable()).toEqual(['t-3']);
    expect(await store().remove('t-2')).toBe(false);
    await store().commit(wholeLife(parent), QUIET);
    expect(await removable()).toEqual(['t-2', 't-3']);
    expect(await store().remove('t-2')).toBe(true);
  });

  test('an unacknowledged delivery protects', async () => {
    await submitEnded(store(), 't-1');
    expect(await removable()).toEqual([]);
    expect(await store().remove('t-1')).toBe(false);
    expect(await store().get('t-1')).not.toBeNull();
  });

  test('a push protects until it is delivered, a dead one for ever', async () => {
    await submitEnded(store(), 't-1', { targets: LOUD });
    await submitEnded(store(), 't-2', { targets: LOUD });
    for (const id of ['t-1', 't-2']) await settle(id);
    expect(await removable()).toEqual([]);
    await store().settlePush('d-t-1.mpv5pc00.c.command', { kind: 'delivered', at: NOON });
    await store().settlePush('d-t-2.mpv5pc00.c.command', { kind: 'dead', at: NOON, error: 'no' });
    expect(await removable()).toEqual(['t-1']);
    expect(await store().remove('t-2')).toBe(false);
    expect(await store().remove('t-1')).toBe(true);
  });

  test('a task that depends on it protects until that is over', async () => {
    await submitEnded(store(), 't-1');
    await settle('t-1');
    const after = [{ task: 't-1', when: 'always' as const }];
    const dependent = await submit(store(), 't-2', { spec: { after } });
    expect(await removable()).toEqual([]);
    expect(await store().remove('t-1')).toBe(false);
    const { id, version } = dependent;
    const over = { state: 'cancelled', reason: 'user', attempt: null, endedAt: NOON } as const;
    await store().commit([{ id, version, event: 'cancel', at: NOON, next: over }], QUIET);
    expect(await removable()).toEqual(['t-1']);
    expect(await store().remove('t-1')).toBe(true);
  });

  test('those that ended first come first, the younger ones not at all', async () => {
    await submitEnded(store(), 't-1', { now: NOON + 5 });
    await submitEnded(store(), 't-2');
    await submitEnded(store(), 't-3', { now: NOON + 9 });
    for (const id of ['t-1', 't-2', 't-3']) await settle(id);
    expect(await removable(NOON + 12)).toEqual(['t-2', 't-1']);
    expect(await removable(NOON + 13)).toEqual(['t-2', 't-1', 't-3']);
    expect(await removable(NOON + 13, 1)).toEqual(['t-2']);
  });

  test('one task can be asked about alone', async () => {
    for (const id of ['t-1', 't-2']) await submitEnded(store(), id);
    await settle('t-1');
    const asked = async (id: string, before = Infinity) =>
      (await store().removable(before, 9, id)).map((task) => task.id);
    expect(await asked('t-1')).toEqual(['t-1']);
    expect(await asked('t-1', 0)).toEqual([]);
    expect(await asked('t-2')).toEqual([]);
    expect(await asked('t-3')).toEqual([]);
  });

  test('who works in the work tree of a branch is known, by the name asked for or the own one', async () => {
    const workspace = (given: Partial<WorkspaceSpec>) => ({
      spec: { workspace: { ...TREE, ...given } },
    });
    await submit(store(), 't-1', workspace({}));
    await submit(store(), 't-2', workspace({ branch: 'tend/t-1' }));
    await submit(store(), 't-3', workspace({ branch: 'tend/t-1', kind: 'in_place' }));
    await submit(store(), 't-4', workspace({ branch: 'tend/t-1', repository: '/other/.git' }));
    await submit(store(), 't-5', workspace({ branch: 'x' }));
    await submit(store(), 't-6');
    expect(await store().workingOn('/r/.git', 'tend/t-1')).toEqual(['t-1', 't-2']);
    expect(await store().workingOn('/r/.git', 'x')).toEqual(['t-5']);
    expect(await store().workingOn('/r/.git', 'tend/t-2')).toEqual([]);
    expect(await store().workingOn('/other/.git', 'tend/t-1')).toEqual(['t-4']);
  });

  test('the id of a removed task is free again once its files are gone, not before', async () => {
    const first = await submitEnded(store(), 't-1');
    await settle('t-1');
    expect(await store().uncleared()).toEqual([]);
    expect(await store().remove('t-1')).toBe(true);
    expect(await store().uncleared()).toEqual(['t-1']);
    expect((await submitQueued(store(), 't-9', { id: 't-1' })).id).toBe('t-1-2');
    await store().cleared('t-1');
    expect(await store().uncleared()).toEqual([]);
    const again = await submitEnded(store(), 't-9', { id: 't-1', now: NOON + 60_000 });
    expect(again.id).toBe(first.id);
    const told = await store().deliveries('t-1');
    expect(told.map(({ id }) => id)).not.toContain(`d-t-1.${NOON.toString(36)}.c`);
  });
}
