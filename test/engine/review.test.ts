import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Task } from '../../src/domain/task.ts';
import { type Ground, openGround } from './ground.ts';
import { asks, endedOf, makeYard, type Yard } from './yard.ts';

let ground: Ground;
let yard: Yard;

beforeEach(async () => {
  yard = makeYard();
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
  yard.remove();
  expect(ground.faults).toEqual([]);
});

const ALL = { attempt: null, against: 'base', paths: [] } as const;

/** A task that waits for a person; each of its attempts adds a line. */
async function reviewed(command = 'echo more >>a.txt; echo $TEND_ATTEMPT_ID >>b.txt') {
  const { id } = await ground.submit(command, {
    cwd: yard.root,
    workspace: yard.workspace(),
    checks: asks({ review: true }),
  });
  return ground.reaches(id, 'awaiting_review');
}

const reviewOf = (task: Task) => endedOf(task).product?.review;

async function patch(id: string, request: Parameters<typeof ground.node.work.diff>[1]) {
  let text = '';
  for await (const part of ground.node.work.diff(id, request, AbortSignal.timeout(9_000)))
    text += part;
  return text;
}

describe('work that waits for a person', () => {
  test('is taken', async () => {
    const { id } = await reviewed();
    const task = await ground.node.work.accept(id);
    expect(task).toMatchObject({ id, state: 'completed' });
    expect(reviewOf(task)).toMatchObject({ decision: 'accepted' });
    expect(await ground.node.work.accept(id)).toEqual(task);
  });

  test('is sent back with what is wrong, and done again on top of it', async () => {
    const { id } = await reviewed('cat ${TEND_FEEDBACK:-/dev/null} >>told; echo more >>a.txt');
    const task = await ground.node.work.reject(id, 'Twice, please.', false);
    expect(task).toMatchObject({ id, state: 'queued' });
    const again = await ground.reaches(id, 'awaiting_review');
    expect(again.attempt?.number).toBe(2);
    const [first, second] = await ground.ports.store.endedAttempts(id);
    expect(first?.product?.review).toMatchObject({ feedback: 'Twice, please.' });
    const commit = second?.product?.saved?.commit ?? '';
    expect(yard.fileAt(commit, 'a.txt')).toBe('one\nmore\nmore');
    expect(yard.fileAt(commit, 'told')).toContain('Twice, please.');
    await ground.node.work.accept(id);
  });

  test('is turned down for good', async () => {
    const { id } = await reviewed();
    const task = await ground.node.work.reject(id, 'No.', true);
    expect(task).toMatchObject({ state: 'failed', reason: 'rejected' });
    expect(reviewOf(task)).toMatchObject({ decision: 'rejected', feedback: 'No.' });
    await expect(ground.node.work.reject(id, null, true)).rejects.toMatchObject({
      code: 'already_ended',
    });
  });

  test('survives a daemon, and can be stopped', async () => {
    const { id } = await reviewed();
    await ground.reopen();
    expect((await ground.node.find(id)).state).toBe('awaiting_review');
    expect(await ground.stop(id)).toMatchObject({ state: 'cancelled' });
    expect(yard.fileAt(`tend/${id}`, 'a.txt')).toBe('one\nmore');
  });
});

describe('a review of what waits for none', () => {
  test('is refused while it goes on', async () => {
    const { id } = await ground.submit('exec sleep 60');
    await ground.reaches(id, 'running');
    for (const asked of [ground.node.work.accept(id), ground.node.work.reject(id, 'x', false)])
      await expect(asked).rejects.toMatchObject({ code: 'not_ended' });
    await expect(ground.node.work.changes(id, ALL)).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('sends an ended task back as a new one, in the same work tree', async () => {
    const spec = { cwd: yard.root, workspace: yard.workspace() };
    const { id } = await ground.submit('echo more >>a.txt', spec);
    await ground.settled(id);
    const again = await ground.node.work.reject(id, null, false);
    expect(again.id).not.toBe(id);
    expect(again.spec.retryOf).toBe(id);
    await ground.settled(again.id);
    expect(yard.fileAt(`tend/${id}`, 'a.txt')).toBe('one\nmore\nmore');
  });
});

describe('what was made', () => {
  test('is shown against the base, or against the attempt before', async () => {
    const { id } = await reviewed();
    await ground.node.work.reject(id, null, false);
    await ground.reaches(id, 'awaiting_review');
    const { work } = ground.node;
    const all = await work.changes(id, ALL);
    expect(all).toMatchObject({ from: yard.base, change: { files: 2, insertions: 4 } });
    expect(all.paths.map(({ path }) => path)).toEqual(['a.txt', 'b.txt']);
    const last = await work.changes(id, { ...ALL, against: 'previous' });
    expect(last).toMatchObject({ to: all.to, change: { files: 2, insertions: 2 } });
    const first = await work.changes(id, { ...ALL, attempt: 1 });
    expect(first).toMatchObject({ from: yard.base, to: last.from });
    expect(await work.changes(id, { ...ALL, attempt: 1, against: 'previous' })).toEqual(first);
    expect((await work.changes(id, { ...ALL, paths: ['b.txt'] })).paths).toHaveLength(1);
    const text = await patch(id, { ...ALL, against: 'previous', paths: ['b.txt'] });
    expect(text).toContain(`+${id}.2`);
    expect(text).not.toContain('a.txt');
    await expect(work.changes(id, { ...ALL, attempt: 3 })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('is not there where nothing was begun', async () => {
    const workspace = yard.workspace({ repository: '/nowhere/.git' });
    const { id } = await ground.submit('true', { cwd: yard.root, workspace });
    await ground.settled(id);
    await expect(ground.node.work.changes(id, ALL)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(id),
    });
    await expect(patch(id, ALL)).rejects.toMatchObject({ code: 'unsupported' });
  });
});
