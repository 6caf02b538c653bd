import { expect, test } from 'vitest';
import type { AgentWork } from '../domain/agent-work.ts';
import { promptOf } from './agent-prompt.ts';

const WORK: AgentWork = {
  kind: 'agent',
  agent: 'claude',
  model: null,
  tier: 'standard',
  envelope: { turns: 1, costUsd: 1, minutes: 1 },
  permissions: 'workspace',
  isolated: false,
  account: 'a',
  brief: 'Fix it.',
  prompt: 'Fix it.',
  onQuota: 'wait',
  resume: null,
};
const TOOLS =
  'The MCP server `tend` gives you tools for this task. Where only a person can decide, ask with its `ask_user` (or `ask_person`) instead of guessing, and end your turn as soon as it tells you to: you go on later, with the answer. ';

test('an agent is told of its tools only when it has them', () => {
  expect(promptOf(WORK, null, [])).toBe('Fix it.');
  expect(promptOf(WORK, null, [], { tools: false })).toBe('Fix it.');
});

test('it is told what they are for', () => {
  expect(promptOf(WORK, null, [], { tools: true })).toBe(
    `Fix it.\n\n## How to work\n\n${TOOLS}When you are done, tell the result with \`finish\`, and honestly which requirements are not met.`,
  );
});

test('it is told what follows where its result is required', () => {
  const work = { ...WORK, requireFinish: true };
  expect(promptOf(work, null, [], { tools: true, work })).toBe(
    `Fix it.\n\n## How to work\n\n${TOOLS}Before you end you must tell the result with \`finish\`, and honestly which requirements are not met: without it the task counts as failed.`,
  );
});
