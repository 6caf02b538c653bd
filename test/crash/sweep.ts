import type { Matrix } from './matrix.ts';
import type { Plan } from './points.ts';
import { Host } from './pool.ts';
import type { Receiver } from './receiver.ts';
import { complaints, run } from './run.ts';
import { SCENARIOS } from './scenarios.ts';

const SECTIONS = { port: 'Port calls of the daemon', sql: 'SQL statements of the daemon' };

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
    let host = new Host();
    while (!over) {
      if (!host.isAlive) host = new Host();
      const plan: Plan = { level, when, at: ++next };
      const result = await run({
        scenarios: SCENARIOS,
        receiver,
        host,
        orders: () => ({ plan }),
      });
      if (result.kills === 0) over = true;
      const label = result.died[0] ?? 'nowhere';
      if (result.violations.length > 0)
        broken.push(...complaints(`killed ${when} ${label} (${level} ${plan.at})`, result));
      else if (result.kills > 0) matrix.survived(SECTIONS[level], label, when);
    }
    await host.close();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return broken;
}
