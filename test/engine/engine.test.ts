import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ground, openGround } from './ground.ts';

let ground: Ground;
beforeEach(async () => {
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
  expect(ground.faults).toEqual([]);
});

const HOUR = 3_600_000;
const after = (task: string, when: 'success' | 'failure' | 'always' = 'success') => ({
  after: [{ task, when }],
});
const end = (task: { state: string }): string => {
  const reason = 'reason' in task ? ` ${String(task.reason)}` : '';
  return task.state + reason;
};

describe('a command', () => {
  test.each([
    ['exit 0', 'completed'],
    ['exit 3', 'failed exit_code'],
    ['kill -KILL $$', 'failed signal'],
    ['kill -TERM $$', 'failed signal'],
    ['exit 137', 'failed exit_code'],
  ])('%s: %s', async (command, expected) => {
    const { id } = await ground.submit(command);
    const [task] = await ground.settled(id);
    expect(end(task ?? { state: 'gone' })).toBe(expected);
  });

  test('that cannot be started fails with what is missing', async () => {
    const { id } = await ground.submit('true', { cwd: '/no/such/folder' });
    const [task] = await ground.settled(id);
    expect(task).toMatchObject({ state: 'failed', reason: 'spawn_failed' });
    expect(task?.attempt?.outcome).toMatchObject({
      detail: expect.stringContaining('/no/such/folder'),
    });
  });

  test('ignoring TERM is killed after its grace', async () => {
    const { id } = await ground.submit('trap "" TERM; while :; do sleep 0.05; done', {
      timeout: 200,
      grace: 100,
    });
    const [task] = await ground.settled(id);
    expect(task).toMatchObject({ state: 'failed', reason: 'timed_out' });
    expect(task?.attempt).toMatchObject({ exit: { signal: expect.stringContaining('KILL') } });
  });
});

