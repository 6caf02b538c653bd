import type { State, Terminal } from './lifecycle.ts';

/** Which end of the other task lets this one start. */
export const DEPENDENCY_CONDITIONS = ['success', 'failure', 'always'] as const;
export type DependencyCondition = (typeof DEPENDENCY_CONDITIONS)[number];

export interface Dependency {
  task: string;
  when: DependencyCondition;
}

/** What the dependencies of a waiting task come to. */
export type Readiness =
  | { kind: 'ready' }
  | { kind: 'pending' }
  | { kind: 'never'; reason: 'dependency_failed' | 'condition_not_met' };

type Met = 'yes' | 'no' | 'open';

function met(when: DependencyCondition, state: State | undefined): Met {
  switch (state) {
    case 'completed':
      return when === 'failure' ? 'no' : 'yes';
    case 'failed':
      return when === 'success' ? 'no' : 'yes';
    case 'cancelled':
    case 'skipped':
      return when === 'always' ? 'yes' : 'no';
    case undefined:
      return when === 'always' ? 'yes' : 'no';
    default:
      return 'open';
  }
}

/** Which conditions the end of a task in `state` does not meet. */
export const unmetBy = (state: Terminal): DependencyCondition[] =>
  DEPENDENCY_CONDITIONS.filter((when) => met(when, state) === 'no');

/** Those whose results are told are waited for, too: for their success, unless something else is said. */
export const withSources = (
  after: readonly Dependency[],
  sources: readonly string[],
): readonly Dependency[] => [
  ...after,
  ...sources
    .filter((source) => !after.some(({ task }) => task === source))
    .map((task) => ({ task, when: 'success' as const })),
];

/** `states` holds the state of each task depended on; one that is missing was removed and cannot be met. */
export function readiness(
  after: readonly Dependency[],
  states: ReadonlyMap<string, State>,
): Readiness {
  let pending = false;
  for (const { task, when } of after) {
    const answer = met(when, states.get(task));
    if (answer === 'no')
      return {
        kind: 'never',
        reason: when === 'failure' ? 'condition_not_met' : 'dependency_failed',
      };
    if (answer === 'open') pending = true;
  }
  return pending ? { kind: 'pending' } : { kind: 'ready' };
}
