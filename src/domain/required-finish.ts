import type { AgentEvidence } from './evidence.ts';
import type { Task } from './task.ts';

const MESSAGE = 'it ended well, but did not tell its result with `finish`, which the task requires';

/** What an agent came to where its task requires that it tells its result through `finish`: without that, it gave no answer. */
export function withRequiredFinish(
  agent: AgentEvidence | null,
  { spec, attempt }: Pick<Task, 'spec' | 'attempt'>,
): AgentEvidence | null {
  const { work } = spec;
  const isMissing =
    work.kind === 'agent' && work.requireFinish === true && attempt?.worker?.finish === undefined;
  return isMissing && agent?.outcome?.kind === 'ok'
    ? { ...agent, outcome: { kind: 'no_final_answer', message: MESSAGE } }
    : agent;
}
