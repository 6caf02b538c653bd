import { FAMILY_SCENARIOS } from './family-scenarios.ts';
import type { Unkilled } from './invariants.ts';
import type { Matrix } from './matrix.ts';
import type { Plan } from './points.ts';
import { Host } from './pool.ts';
import type { Receiver } from './receiver.ts';
import { complaints, run } from './run.ts';
import { type Scenario, SCENARIOS } from './scenarios.ts';
import type { World } from './world.ts';

const SECTIONS = {
  port: 'Port calls of the daemon',
  sql: 'SQL statements of the daemon',
  git: 'git processes of the daemon',
};

/** Runs at a time: they wait more than they work. */
export const LANES = 6;

/** What is played at each point, other than the scenarios without agents. */
export interface Cast {
  scenarios: readonly Scenario[];
  unkilled: Unkilled;
  world?: World;
  /** Added to the section of the matrix. */
  note: string;
}

export const COMMANDS: Cast = {
  scenarios: [...SCENARIOS, ...FAMILY_SCENARIOS],
  unkilled: new Map(),
  note: '',
};

/** The points at which to kill; of those, each nth. */
export type Where = Omit<Plan, 'at'> & { each?: number };

/** Kills the daemon at every point of a level, until a life ends without reaching its point. Answers what broke. */
export async function sweep(
  { each = 1, ...where }: Where,
  receiver: Receiver,
  matrix: Matrix,
  { note, ...cast }: Cast = COMMANDS,
): Promise<string[]> {
  const { level, when } = where;
  const broken: string[] = [];
  let next = 0;
  let over = false;
  const lane = async (): Promise<void> => {
    let host = new Host();
    while (!over) {
      if (!host.isAlive) host = new Host();
      const plan: Plan = { ...where, at: each * next++ + 1 };
      const orders = () => ({ plan });
      const result = await run({ ...cast, receiver, host, orders });
      if (result.kills === 0) over = true;
      const label = result.died[0] ?? 'nowhere';
      if (result.violations.length > 0)
        broken.push(...complaints(`killed ${when} ${label} (${level} ${plan.at})`, result));
      else if (result.kills > 0) matrix.survived(SECTIONS[level] + note, label, when);
    }
    await host.close();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return broken;
}
