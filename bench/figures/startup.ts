import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome, slots, startDaemon } from '../daemon.ts';
import { atMost, type Figure, row } from '../figure.ts';
import { ROOT } from '../machine.ts';
import { roundRobin } from '../rounds.ts';

const TIMES = 15;

export const startup: Figure = {
  name: 'startup',
  title: 'how long things take to start',
  async run(bench) {
    const ready: number[] = [];
    for (let round = 0; round < TIMES; round++) {
      const daemon = await startDaemon(makeHome(bench.folder, `startup.${round}`, slots(4)));
      ready.push(daemon.readyAfter);
      await daemon.end();
    }
    const home = makeHome(bench.folder, 'startup', slots(4));
    const cache = join(bench.folder, 'cache');
    mkdirSync(cache, { recursive: true });
    const env = { ...process.env, TEND_HOME: home, XDG_CACHE_HOME: cache };
    const daemon = await startDaemon(home);
    const program = (name: string, ...args: string[]) => ({
      name,
      run: async () => {
        const began = performance.now();
        spawnSync(process.execPath, args, { env });
        return performance.now() - began;
      },
    });
    const tend = join(ROOT, 'bin', 'tend.cjs');
    const programs = [
      program('node -e 0', '-e', '0'),
      program('tend --version', tend, '--version'),
      program('tend ls', tend, 'ls'),
    ];
    try {
      await roundRobin(programs, 2);
      const times = await roundRobin(programs, TIMES);
      return [
        row('daemon: spawn → ready, empty store', 'ms', ready, { goal: atMost(1_000) }),
        ...[...times].map(([name, values]) => row(name, 'ms', values)),
      ];
    } finally {
      await daemon.end();
    }
  },
};
