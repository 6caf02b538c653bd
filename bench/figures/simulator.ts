import { simulate } from '../../test/simulator/simulate.ts';
import { atLeast, type Figure, row } from '../figure.ts';

const EVENTS = 200_000;
const MINUTE = 60_000_000;

/** In CPU time: the simulator waits for nothing, and a busy machine must not make it look slow. */
export const simulator: Figure = {
  name: 'simulator',
  title: 'the rules of scheduling in virtual time, every invariant checked after every event',
  run: async ({ rounds, say }) => {
    const rates: number[] = [];
    for (let seed = 1; seed <= rounds; seed++) {
      const before = process.cpuUsage();
      const { events, violation } = simulate({ seed, events: EVENTS });
      const { user, system } = process.cpuUsage(before);
      if (violation !== null) throw new Error(`seed ${seed}: ${violation}`);
      const rate = (events / (user + system)) * MINUTE;
      say(`  seed ${seed}: ${(rate / 1e6).toFixed(2)} million events in a minute of CPU`);
      rates.push(rate / 1e6);
    }
    return [row('task events', 'million/min of CPU', rates, { goal: atLeast(1) })];
  },
};
