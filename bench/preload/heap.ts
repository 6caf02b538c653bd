/** Loaded into a daemon by `node --import`: keeps 256 MB of small objects alive, as a long life would. */
const GROWTH = 256 * 2 ** 20;
const BATCH = 10_000;

const kept: { number: number; text: string }[] = [];
const before = process.memoryUsage().heapUsed;
while (process.memoryUsage().heapUsed - before < GROWTH)
  for (let index = 0; index < BATCH; index++)
    kept.push({ number: index + 0.5, text: `text ${index}` });

process.on('exit', () => kept.length);
