import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Task, TaskId } from '../../src/domain/task.ts';
import { type Ground, openGround, type Spec } from './ground.ts';

let ground: Ground;

beforeEach(async () => {
  ground = await openGround();
});

afterEach(async () => {
  await ground.close();
  expect(ground.faults).toEqual([]);
});

const LONG = 'sleep 60';

/** Tasks that run until they are stopped. */
const runs = async (count: number, spec: Partial<Spec> = {}): Promise<Task[]> => {
  const tasks: Task[] = [];
  for (let nth = 0; nth < count; nth++) tasks.push(await ground.submit(LONG, spec));
  return Promise.all(tasks.map(({ id }) => ground.reaches(id, 'running')));
};

/** Why the task waits, after everything that can start has started. */
const waitOf = async (id: TaskId) => {
  await ground.submit('true', { foreground: true }).then(({ id: other }) => ground.settled(other));
  const [seen] = await ground.node.describe([await ground.node.find(id)]);
  return seen?.wait === null || seen?.wait === undefined
    ? (seen?.task.state ?? 'gone')
    : `${seen.wait.block.reason} ${seen.wait.block.what ?? '-'} ${seen.wait.ahead}`;
};

describe('a limit', () => {
  test('of a group holds back only its tasks', async () => {
    ground.settings.limits = { ...ground.settings.limits, groups: { nightly: 1 } };
    await runs(1, { group: 'nightly' });
    const { id } = await ground.submit('true', { group: 'nightly' });
    expect(await waitOf(id)).toBe('group_limit nightly 0');
    const other = await ground.submit('true');
    expect(await ground.settled(other.id)).toMatchObject([{ state: 'completed' }]);
  });

  test('that a task brings for its group counts, too', async () => {
    await runs(2, { group: 'g', groupSlots: 2 });
    const { id } = await ground.submit('true', { group: 'g', groupSlots: 2 });
    expect(await waitOf(id)).toBe('group_limit g 0');
  });

  test.each([
    ['gpu', { gpu: '0' }, { gpu: '1' }],
    ['kind=build', { kind: 'build' }, { kind: 'build', os: 'linux' }],
  ])('of the label %s', async (limit, first, second) => {
    ground.settings.limits = { ...ground.settings.limits, labels: { [limit]: 1 } };
    await runs(1, { labels: first });
    const { id } = await ground.submit('true', { labels: second });
    expect(await waitOf(id)).toBe(`label_limit ${limit} 0`);
    const other = await ground.submit('true', { labels: { kind: 'test' } });
    expect(await ground.settled(other.id)).toMatchObject([{ state: 'completed' }]);
  });

  test('by an exclusive key is over with the task that holds it', async () => {
    const [first] = await runs(1, { exclusive: 'db' });
    const { id } = await ground.submit('true', { exclusive: 'db' });
    expect(await waitOf(id)).toBe('exclusive db 0');
    await ground.stop(first?.id ?? '');
    expect(await ground.settled(id)).toMatchObject([{ state: 'completed' }]);
  });

  test('that is lowered ends nothing, and lets nothing start before enough have ended', async () => {
    const tasks = await runs(3);
    ground.settings.limits = { ...ground.settings.limits, slots: 1 };
    const { id } = await ground.submit('true');
    expect(await waitOf(id)).toBe('slots - 0');
    expect((await ground.node.list({ states: ['running'], limit: 9 })).tasks).toHaveLength(3);
    for (const task of tasks) {
      expect((await ground.node.find(id)).state).toBe('queued');
      await ground.stop(task.id);
    }
    expect(await ground.settled(id)).toMatchObject([{ state: 'completed' }]);
  });

  test('of slots does not hold back what somebody watches, but counts it', async () => {
    ground.settings.limits = { ...ground.settings.limits, slots: 1 };
    await runs(1);
    const [watched] = await runs(1, { foreground: true });
    const { id } = await ground.submit('true');
    expect(await waitOf(id)).toBe('slots - 0');
    await ground.stop(watched?.id ?? '');
    expect(await waitOf(id)).toBe('slots - 0');
  });

  test('tells how many go first', async () => {
    ground.settings.limits = { ...ground.settings.limits, slots: 1 };
    await runs(1);
    await ground.submit('true', { priority: 2 });
    await ground.submit('true', { owner: 'somebody else' });
    const { id } = await ground.submit('true', { owner: 'one more' });
    await ground.submit('true');
    expect(await waitOf(id)).toMatch(/^slots - [12]$/);
  });
});