describe('dependencies', () => {
  test('release or skip what waits, transitively', async () => {
    const first = await ground.submit('exit 1');
    const next = await ground.submit('true', after(first.id));
    const last = await ground.submit('true', after(next.id));
    const rescue = await ground.submit('true', after(first.id, 'failure'));
    const always = await ground.submit('true', after(next.id, 'always'));
    const ids = [next, last, rescue, always].map((task) => task.id);
    expect((await ground.settled(...ids)).map(end)).toEqual([
      'skipped dependency_failed',
      'skipped dependency_failed',
      'completed',
      'completed',
    ]);
  });

  test('that have ended already decide at once', async () => {
    const first = await ground.submit('true');
    await ground.settled(first.id);
    const next = await ground.submit('true', after(first.id));
    const never = await ground.submit('true', after(first.id, 'failure'));
    expect((await ground.settled(next.id, never.id)).map(end)).toEqual([
      'completed',
      'skipped condition_not_met',
    ]);
  });

  test('that do not exist are refused', async () => {
    await expect(ground.submit('true', after('t-none'))).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('a stop', () => {
  test('cancels what has not started, in whatever state', async () => {
    ground.settings.limits.slots = 1;
    const running = await ground.submit('sleep 60');
    await ground.reaches(running.id, 'running');
    const queued = await ground.submit('true');
    const waiting = await ground.submit('true', after(running.id));
    const later = await ground.submit('true', {}, undefined, Date.now() + HOUR);
    for (const { id } of [queued, waiting, later])
      expect(await ground.stop(id)).toMatchObject({
        state: 'cancelled',
        reason: 'user',
        attempt: null,
      });
    expect(await ground.stop(running.id)).toMatchObject({ state: 'stopping' });
    const [task] = await ground.settled(running.id);
    expect(task).toMatchObject({ state: 'cancelled', attempt: { outcome: { kind: 'stopped' } } });
  });

  test('becomes a kill when it is asked for again without grace', async () => {
    const { id } = await ground.submit('trap "" TERM; echo up; while :; do sleep 0.05; done', {
      grace: HOUR,
    });
    for await (const slice of ground.node.follow(id, EVERYTHING, AbortSignal.timeout(10_000)))
      if (slice.size > 0) break;
    expect(await ground.stop(id)).toMatchObject({ state: 'stopping' });
    await ground.stop(id, { grace: 0 });
    expect((await ground.settled(id)).map(end)).toEqual(['cancelled user']);
  });

  test('of a task that has ended changes nothing of it', async () => {
    const { id } = await ground.submit('true');
    const [ended] = await ground.settled(id);
    expect(await ground.stop(id)).toEqual(ended);
  });

  test('reaches the children of a tree', async () => {
    const parent = await ground.submit('sleep 60');
    const child = await ground.submit('sleep 60', { parent: parent.id });
    await ground.reaches(child.id, 'running');
    await ground.stop(parent.id, { tree: true });
    expect((await ground.settled(parent.id, child.id)).map(end)).toEqual([
      'cancelled user',
      'cancelled parent',
    ]);
  });
});

const EVERYTHING = { stream: null, attempt: null, offset: 0, limit: 65_536, tail: null };

describe('clocks', () => {
  test('a queue timeout ends a task that found no slot', async () => {
    ground.settings.limits.slots = 1;
    const blocker = await ground.submit('sleep 60');
    const { id } = await ground.submit('true', { queueTimeout: 50 });
    expect((await ground.settled(id)).map(end)).toEqual(['failed queue_timeout']);
    await ground.stop(blocker.id);
  });

  test('silence ends a task, output keeps it', async () => {
    const silent = await ground.submit('sleep 60', { idleTimeout: 300 });
    expect((await ground.settled(silent.id)).map(end)).toEqual(['failed idle']);
  });

  test('a suspension gives running tasks their time back, awake or silent', async () => {
    const { id } = await ground.submit('sleep 60', { timeout: HOUR, idleTimeout: HOUR / 2 });
    const before = await ground.reaches(id, 'running');
    ground.jump(10 * HOUR);
    ground.settings.limits.slots = 2;
    const other = await ground.submit('true');
    await ground.settled(other.id);
    const [now] = await ground.node.describe([await ground.node.find(id)]);
    expect(now?.task.state).toBe('running');
    const moved = (now?.task.attempt?.deadlineAt ?? 0) - (before.attempt?.deadlineAt ?? 0);
    expect(Math.abs(moved - 10 * HOUR)).toBeLessThan(5_000);
    await ground.stop(id);
  });

  test('output beyond the limit stops a task', async () => {
    ground.settings.limit = 100_000;
    const { id } = await ground.submit('yes flood', { grace: 50 });
    expect((await ground.settled(id)).map(end)).toEqual(['failed output_limit']);
  });

  test('a task may be given a start time', async () => {
    const soon = await ground.submit('true', {}, undefined, Date.now() + 300);
    expect(soon.state).toBe('waiting');
    const [task] = await ground.settled(soon.id);
    expect((task?.attempt?.startedAt ?? 0) - soon.createdAt).toBeGreaterThanOrEqual(250);
  });
});

describe('slots', () => {
  test('are never exceeded, and the more urgent task goes first', async () => {
    ground.settings.limits.slots = 1;
    const first = await ground.submit('sleep 1');
    await ground.reaches(first.id, 'running');
    const low = await ground.submit('true', { priority: -1 });
    const high = await ground.submit('true', { priority: 5 });
    const tasks = await ground.settled(first.id, high.id, low.id);
    const [a, b, c] = tasks.map((task) => task.attempt?.claimedAt ?? 0);
    expect([a, b, c]).toEqual([a, b, c].toSorted((x = 0, y = 0) => x - y));
  });

  test('stay empty while the disk is low, and doctor says so', async () => {
    ground.settings.floor = Infinity;
    await ground.node.doctor();
    const { id } = await ground.submit('true');
    const [seen] = await ground.node.describe([await ground.node.find(id)]);
    expect(seen?.wait?.block.reason).toBe('disk');
    const findings = await ground.node.doctor();
    expect(findings.filter((one) => one.level === 'problem').map((one) => one.check)).toEqual([
      'disk',
      'task',
    ]);
    ground.settings.floor = 0;
    await ground.node.doctor();
    await ground.node.configure('limits.slots', '4');
    await ground.settled(id);
  });
});

describe('attempts', () => {
  test('follow a failure, as many as asked for', async () => {
    const retry = { attempts: 2, backoff: [1] };
    const { id } = await ground.submit('exit 5', { retry });
    const [task] = await ground.settled(id);
    expect(task?.attempt?.number).toBe(3);
    const [described] = await ground.node.describe([task ?? never()]);
    expect(described?.attempts.map((one) => one.number)).toEqual([1, 2, 3]);
  });

  test('end early when two fail with the same last words', async () => {
    const { id } = await ground.submit('echo same; exit 5', {
      retry: { attempts: 9, backoff: [1] },
    });
    const [task] = await ground.settled(id);
    expect(task?.attempt?.number).toBe(2);
  });
});

function never(): never {
  throw new Error('no task');
}

describe('completions', () => {
  test('wait in the inbox until they are acknowledged, and protect their task until then', async () => {
    const { id } = await ground.submit('printf hello');
    const owner = 'cli:1000';
    const signal = AbortSignal.timeout(10_000);
    const [told] = await ground.node.inbox({ owner, limit: 9, wait: 10_000 }, signal);
    expect(told?.delivery).toMatchObject({ taskId: id, kind: 'completion', preview: 'hello' });
    await expect(ground.node.remove(id)).rejects.toMatchObject({ code: 'protected' });
    expect(await ground.node.gc({ olderThan: 0, dryRun: false })).toMatchObject({
      removed: [],
      kept: 1,
    });
    expect(await ground.node.ack(owner, [told?.delivery.id ?? ''])).toHaveLength(1);
    ground.jump(1_000);
    expect(await ground.node.gc({ olderThan: 0, dryRun: true })).toMatchObject({ removed: [id] });
    expect(await ground.node.gc({ olderThan: 0, dryRun: false })).toMatchObject({ removed: [id] });
    await expect(ground.node.find(id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('of another owner do not end a wait', async () => {
    const owner = 'agent:7';
    const waiting = ground.node.inbox(
      { owner, limit: 9, wait: 10_000 },
      AbortSignal.timeout(10_000),
    );
    const other = await ground.submit('true');
    await ground.settled(other.id);
    const mine = await ground.submit('true', { owner });
    expect((await waiting).map(({ delivery }) => delivery.taskId)).toEqual([mine.id]);
  });
});

test('a task of a task knows its depth, and the depth is limited', async () => {
  let parent: string | null = null;
  for (let depth = 0; depth <= 3; depth++) {
    const { id, spec }: { id: string; spec: { depth: number } } = await ground.submit('true', {
      parent,
    });
    expect(spec.depth).toBe(depth);
    parent = id;
  }
  await expect(ground.submit('true', { parent })).rejects.toMatchObject({ code: 'limit_reached' });
});
