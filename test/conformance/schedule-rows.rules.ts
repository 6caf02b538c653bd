import { expect, test } from 'vitest';
import type { Schedule } from '../../src/domain/schedule.ts';
import type { Store } from '../../src/ports/store.ts';
import { NOON, submit } from './sample.ts';

export const schedule = (id: string, changes: Partial<Schedule> = {}): Schedule => ({
  id,
  name: null,
  when: { kind: 'cron', cron: '0 9 * * 1-5', timeZone: 'Europe/Berlin' },
  catchUp: 'once',
  overlap: 'skip',
  request: { runAt: null, spec: { title: 'make test', labels: { a: 'ü' } } },
  environment: 'e-1',
  createdAt: NOON,
  paused: false,
  nextAt: NOON + 100,
  lastAt: null,
  lastTask: null,
  lastError: null,
  lastSkip: null,
  ...changes,
});

const ids = (schedules: readonly Schedule[]): string[] => schedules.map(({ id }) => id);

export function scheduleRowRules(store: () => Store): void {
  const put = async (...schedules: Schedule[]): Promise<void> => {
    for (const one of schedules) await store().putSchedule(one);
  };

  test('a schedule is kept as it is, until it is dropped', async () => {
    expect([await store().schedules(), await store().schedule('s-1')]).toEqual([[], null]);
    const one = schedule('s-1', { lastError: { at: NOON, message: 'no agent' } });
    await put(one);
    expect(await store().schedule('s-1')).toEqual(one);
    expect(await store().schedules()).toEqual([one]);
    expect(await store().dropSchedule('s-1')).toBe(true);
    expect(await store().dropSchedule('s-1')).toBe(false);
    expect([await store().schedules(), await store().schedule('s-1')]).toEqual([[], null]);
  });

  test('a later one takes the place of the earlier one', async () => {
    await put(
      schedule('s-1'),
      schedule('s-1', { lastTask: 't-1', nextAt: null, environment: 'e-2' }),
    );
    expect(await store().schedules()).toHaveLength(1);
    expect(await store().schedule('s-1')).toMatchObject({ lastTask: 't-1', nextAt: null });
    expect(await store().nextFiring()).toBeNull();
    expect(await store().environments()).toEqual(new Set(['e-2']));
  });

  test('they are told of by age', async () => {
    await put(schedule('s-c'), schedule('s-a', { createdAt: NOON + 1 }), schedule('s-b'));
    expect(ids(await store().schedules())).toEqual(['s-b', 's-c', 's-a']);
  });

  test('due are those whose firing has come, the earliest first', async () => {
    expect(await store().nextFiring()).toBeNull();
    await put(
      schedule('s-later', { nextAt: NOON + 300 }),
      schedule('s-b', { nextAt: NOON + 200 }),
      schedule('s-a', { nextAt: NOON + 200 }),
      schedule('s-paused', { nextAt: null, paused: true }),
      schedule('s-first', { nextAt: NOON + 100 }),
    );
    expect(await store().nextFiring()).toBe(NOON + 100);
    expect(ids(await store().dueSchedules(NOON + 99))).toEqual([]);
    expect(ids(await store().dueSchedules(NOON + 100))).toEqual(['s-first']);
    expect(ids(await store().dueSchedules(NOON + 200))).toEqual(['s-first', 's-a', 's-b']);
    await store().dropSchedule('s-first');
    expect(await store().nextFiring()).toBe(NOON + 200);
  });

  test('their environments are in use', async () => {
    await submit(store(), 't-1', { spec: { environment: 'e-1' } });
    await put(schedule('s-1'), schedule('s-2', { environment: 'e-2', nextAt: null }));
    expect(await store().environments()).toEqual(new Set(['e-1', 'e-2']));
    await store().dropSchedule('s-2');
    expect(await store().environments()).toEqual(new Set(['e-1']));
  });
}