describe('a task that waits for its own child', () => {
  test('is not waited for by it, whatever it holds', async () => {
    ground.settings.limits = { ...ground.settings.limits, slots: 1, groups: { g: 1 } };
    const [parent] = await runs(1, { group: 'g' });
    const child = await ground.submit('true', { group: 'g', parent: parent?.id ?? null });
    expect(await ground.settled(child.id)).toMatchObject([{ state: 'completed' }]);
    expect((await ground.node.find(parent?.id ?? '')).state).toBe('running');
  });

  test('lets one child start at a time beyond the limit, also after a restart', async () => {
    ground.settings.limits = { ...ground.settings.limits, slots: 1 };
    const [parent] = await runs(1);
    const parentId = parent?.id ?? null;
    const [first] = await runs(1, { parent: parentId });
    await ground.reopen();
    const second = await ground.submit('true', { parent: parentId });
    expect(await waitOf(second.id)).toBe('slots - 0');
    await ground.stop(first?.id ?? '');
    expect(await ground.settled(second.id)).toMatchObject([{ state: 'completed' }]);
  });

  test('lets also the child of its child start', async () => {
    ground.settings.limits = { ...ground.settings.limits, slots: 1 };
    const [parent] = await runs(1);
    const [child] = await runs(1, { parent: parent?.id ?? null });
    const last = await ground.submit('true', { parent: child?.id ?? null });
    expect(last.spec.ancestors).toEqual([child?.id, parent?.id]);
    expect(await ground.settled(last.id)).toMatchObject([{ state: 'completed' }]);
  });
});

describe('memory below its floor', () => {
  test('lets nothing start, and says so, until there is more', async () => {
    ground.settings.memoryFloor = () => Infinity;
    await ground.node.doctor();
    const { id } = await ground.submit('true');
    const [seen] = await ground.node.describe([await ground.node.find(id)]);
    expect(seen?.wait?.block.reason).toBe('memory');
    ground.settings.memoryFloor = () => 0;
    expect(await ground.settled(id)).toMatchObject([{ state: 'completed' }]);
  });
});

describe('a pause', () => {
  test('outlives the daemon; what runs goes on', async () => {
    const [running] = await runs(1);
    await ground.node.pause({ group: null, agent: null });
    const { id } = await ground.submit('true');
    await ground.reopen();
    expect(ground.node.pauses.all).toBe(true);
    expect((await ground.node.find(running?.id ?? '')).state).toBe('running');
    expect((await ground.node.doctor()).find(({ taskId }) => taskId === id)?.message).toBe(
      `${id} waits: the queue is paused until it is unpaused`,
    );
    await ground.node.unpause({ group: null, agent: null });
    expect(await ground.settled(id)).toMatchObject([{ state: 'completed' }]);
  });

  test('of a group concerns no other', async () => {
    await ground.node.pause({ group: 'g', agent: null });
    const paused = await ground.submit('true', { group: 'g' });
    const other = await ground.submit('true', { group: 'h' });
    expect(await ground.settled(other.id)).toMatchObject([{ state: 'completed' }]);
    expect(await waitOf(paused.id)).toBe('paused group g 0');
    await ground.node.unpause({ group: 'g', agent: null });
    expect(await ground.settled(paused.id)).toMatchObject([{ state: 'completed' }]);
  });
});

test('owners take turns, however long the backlog of one of them is', async () => {
  ground.settings.limits = { ...ground.settings.limits, slots: 2 };
  await ground.node.pause({ group: null, agent: null });
  const many = await Promise.all(
    Array.from({ length: 40 }, () => ground.submit('true', { owner: 'many' })),
  );
  const few = await Promise.all([1, 2, 3].map(() => ground.submit('true', { owner: 'few' })));
  await ground.node.unpause({ group: null, agent: null });
  const ended = await ground.settled(...many.map(({ id }) => id), ...few.map(({ id }) => id));
  const order = ended.toSorted((a, b) => (a.attempt?.claimedAt ?? 0) - (b.attempt?.claimedAt ?? 0));
  const last = order.findLastIndex(({ spec }) => spec.owner === 'few');
  expect(last).toBeLessThan(12);
});
