import { expect, test } from 'vitest';
import { EMPTY_REPORT } from './agent-report.ts';
import type { AgentOutcome } from './agent-outcome.ts';
import { withRequiredFinish } from './required-finish.ts';
import type { Task } from './task.ts';
import { finishOf } from './worker-sample.ts';

const evidence = (outcome: AgentOutcome | null) => ({ report: EMPTY_REPORT, outcome });
const task = (work: object, worker?: object): Pick<Task, 'spec' | 'attempt'> =>
  ({ spec: { work }, attempt: { worker } }) as unknown as Task;
const REQUIRED = { kind: 'agent', requireFinish: true };
const OK = evidence({ kind: 'ok' });

test('an agent that ends well without `finish` gave no answer where it is required', () => {
  const { outcome } = withRequiredFinish(OK, task(REQUIRED)) ?? {};
  expect(outcome?.kind).toBe('no_final_answer');
  expect(outcome).toHaveProperty('message', expect.stringContaining('finish'));
});

test.each([
  ['it is not required', OK, task({ kind: 'agent' })],
  ['it is a command', OK, task({ kind: 'command', requireFinish: true })],
  ['it did finish', OK, task(REQUIRED, { finish: finishOf() })],
  ['it failed anyway', evidence({ kind: 'agent_error', message: 'no' }), task(REQUIRED)],
  ['nothing is said of it', evidence(null), task(REQUIRED)],
  ['there is no evidence', null, task(REQUIRED)],
])('all stays as it is where %s', (_, agent, given) => {
  expect(withRequiredFinish(agent, given)).toBe(agent);
});
