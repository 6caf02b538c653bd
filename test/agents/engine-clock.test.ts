import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answers, openStage, type Stage } from './ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
});

test('a clock that was set back while the agent wrote loses no event and keeps their order', async () => {
  stage.plays('claude', ...answers('Done.'));
  const { task } = await stage.asked('Fix it.');
  const told = await stage.events(task.id);
  expect(told.length).toBeGreaterThan(2);
  const last = told.at(-1)?.offset ?? 0;
  const folder = dirname(stage.ground.ports.output.agentFolder({ taskId: task.id, number: 1 }));
  writeFileSync(join(folder, 'timing'), `9000 1 0\n5000 ${last} 0\n1000 ${last + 9_999} 0\n`);
  const again = await stage.events(task.id);
  expect(again.map(({ id }) => id)).toEqual(told.map(({ id }) => id));
  expect(new Set(again.map(({ at }) => at))).toEqual(new Set([9_000, 5_000, 1_000]));
});
