import { expect, test } from 'vitest';
import { openReceiver } from './receiver.ts';
import { run } from './run.ts';
import { SCENARIOS } from './scenarios.ts';

test('one undisturbed life', async () => {
  const receiver = await openReceiver();
  const t = performance.now();
  const result = await run({ scenarios: SCENARIOS, receiver });
  console.log(result, performance.now() - t);
  await receiver.close();
  expect(result.violations).toEqual([]);
});
