import { afterEach, beforeEach, expect } from 'vitest';
import type { Task } from '../../src/domain/task.ts';
import type { NewSchedule, ScheduleStatus } from '../../src/engine/facade.ts';
import { until } from '../cli/home.ts';
import { type Ground, openGround, SPEC } from './ground.ts';

export const HOUR = 3_600_000;

/** An engine for each test of schedules; it has to end without schedules, tasks and faults. */
export let ground: Ground;

export function withGround(): void {
  beforeEach(async () => {
    ground = await openGround();
  });
  afterEach(async () => {
    for (const { schedule } of await ground.node.schedules.list())
      await ground.node.schedules.remove(schedule.id);
    await ground.close();
    expect(ground.faults).toEqual([]);
  });
}

export const now = (): number => ground.ports.clock.now();

export function add(command: string, given: Partial<NewSchedule> = {}): Promise<ScheduleStatus> {
  const work = { kind: 'command', command, shell: '/bin/sh' } as const;
  return ground.node.schedules.add({
    name: null,
    when: { kind: 'every', every: HOUR },
    catchUp: 'once',
    overlap: 'skip',
    // Processes keep the real time: to a clock that was moved ahead they seem to have run since then.
    request: { spec: { ...SPEC, work, timeout: 999 * HOUR } },
    environment: { PATH: '/usr/bin:/bin', MARK: 'as it was' },
    ...given,
  });
}

/** Time passes, and the engine sees it. */
export async function later(ms: number): Promise<void> {
  ground.jump(ms);
  await ground.node.configure('', '');
}

export const tasks = async (): Promise<Task[]> => (await ground.node.list({ limit: 999 })).tasks;
export const status = (id: string): Promise<ScheduleStatus> => ground.node.schedules.find(id);

/** The schedule once `is` holds; a pass that was under way when the clock jumped did not see it. */
export const once = (
  id: string,
  is: (status: ScheduleStatus) => boolean,
): Promise<ScheduleStatus> =>
  until(`${id} is ${String(is)}`, async () => {
    await ground.node.configure('', '');
    const one = await status(id);
    return is(one) ? one : null;
  });
export const firedAt = (id: string, at: number) =>
  once(id, ({ schedule }) => schedule.lastAt === at);
