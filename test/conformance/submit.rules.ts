import { expect, test } from 'vitest';
import type { Store } from '../../src/ports/store.ts';
import { newTask, NOON, spec, submit, submitEnded } from './sample.ts';

export function submitRules(store: () => Store): void {
  test('a task without conditions is queued, with one line of history', async () => {
    const asked = newTask('t-1', { spec: { labels: { a: 'b' }, title: 'Größe ✓' } });
    const { task, created } = await store().submit(asked);
    expect(created).toBe(true);
    expect(task).toEqual({
      id: 't-1',
      version: 1,
      node: 'here',
      createdAt: NOON,
      spec: asked.spec,
      state: 'queued',
      queuedAt: NOON,
      attempt: null,
    });
    expect(await store().get('t-1')).toEqual(task);
    expect(await store().history('t-1')).toEqual([
      {
        seq: 1,
        taskId: 't-1',
        version: 1,
        event: 'submit',
        state: 'queued',
        reason: null,
        at: NOON,
      },
    ]);
    expect(await store().attempts('t-1')).toEqual([]);
  });

  test('a task with a later start or with dependencies waits', async () => {
    const later = await submit(store(), 't-1', { runAt: NOON + 5 });
    expect(later).toMatchObject({ state: 'waiting', runAt: NOON + 5, attempt: null });
    const after = [{ task: 't-1', when: 'success' as const }];
    const dependent = await submit(store(), 't-2', { spec: { after } });
    expect(dependent).toMatchObject({ state: 'waiting', runAt: null });
    expect(await store().history('t-2')).toMatchObject([{ event: 'schedule', state: 'waiting' }]);
  });

  test('a start time that has come is no condition', async () => {
    expect(await submit(store(), 't-1', { runAt: NOON })).toMatchObject({ state: 'queued' });
  });

  test('the same key with the same content is the same task, also once it ended', async () => {
    const first = await submitEnded(store(), 't-1', { spec: { key: 'k' }, contentHash: 'c' });
    const again = newTask('t-2', { spec: { key: 'k' }, contentHash: 'c' });
    expect(await store().submit(again)).toEqual({ task: first, created: false });
    expect(await store().get('t-2')).toBeNull();
    expect(await store().lastSeq()).toBe(5);
  });

  test('tasks are found by their keys, as they are now', async () => {
    await submit(store(), 't-1', { spec: { key: 'k' } });
    const ended = await submitEnded(store(), 't-2', { spec: { key: 'l' } });
    await submit(store(), 't-3');
    const found = await store().keyed(['l', 'nobody', 'k']);
    expect(found).toEqual(
      new Map([
        ['k', { id: 't-1', state: 'queued', createdAt: NOON }],
        ['l', { id: 't-2', state: ended.state, createdAt: NOON }],
      ]),
    );
    expect(await store().keyed([])).toEqual(new Map());
  });

  test('the same key with other content is refused', async () => {
    await submit(store(), 't-1', { spec: { key: 'k' }, contentHash: 'c' });
    const other = newTask('t-2', { spec: { key: 'k' }, contentHash: 'd' });
    await expect(store().submit(other)).rejects.toMatchObject({ code: 'key_conflict' });
    expect(await store().get('t-2')).toBeNull();
  });

  test('two submits under one key in one turn make one task', async () => {
    const [first, second] = await Promise.all([
      store().submit(newTask('t-1', { spec: { key: 'k' }, contentHash: 'c' })),
      store().submit(newTask('t-2', { spec: { key: 'k' }, contentHash: 'c' })),
    ]);
    expect(first.created).toBe(true);
    expect(second).toEqual({ task: first.task, created: false });
  });

  test('tasks without a key never meet', async () => {
    await submit(store(), 't-1', { contentHash: 'c' });
    expect(await submit(store(), 't-2', { contentHash: 'c' })).toMatchObject({ id: 't-2' });
  });

  test('the id of a live task is refused, that of an ended one is numbered', async () => {
    await submitEnded(store(), 't-1', { id: 'build' });
    expect(await submit(store(), 't-2', { id: 'build' })).toMatchObject({ id: 'build-2' });
    expect(await submit(store(), 't-3', { id: 'build' })).toMatchObject({ id: 'build-3' });
    await submit(store(), 't-4', { id: 'test' });
    await expect(store().submit(newTask('t-5', { id: 'test' }))).rejects.toMatchObject({
      code: 'id_taken',
    });
  });

  test('a random id that exists is numbered', async () => {
    await submit(store(), 't-1');
    expect(await submit(store(), 't-1')).toMatchObject({ id: 't-1-2' });
  });

  test('a refused submit does not disturb those beside it', async () => {
    await submit(store(), 't-0', { id: 'build' });
    const results = await Promise.allSettled([
      store().submit(newTask('t-1')),
      store().submit(newTask('t-2', { id: 'build' })),
      store().submit(newTask('t-3')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store().states(['t-1', 't-2', 't-3'])).toEqual(
      new Map([
        ['t-1', 'queued'],
        ['t-3', 'queued'],
      ]),
    );
  });

  test('what a caller does with its objects later changes nothing', async () => {
    const asked = newTask('t-1', { spec: { labels: { a: 'b' } } });
    const { task } = await store().submit(asked);
    Object.assign(asked.spec.labels, { a: 'changed' });
    Object.assign(task.spec, { title: 'changed' });
    expect((await store().get('t-1'))?.spec).toEqual(spec({ labels: { a: 'b' } }));
  });

  test('a read sees the writes asked for before it', async () => {
    const submitting = store().submit(newTask('t-1'));
    expect(await store().get('t-1')).toMatchObject({ id: 't-1' });
    expect(await submitting).toMatchObject({ created: true });
  });
}
