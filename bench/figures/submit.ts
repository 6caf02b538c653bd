import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, makeHome, slots, startDaemon } from '../daemon.ts';
import { atMost, type Bench, type Figure, type Row, row } from '../figure.ts';
import { ROOT } from '../machine.ts';
import { roundRobin } from '../rounds.ts';
import { median } from '../statistics.ts';
import { environment, submitLine } from '../submit.ts';

const SUBMITS = 300;
const PROCESSES = 25;

export const submit: Figure = {
  name: 'submit',
  title: 'one submit: over the socket, and as a process of its own',
  async run(bench) {
    return [...(await overSocket(bench)), ...(await asProcess(bench))];
  },
};

async function overSocket(bench: Bench): Promise<Row[]> {
  const queued: number[] = [];
  const started: number[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const home = makeHome(bench.folder, `submit.${round}`, slots(1));
    const daemon = await startDaemon(home);
    try {
      started.push(...(await submits(daemon)));
      await submitLine(daemon.client, 'exec sleep 1000', 100);
      queued.push(...(await submits(daemon)));
    } finally {
      await daemon.endWithTasks();
    }
  }
  return [
    row('submit over the socket, tasks start meanwhile', 'ms', started, { goal: atMost(5) }),
    row('submit over the socket, all slots busy', 'ms', queued, { goal: atMost(5) }),
  ];
}

async function submits({ client }: Daemon): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < SUBMITS; count++) {
    const began = performance.now();
    await client.submit({ argv: ['true'], cwd: '/', env: environment });
    times.push(performance.now() - began);
  }
  return times;
}

const NODE = 'node -e 0';
const BIN = 'tend run -q -- true';
const MAIN = 'dist/interfaces/cli/main.js run -q -- true';

async function asProcess(bench: Bench): Promise<Row[]> {
  const home = makeHome(bench.folder, 'submit.process', slots(4));
  const cache = join(bench.folder, 'cache');
  mkdirSync(cache, { recursive: true });
  const daemon = await startDaemon(home);
  const env = { ...process.env, TEND_HOME: home, XDG_CACHE_HOME: cache };
  const contender = (name: string, args: string[]) => ({
    name,
    run: async () => {
      const began = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
      const ms = performance.now() - began;
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
      return ms;
    },
  });
  const work = ['run', '-q', '--', 'true'];
  const contenders = [
    contender(NODE, ['-e', '0']),
    contender(BIN, [join(ROOT, 'bin', 'tend.cjs'), ...work]),
    contender(MAIN, [join(ROOT, 'dist', 'interfaces', 'cli', 'main.js'), ...work]),
  ];
  try {
    // The first call compiles and fills the cache.
    await roundRobin(contenders, 2);
    const times = await roundRobin(contenders, PROCESSES * bench.rounds);
    return processRows(times);
  } finally {
    await daemon.endWithTasks();
  }
}

function processRows(times: Map<string, number[]>): Row[] {
  const floor = times.get(NODE) ?? [];
  const ratios = (name: string): number[] =>
    (times.get(name) ?? []).map((ms, index) => ms / (floor[index] ?? median(floor)));
  return [
    row(NODE, 'ms', floor),
    row(BIN, 'ms', times.get(BIN) ?? []),
    row(MAIN, 'ms', times.get(MAIN) ?? []),
    row(`${BIN}, against ${NODE}`, '×', ratios(BIN), { goal: atMost(3) }),
    row(`${MAIN}, against ${NODE}`, '×', ratios(MAIN), { goal: atMost(3) }),
  ];
}
