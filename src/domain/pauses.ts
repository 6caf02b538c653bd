/** What a person has paused: nothing of it starts until it is unpaused. */
export interface Pauses {
  all: boolean;
  groups: readonly string[];
  agents: readonly string[];
}

export const NOT_PAUSED: Pauses = { all: false, groups: [], agents: [] };

/** What `pause` names; both null = everything. */
export interface PauseTarget {
  group: string | null;
  agent: string | null;
}

export function paused(pauses: Pauses, { group, agent }: PauseTarget): Pauses {
  return {
    all: pauses.all || (group === null && agent === null),
    groups: withName(pauses.groups, group),
    agents: withName(pauses.agents, agent),
  };
}

export function unpaused(pauses: Pauses, { group, agent }: PauseTarget): Pauses {
  if (group === null && agent === null) return NOT_PAUSED;
  return {
    all: pauses.all,
    groups: pauses.groups.filter((name) => name !== group),
    agents: pauses.agents.filter((name) => name !== agent),
  };
}

const withName = (names: readonly string[], name: string | null): readonly string[] =>
  name === null || names.includes(name) ? names : [...names, name].toSorted();
