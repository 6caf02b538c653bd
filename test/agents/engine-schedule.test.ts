import { afterEach, beforeEach, expect, test } from 'vitest';
import { SPEC } from '../engine/ground.ts';
import { answers, openStage, type Stage } from './ground.ts';

const HOUR = 3_600_000;
/** Shorter than any limit of an agent: processes keep the real time. */
const INTERVAL = 10_000;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  for (const { schedule } of await stage.ground.node.schedules.list())
    await stage.ground.node.schedules.remove(schedule.id);
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

const ask = {
  kind: 'ask',
  agent: 'claude',
  prompt: 'Update the dependencies',
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

test('an agent is looked for at each firing, in the environment of the schedule', async () => {
  stage.plays('claude', ...answers('Done.'));
  const { schedules } = stage.ground.node;
  const { schedule } = await schedules.add({
    name: null,
    when: { kind: 'every', every: INTERVAL },
    catchUp: 'once',
    overlap: 'allow',
    request: {
      spec: { ...SPEC, cwd: stage.cwd, idleTimeout: HOUR, firstOutputTimeout: HOUR, work: ask },
    },
    environment: { ...stage.environment, MARK: 'kept' },
  });
  stage.settings.overrides['claude'] = { model: 'opus' };
  await stage.later(INTERVAL);
  const last = await stage.wait('it has fired', async () => {
    await stage.ground.node.configure('', '');
    return (await schedules.find(schedule.id)).last;
  });
  const { end, answer, task } = await stage.ended(last.id);
  expect([end, answer]).toEqual(['completed', 'Done.']);
  expect(task.spec).toMatchObject({
    schedule: schedule.id,
    work: { kind: 'agent', agent: 'claude', model: 'opus', brief: 'Update the dependencies' },
  });
  expect(stage.calls()[0]?.env['MARK']).toBe('kept');
});
