import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    events: { type: 'string', default: '100000' },
  },
});
const began = performance.now();
const { events, hash, violation, tail } = simulate({
  seed: Number(values.seed),
  events: Number(values.events),
});
const seconds = (performance.now() - began) / 1_000;
console.log(
  `${events} events in ${seconds.toFixed(1)} s: ${(events / seconds).toFixed(0)} a second; hash ${hash}`,
);
if (violation !== null) {
  console.log(`seed ${values.seed}: ${violation}\n${tail.join('\n')}`);
  process.exitCode = 1;
}
