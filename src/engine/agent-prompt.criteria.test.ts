import { expect, test } from 'vitest';
import type { AgentWork } from '../domain/agent-work.ts';
import { ENVELOPES } from '../domain/envelope.ts';
import { promptOf } from './agent-prompt.ts';

const work: AgentWork = {
  kind: 'agent',
  agent: 'claude',
  brief: 'Fix it.',
  prompt: 'Fix it.',
  model: null,
  tier: 'lite',
  envelope: ENVELOPES.lite,
  permissions: 'workspace',
  isolated: false,
  account: 'claude/default/default',
  onQuota: 'wait',
  resume: null,
};

test('a worker that is to say what is worth telling is told the criteria', () => {
  const criteria = ['an interface changed'];
  const prompt = (given: Parameters<typeof promptOf>[3]) => promptOf(work, null, [], given);
  const told = prompt({ tools: true, notify: 'if_significant', criteria });
  expect(told).toContain('\n1. an interface changed\n');
  expect(prompt({ tools: true, notify: 'always', criteria })).not.toContain('interface');
  // Without the tools it cannot say it.
  expect(prompt({ notify: 'if_significant', criteria })).toBe('Fix it.');
});
