import { customAgent } from '../../src/adapters/agents/custom.ts';
import type { CustomAgentDefinition } from '../../src/adapters/agents/custom/definition.ts';
import { ENVELOPES } from '../../src/domain/envelope.ts';
import type { LaunchRequest } from '../../src/ports/agent.ts';

export const DEFINITION: CustomAgentDefinition = {
  name: 'mine',
  command: ['my-agent', 'run'],
  promptMode: 'argument',
  promptFlag: null,
  modelFlag: null,
  dirFlag: null,
  sessionFlag: null,
  resumeFlag: null,
  versionArguments: ['--version'],
  output: 'text',
  env: {},
  accountVariables: ['HOME'],
  permissions: { workspace: [] },
  refusals: [],
  answer: null,
  capabilities: {},
};
/** An agent of the person's own, but for what is changed. */
export const define = (change: Partial<CustomAgentDefinition> = {}) =>
  customAgent({ ...DEFINITION, ...change });

export const REQUEST: LaunchRequest = {
  program: '/opt/my-agent',
  prompt: 'do it',
  cwd: '/work/project',
  model: null,
  envelope: ENVELOPES.standard,
  permissions: 'workspace',
  sessionId: null,
  resume: false,
  isolated: false,
  root: false,
  folder: '/state/attempt',
  environment: {},
};
