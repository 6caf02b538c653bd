import { BUILT_IN } from '../adapters/agents/built-in.ts';
import type { AgentSettings } from '../adapters/agents/catalog.ts';

/** An agent that nobody has checked may not bear a second one beside it. */
const OF_THE_UNKNOWN = 1;

/** Most tasks of each agent that run at once: what was set, else one for those whose adapter was never checked. */
export function agentLimits({
  overrides,
  custom,
}: AgentSettings): Readonly<Record<string, number>> {
  const unknown = [...BUILT_IN.filter(({ verified }) => !verified), ...custom];
  return {
    ...Object.fromEntries(unknown.map(({ name }) => [name, OF_THE_UNKNOWN])),
    ...Object.fromEntries(
      Object.entries(overrides).flatMap(([name, { maxConcurrent }]) =>
        maxConcurrent === undefined ? [] : [[name, maxConcurrent]],
      ),
    ),
  };
}
