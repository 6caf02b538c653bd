/** Plays scenarios on a small disk that is full now and then. Prints what broke as JSON. Runs in a mount namespace of its own. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hasRun } from './claim.ts';
import { type Home, homeIn } from './home.ts';
import { openReceiver } from './receiver.ts';
import { complaints, run } from './run.ts';
import { EFFECT, type Expected, type Scenario, SCENARIOS } from './scenarios.ts';

const EXITED: Expected = { state: 'failed', reason: 'exit_code', runs: 1, codes: [7] };
const DISK = 4 * 2 ** 20;
const FULL_FOR = 1_500;

/** Ends while the disk is full: its wrapper keeps the exit code until there is room. */
const outlives: Scenario = {
  key: 'outlives',
  request: { id: 'outlives', command: `${EFFECT}; sleep 0.4; exit 7` },
  expected: EXITED,
};

/** Holds the disk full for a while (ms). */
async function fillFor(home: Home, ms: number): Promise<void> {
  const filler = join(home.state, 'filler');
  const { blocks, bsize } = statfsSync(home.state);
  if (blocks * bsize !== DISK) throw new Error(`${home.state} is not the small disk`);
  const block = Buffer.alloc(4_096);
  try {
    for (let filled = 0; filled <= DISK; filled += block.length) appendFileSync(filler, block);
  } catch {
    await pause(ms);
  }
  rmSync(filler);
}

const folder = process.argv[2] ?? '';
const options = `size=${DISK},mode=0700`;
execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', join(folder, 'state')]);
const receiver = await openReceiver();
const home: Home = { ...homeIn(folder, receiver.url), remove: () => undefined };
const result = await run({
  home,
  receiver,
  scenarios: [outlives, ...SCENARIOS.filter(({ key }) => !key.startsWith('floods'))],
  patience: 40_000,
  disturb: async () => {
    await fillFor(home, FULL_FOR);
    await hasRun(home, 'outlives');
    await fillFor(home, FULL_FOR);
  },
});
await receiver.close();
process.stdout.write(JSON.stringify(complaints('full disk', result)));
