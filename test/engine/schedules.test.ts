import { describe, expect, test } from 'vitest';
import type { NewSchedule } from '../../src/engine/facade.ts';
import { until } from '../cli/home.ts';
import { SPEC } from './ground.ts';
import {
  add,
  firedAt,
  ground,
  HOUR,
  later,
  now,
  once,
  status,
  tasks,
  withGround,
} from './schedules-ground.ts';

const MINUTE = 60_000;

withGround();

describe('a firing', () => {
  test('is a task like any other, that names its schedule', async () => {
    const { schedule, next } = await add('echo "$MARK"');
    expect(schedule.id).toMatch(/^s-[0-9a-z]{8}$/);
    const first = schedule.createdAt + HOUR;
    expect(next).toEqual([0, 1, 2, 3, 4].map((n) => first + n * HOUR));
    expect(await ground.node.schedules.nextFiring()).toBe(first);
    expect(await tasks()).toEqual([]);
    await later(HOUR);
    const { last } = await firedAt(schedule.id, first);
    expect(last?.spec).toMatchObject({ schedule: schedule.id, title: 'test', owner: SPEC.owner });
    const [ended] = await ground.settled(last?.id ?? '');
    expect(ended?.state).toBe('completed');
    const { data } = await ground.node.read(last?.id ?? '', {
      stream: null,
      attempt: null,
      offset: 0,
      limit: 99,
      tail: null,
    });
    expect(Buffer.from(data).toString()).toBe('as it was\n');
    expect((await status(schedule.id)).next[0]).toBe(first + HOUR);
  });

  test('that fires once leaves a schedule that is done', async () => {
    const at = now() + HOUR;
    const { schedule, next } = await add('true', { when: { kind: 'at', at } });
    expect(next).toEqual([at]);
    await later(HOUR);
    expect(await firedAt(schedule.id, at)).toMatchObject({ next: [], schedule: { nextAt: null } });
    expect(await ground.node.schedules.nextFiring()).toBeNull();
    await later(8 * 24 * HOUR);
    await ground.reopen();
    await until('it is forgotten', async () => (await ground.node.schedules.list()).length === 0);
  });

  test('that has just passed comes at once', async () => {
    const at = now() - MINUTE;
    const { schedule } = await add('true', { when: { kind: 'at', at } });
    await firedAt(schedule.id, at);
  });

  test('keeps its environment, though no task has it any more', async () => {
    const { schedule } = await add('true');
    expect([...(await ground.ports.store.environments())]).toEqual([schedule.environment]);
  });
});

describe('after a sleep', () => {
  test.each([
    ['once', 1],
    ['all', 5],
    ['skip', 0],
  ] as const)('%s makes up for %i of the missed', async (catchUp, count) => {
    const { schedule } = await add('true', { catchUp, overlap: 'allow' });
    await later(5.5 * HOUR);
    await once(schedule.id, (one) => (one.next[0] ?? 0) > now());
    expect(await tasks()).toHaveLength(count);
    const { lastSkip, lastAt } = (await status(schedule.id)).schedule;
    const fifth = schedule.createdAt + 5 * HOUR;
    if (count === 0) expect(lastSkip).toEqual({ at: fifth, why: 'missed' });
    else expect(lastAt).toBe(fifth);
  });

  test('so does the next daemon', async () => {
    const { schedule } = await add('true');
    await ground.reopen(async () => ground.jump(3.5 * HOUR));
    await firedAt(schedule.id, schedule.createdAt + 3 * HOUR);
    expect(await tasks()).toHaveLength(1);
  });
});

describe('while the task before is open', () => {
  const SLOW = 'while ! test -e done; do sleep 0.05; done';
  const slow = (overlap: NewSchedule['overlap']) => add(SLOW, { overlap });

  test('skip leaves a firing out', async () => {
    const { schedule } = await slow('skip');
    await later(HOUR);
    const { last } = await firedAt(schedule.id, schedule.createdAt + HOUR);
    await later(HOUR);
    const { schedule: after } = await once(schedule.id, (one) => one.schedule.lastSkip !== null);
    expect(after.lastSkip).toEqual({ at: schedule.createdAt + 2 * HOUR, why: 'overlap' });
    expect(after.lastTask).toBe(last?.id);
    await ground.stop(last?.id ?? '');
    await ground.settled(last?.id ?? '');
    await later(HOUR);
    await firedAt(schedule.id, schedule.createdAt + 3 * HOUR);
    expect(await tasks()).toHaveLength(2);
  });

  test('queue waits for its end, however that is', async () => {
    const { schedule } = await slow('queue');
    await later(HOUR);
    const { last: first } = await firedAt(schedule.id, schedule.createdAt + HOUR);
    await later(HOUR);
    const { last: second } = await firedAt(schedule.id, schedule.createdAt + 2 * HOUR);
    expect(second).toMatchObject({
      state: 'waiting',
      spec: { after: [{ task: first?.id, when: 'always' }] },
    });
    await ground.stop(first?.id ?? '');
    await ground.reaches(second?.id ?? '', 'running');
  });

  test('allow runs both', async () => {
    const { schedule } = await slow('allow');
    await later(HOUR);
    await firedAt(schedule.id, schedule.createdAt + HOUR);
    await later(HOUR);
    await firedAt(schedule.id, schedule.createdAt + 2 * HOUR);
    const ids = (await tasks()).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    for (const id of ids) await ground.reaches(id, 'running');
  });
});

describe('exactly once', () => {
  test('a crash between the task and its note finds the same task', async () => {
    const { schedule } = await add('true', { catchUp: 'all', overlap: 'allow' });
    await later(2.5 * HOUR);
    await firedAt(schedule.id, schedule.createdAt + 2 * HOUR);
    const second = await status(schedule.id);
    const first = (await tasks()).find(({ id }) => id !== second.last?.id);
    // What was stored before the note of the second firing.
    await ground.reopen(async () => {
      await ground.ports.store.putSchedule({
        ...schedule,
        lastAt: schedule.createdAt + HOUR,
        lastTask: first?.id ?? '',
        nextAt: schedule.createdAt + 2 * HOUR,
      });
    });
    await firedAt(schedule.id, schedule.createdAt + 2 * HOUR);
    expect((await status(schedule.id)).last?.id).toBe(second.last?.id);
    expect(await tasks()).toHaveLength(2);
  });

  test('a clock that is set back fires nothing twice', async () => {
    const { schedule } = await add('true');
    await later(HOUR);
    await firedAt(schedule.id, schedule.createdAt + HOUR);
    await later(-HOUR);
    await later(HOUR);
    expect(await tasks()).toHaveLength(1);
  });
});
