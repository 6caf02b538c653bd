import type { Matrix } from './matrix.ts';
import type { Plan } from './points.ts';
import type { Receiver } from './receiver.ts';
import { type Result, run } from './run.ts';
import { SCENARIOS } from './scenarios.ts';

/** Runs at a time: they wait more than they work. */
export const LANES = 6;

/** Kills the daemon at every point of a level, until a life ends without reaching its point. Answers what broke. */
export async function sweep(
  level: Plan['level'],
  when: Plan['when'],
  receiver: Receiver,
  matrix: Matrix,
): Promise<string[]> {
  const broken: string[] = [];
  let next = 0;
  let over = false;
  const lane = async (): Promise<void> => {
    while (!over) {
      const plan: Plan = { level, when, at: ++next };
      const result = await run({ scenarios: SCENARIOS, receiver, orders: () => ({ plan }) });
      if (result.first === 'ended') over = true;
      const label = result.died[0] ?? 'nowhere';
      if (result.violations.length > 0)
        broken.push(...complaints(`${when} ${label} (${level} ${plan.at})`, result));
      else if (result.first === 'killed') matrix.survived(level, label, when);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return broken;
}

export const complaints = (where: string, { violations }: Result): string[] =>
  violations.map(({ kind, detail }) => `killed ${where}: ${kind}: ${detail}`);
