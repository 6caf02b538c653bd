import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, makeHome, slots, startDaemon } from '../daemon.ts';
import { atMost, type Bench, type Figure, type Row, row } from '../figure.ts';
import { fill } from '../fixtures/store.ts';
import { ROOT } from '../machine.ts';
import { memoryOf } from '../proc.ts';
import { inFlight, roundRobin, until } from '../rounds.ts';
import { median } from '../statistics.ts';
import { submitLine } from '../submit.ts';

const LARGE = { ended: 100_000, queued: 10_000 };
/** As many as a page of `tend ls` shows: more would not be seen, fewer would be another question. */
const SMALL = { ended: 200, queued: 100 };
const SUBMITS = 100;
const CHAIN = 25;
const LISTINGS = 10;

type Series = Map<string, number[]>;

export const scale: Figure = {
  name: 'scale',
  title: `${LARGE.ended} ended and ${LARGE.queued} queued tasks in the store, against ${SMALL.ended} and ${SMALL.queued}`,
  async run(bench) {
    const homes = [await filled(bench, 'small', SMALL), await filled(bench, 'large', LARGE)];
    const ready: Series = await roundRobin(
      homes.map((home) => ({ name: home, run: () => restart(home) })),
      Math.max(3, bench.rounds),
    );
    const daemons = await Promise.all(homes.map((home) => startDaemon(home)));
    try {
      await Promise.all(daemons.map(busy));
      const rows = [
        ...(await compared(bench, daemons, 'submit', 'ms', submits)),
        ...(await compared(bench, daemons, 'slot free → next task runs', 'ms', claims)),
        ...(await compared(bench, daemons, 'list over the socket', 'ms', lists)),
        ...(await compared(bench, daemons, 'tend ls', 'ms', (daemon) => board(bench, daemon))),
      ];
      const [small = [], large = []] = homes.map((home) => ready.get(home) ?? []);
      return [
        ...rows,
        row('restart → ready, small store', 'ms', small),
        row('restart → ready, large store', 'ms', large, { goal: atMost(1_000) }),
        row('daemon RSS, large store', 'MB', [memoryOf(daemons[1]?.pid ?? 0).rss], {
          goal: atMost(80),
        }),
      ];
    } finally {
      for (const daemon of daemons) await leave(daemon);
    }
  },
};

async function filled(
  bench: Bench,
  name: string,
  { ended, queued }: typeof LARGE,
): Promise<string> {
  const home = makeHome(bench.folder, `scale.${name}`, slots(1));
  // Its first start makes the database and gives the node its name.
  await (await startDaemon(home)).end();
  const began = performance.now();
  await fill(home, ended, queued);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  bench.say(`  ${ended} ended and ${queued} queued tasks stored in ${seconds} s`);
  return home;
}

async function restart(home: string): Promise<number> {
  const daemon = await startDaemon(home);
  await busy(daemon);
  await daemon.end();
  return daemon.readyAfter;
}

/** One of the stored tasks, which sleep, holds the only slot. */
const busy = ({ client }: Daemon): Promise<void> =>
  until('a running task', async () => {
    const { tasks } = await client.list({ state: 'running', limit: 1 });
    return tasks.length === 1;
  });

async function leave(daemon: Daemon): Promise<void> {
  await daemon.client.configure({ name: 'limits.slots', value: '1' });
  // Ten thousand queued tasks need not be ended one by one: only the running one has processes.
  const { tasks } = await daemon.client.list({ state: 'running', limit: 10 });
  await daemon.end();
  for (const { attempts } of tasks)
    for (const { pid } of attempts) if (pid !== null) endGroupOf(pid);
}

/** The wrapper, and the command that is its child. */
function endGroupOf(wrapper: number): void {
  const children = readFileSync(`/proc/${wrapper}/task/${wrapper}/children`, 'latin1');
  for (const pid of [...children.trim().split(' ').map(Number), wrapper])
    if (pid > 1) process.kill(pid, 'SIGKILL');
}

/** Small and large in turn, and how they compare. */
async function compared(
  bench: Bench,
  daemons: readonly Daemon[],
  name: string,
  unit: string,
  measure: (daemon: Daemon) => Promise<number[]>,
): Promise<Row[]> {
  const results = await roundRobin(
    daemons.map((daemon) => ({ name: daemon.home, run: () => measure(daemon) })),
    bench.rounds,
  );
  const [small = [], large = []] = [...results.values()];
  const ratios = large.map((values, round) => median(values) / median(small[round] ?? values));
  return [
    row(`${name}, small store`, unit, small.flat()),
    row(`${name}, large store`, unit, large.flat()),
    row(`${name}, large against small`, '×', ratios, { goal: atMost(1.5) }),
  ];
}

async function submits({ client }: Daemon): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < SUBMITS; count++) {
    const began = performance.now();
    await client.submit({ argv: ['sleep', '1000'], cwd: '/' });
    times.push(performance.now() - began);
  }
  return times;
}

const TELL = "exec bash -c 'echo $EPOCHREALTIME; echo $EPOCHREALTIME'";

/** From the last act of one task to the first of the next, through the one slot there is. */
async function claims({ client, home }: Daemon): Promise<number[]> {
  const chain = await inFlight(CHAIN, CHAIN, () => submitLine(client, TELL, 100));
  const { tasks } = await client.list({ state: 'running', limit: 1 });
  await Promise.all(tasks.map(({ id }) => client.kill({ id })));
  await Promise.all(chain.map(({ id }) => client.waitOne({ id })));
  const times = chain
    .map(({ id }) => readFileSync(join(home, 'tasks', id, '1', 'output'), 'utf8'))
    .map((output) =>
      output
        .trim()
        .split('\n')
        .map((seconds) => Number(seconds) * 1e3),
    )
    .toSorted(([a = 0], [b = 0]) => a - b);
  return times.slice(1).map(([first = 0], index) => first - (times[index]?.[1] ?? 0));
}

async function lists({ client }: Daemon): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < LISTINGS; count++) {
    const began = performance.now();
    await client.list({ limit: 100 });
    times.push(performance.now() - began);
  }
  return times;
}

async function board({ folder }: Bench, { home }: Daemon): Promise<number[]> {
  const cache = join(folder, 'cache');
  mkdirSync(cache, { recursive: true });
  const env = { ...process.env, TEND_HOME: home, XDG_CACHE_HOME: cache };
  return Array.from({ length: LISTINGS }, () => {
    const began = performance.now();
    spawnSync(process.execPath, [join(ROOT, 'bin', 'tend.cjs'), 'ls'], { env });
    return performance.now() - began;
  });
}
