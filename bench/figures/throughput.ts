import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, makeHome, slots, startDaemon } from '../daemon.ts';
import { type Bench, type Figure, moreThan, type Row, row, skipped } from '../figure.ts';
import { ROOT } from '../machine.ts';
import { installPeers } from '../peers/install.ts';
import { PEER_LIST } from '../peers/index.ts';
import { cpuOf } from '../proc.ts';
import { type Contender, inFlight, roundRobin, until } from '../rounds.ts';
import { median } from '../statistics.ts';
import { environment } from '../submit.ts';

const TASKS = 1_000;
const WARM_UP = 200;
const SUBMITS_IN_FLIGHT = 32;
const OPEN = 'waiting,queued,claimed,running,stopping,finishing';

/** CPU times in ms for each task. */
interface Cost {
  daemon: number;
  processes: number;
  client: number;
}

interface Result {
  rate: number;
  cost: Cost | null;
}

export const throughput: Figure = {
  name: 'throughput',
  title: `${TASKS} × true, from the first submit to the last recorded end`,
  async run(bench) {
    for (const reason of installPeers()) bench.say(`could not fetch: ${reason}`);
    const rows: Row[] = [];
    for (const width of [8, 4]) rows.push(...(await compare(bench, width)));
    return rows;
  },
};

async function compare(bench: Bench, width: number): Promise<Row[]> {
  const { folder, say } = bench;
  const fresh = (name: string, round: number): string => {
    const path = join(folder, `${name.replace(/\W+/g, '-')}.${width}.${round}`);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const tend = (name: string, warmUp: number, nodeArgs: string[]): Contender<Result> => ({
    name,
    run: async (round) => {
      const home = makeHome(fresh(name, round), 'home', slots(width));
      const daemon = await startDaemon(home, nodeArgs);
      try {
        if (warmUp > 0) await runTasks(daemon, warmUp);
        return await measured(daemon);
      } finally {
        await daemon.end();
      }
    },
  });
  const peers = PEER_LIST.filter((peer) => peer.missing() === null).map(
    (peer): Contender<Result> => ({
      name: peer.name,
      run: async (round) => {
        const count = peer.count ?? TASKS;
        const ms = await peer.run(fresh(peer.name, round), count, width);
        return { rate: (count / ms) * 1_000, cost: null };
      },
    }),
  );
  const heap = ['--import', join(ROOT, 'bench', 'preload', 'heap.ts')];
  const contenders = [
    tend(TEND, WARM_UP, []),
    tend(`${TEND}, heap grown by 256 MB`, WARM_UP, heap),
    tend(`${TEND}, daemon just started`, 0, []),
    ...peers,
  ].map(({ name, run }) => ({
    name,
    run: async (round: number) => {
      const result = await run(round);
      say(`  ${width} slots, ${name}: ${result.rate.toFixed(0)} tasks/s${costs(result.cost)}`);
      return result;
    },
  }));
  return toRows(await roundRobin(contenders, bench.rounds), width);
}

const TEND = 'tend';

const costs = (cost: Cost | null): string =>
  cost === null
    ? ''
    : ` (CPU ms/task: daemon ${cost.daemon.toFixed(2)}, launcher, wrappers and commands ${cost.processes.toFixed(2)}, client ${cost.client.toFixed(2)})`;

async function runTasks({ client }: Daemon, count: number): Promise<void> {
  await inFlight(count, SUBMITS_IN_FLIGHT, () =>
    client.submit({ argv: ['true'], cwd: '/', env: environment }),
  );
  await until('the end of all tasks', async () => {
    const { tasks } = await client.list({ state: OPEN, limit: 1 });
    return tasks.length === 0;
  });
}

async function measured(daemon: Daemon): Promise<Result> {
  const launcher = daemon.launcher();
  const spent = (): Cost => ({
    daemon: cpuOf(daemon.pid).own,
    processes: launcher === null ? 0 : total(cpuOf(launcher)),
    client: process.cpuUsage().user / 1e3 + process.cpuUsage().system / 1e3,
  });
  const before = spent();
  const began = performance.now();
  await runTasks(daemon, TASKS);
  const ms = performance.now() - began;
  const after = spent();
  const perTask = (part: keyof Cost): number => (after[part] - before[part]) / TASKS;
  const cost = {
    daemon: perTask('daemon'),
    processes: perTask('processes'),
    client: perTask('client'),
  };
  return { rate: (TASKS / ms) * 1_000, cost: launcher === null ? null : cost };
}

const total = ({ own, children }: { own: number; children: number }): number => own + children;

function toRows(results: Map<string, Result[]>, width: number): Row[] {
  const rates = (name: string): number[] => (results.get(name) ?? []).map(({ rate }) => rate);
  const rival = results.has('task-spooler') ? median(rates('task-spooler')) : null;
  const rows = [...results.keys()].map((name) => {
    const goal =
      name.startsWith(TEND) && rival !== null
        ? moreThan(rival, `task-spooler (${rival.toFixed(0)})`)
        : undefined;
    return row(`${name}, ${width} slots`, 'tasks/s', rates(name), goal && { goal });
  });
  const cost = (results.get(TEND) ?? []).flatMap((result) => result.cost ?? []);
  for (const part of ['daemon', 'processes', 'client'] as const)
    rows.push(
      row(
        `CPU of ${CPU_OF[part]}, ${width} slots`,
        'ms/task',
        cost.map((one) => one[part]),
      ),
    );
  for (const peer of PEER_LIST) {
    const why = peer.missing();
    if (why !== null) rows.push(skipped(`${peer.name}, ${width} slots`, why));
  }
  return rows;
}

const CPU_OF = {
  daemon: 'the daemon',
  processes: 'launcher, wrappers and commands',
  client: 'the client',
};
