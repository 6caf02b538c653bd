import { TendError } from '../../src/domain/errors.ts';
import type { AgentVerbs } from '../../src/engine/facade.ts';

/** No agent lives here. */
export const NO_AGENTS: AgentVerbs = {
  list: async () => [],
  hold: async () => [],
  release: async () => [],
  ack: async () => [],
  changes: async () => [],
  prompt: async () => ({ attempt: 1, prompt: '' }),
  advise: async () => ({
    candidates: [],
    leftOut: [],
    rule: null,
    classifier: null,
    chosen: null,
    now: null,
    wait: null,
  }),
  replay: async () => {
    throw new TendError('unknown_agent', 'there are no agents here', '');
  },
  async *events() {},
  async *recording() {},
};
