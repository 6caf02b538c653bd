import type { Installed } from './install.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** One scenario for one agent. */
export interface Cell {
  agent: string;
  scenario: string;
  program: string;
}

interface Choice {
  full: boolean;
  /** Empty = all. */
  scenarios: readonly string[];
}

const isChosen = (agent: string, { name, full, only }: Scenario, choice: Choice): boolean => {
  if (only?.includes(agent) === false) return false;
  if (choice.scenarios.length > 0) return choice.scenarios.includes(name);
  return choice.full || full === undefined || (full !== true && !full.includes(agent));
};

/** What is to be played: the agents in turn, so that slow ones do not stand in a row. */
export function cellsOf(installed: readonly Installed[], choice: Choice): Cell[] {
  return SCENARIOS.flatMap((scenario) =>
    installed.flatMap(({ pin: { name: agent }, program }) =>
      program !== undefined && isChosen(agent, scenario, choice)
        ? [{ agent, scenario: scenario.name, program }]
        : [],
    ),
  );
}
