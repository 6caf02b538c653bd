import { describe, expect, test } from 'vitest';
import { TendError } from '../../src/domain/errors.ts';
import { until } from '../cli/home.ts';
import { SPEC } from './ground.ts';
import {
  add,
  firedAt,
  ground,
  HOUR,
  later,
  once,
  status,
  tasks,
  withGround,
} from './schedules-ground.ts';

withGround();

describe('what cannot be submitted', () => {
  const ask = {
    kind: 'ask',
    agent: 'nobody',
    prompt: 'x',
    model: null,
    tier: null,
    wish: {},
    permissions: null,
    isolated: null,
    onQuota: null,
    context: [],
    skills: [],
    template: null,
    resume: null,
  } as const;

  test('is refused when it is added', async () => {
    const request = { spec: { ...SPEC, work: ask } };
    await expect(add('', { request })).rejects.toMatchObject({ code: 'unknown_agent' });
    expect(await ground.node.schedules.list()).toEqual([]);
  });

  test('is told when it fires, and the next time comes', async () => {
    const { schedule } = await add('true');
    const request = { spec: { ...SPEC, work: ask } };
    await ground.ports.store.putSchedule({ ...schedule, request });
    await later(HOUR);
    const { schedule: after, next } = await once(
      schedule.id,
      (one) => one.schedule.lastError !== null,
    );
    expect(after).toMatchObject({ lastError: { at: schedule.createdAt + HOUR }, lastTask: null });
    expect(next[0]).toBe(schedule.createdAt + 2 * HOUR);
    const findings = (await ground.node.doctor()).filter(({ check }) => check === 'schedule');
    expect(findings.map(({ level }) => level)).toEqual(['ok', 'problem']);
    expect(findings[1]?.message).toContain('there is no agent "nobody"');
    expect(ground.faults.splice(0)).toMatchObject([{ code: 'unknown_agent' }]);
  });

  test('for a while is tried again; nothing is lost, and others are not held up', async () => {
    const { schedule } = await add('true');
    const { store } = ground.ports;
    const submit = store.submit.bind(store);
    store.submit = (task) =>
      task.spec.schedule === schedule.id
        ? Promise.reject(new TendError('disk_full', 'the disk is full', 'Make room.'))
        : submit(task);
    await later(HOUR);
    await until('it was tried', () => ground.faults.length > 0);
    expect(await status(schedule.id)).toMatchObject({ schedule: { lastError: null } });
    const at = ground.ports.clock.now();
    const other = await add('true', { when: { kind: 'at', at } });
    await firedAt(other.schedule.id, at);
    expect(ground.faults.splice(0)).toMatchObject([{ code: 'disk_full' }]);
    store.submit = submit;
    await later(10_000);
    await firedAt(schedule.id, schedule.createdAt + HOUR);
  });

  test.each([
    ['a time long past', { kind: 'at', at: 1 }, /is in the past/],
    ['an interval too short', { kind: 'every', every: 9_999 }, /not between 10s and 366d/],
    ['one too long', { kind: 'every', every: 1e15 }, /not between/],
    ['no day', { kind: 'cron', cron: '0 0 30 2 *', timeZone: 'UTC' }, /never fires/],
    ['no expression', { kind: 'cron', cron: '0 25 * * *', timeZone: 'UTC' }, /wrong hour/],
    ['no zone', { kind: 'cron', cron: '0 9 * * *', timeZone: 'Mars' }, /no time zone "Mars"/],
  ] as const)('%s is no schedule', async (_, when, message) => {
    await expect(add('true', { when })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(message),
    });
  });
});

describe('a schedule', () => {
  test('is found by the beginning of its id and by its name', async () => {
    const { schedule } = await add('true', { name: 'nightly' });
    const other = await add('true');
    const named = async (given: string): Promise<string> => (await status(given)).schedule.id;
    expect(await named('nightly')).toBe(schedule.id);
    expect(await named(schedule.id.slice(0, 9))).toBe(schedule.id);
    expect((await ground.node.schedules.list()).map((one) => one.schedule.id)).toContain(
      other.schedule.id,
    );
    await expect(named('s-')).rejects.toMatchObject({ code: 'ambiguous_id' });
    await expect(named('nightli')).rejects.toMatchObject({
      code: 'not_found',
      hint: 'Did you mean nightly?',
    });
  });

  test('keeps the zone of this machine when none is named', async () => {
    const { schedule } = await add('true', {
      when: { kind: 'cron', cron: '0 9 * * *', timeZone: null },
    });
    expect(schedule.when).toMatchObject({
      timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
  });

  test('that is removed fires no more; its tasks go on', async () => {
    const { schedule } = await add('sleep 60', { catchUp: 'all' });
    await later(HOUR);
    const { last } = await firedAt(schedule.id, schedule.createdAt + HOUR);
    await ground.node.schedules.remove(schedule.id);
    expect(await ground.node.schedules.nextFiring()).toBeNull();
    await later(HOUR);
    await ground.reaches(last?.id ?? '', 'running');
    expect(await tasks()).toHaveLength(1);
    await expect(status(schedule.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('that is paused leaves out what falls into the pause', async () => {
    const { schedule } = await add('true', { catchUp: 'all' });
    expect(await ground.node.schedules.pause(schedule.id)).toMatchObject({
      next: [],
      schedule: { paused: true },
    });
    await later(2.5 * HOUR);
    const { next } = await ground.node.schedules.unpause(schedule.id);
    expect(next[0]).toBe(schedule.createdAt + 3 * HOUR);
    expect(await tasks()).toEqual([]);
    await later(HOUR);
    await firedAt(schedule.id, schedule.createdAt + 3 * HOUR);
  });
});
