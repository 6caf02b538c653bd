import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Daemon, makeHome, slots, startDaemon } from '../daemon.ts';
import { atMost, type Bench, type Figure, type Row, row } from '../figure.ts';
import { exactCpuOf, memoryOf } from '../proc.ts';
import { inFlight, until } from '../rounds.ts';
import { submitLine } from '../submit.ts';

const RUNNING = 200;
/** Ms looked at, after as long a time to settle as a sweep takes. */
const WATCHED = 60_000;
const SETTLE = 10_000;

export const idle: Figure = {
  name: 'idle',
  title: `an idle daemon, without tasks and with ${RUNNING} that only sleep`,
  async run(bench) {
    const empty = await startDaemon(makeHome(bench.folder, 'idle.empty', slots(RUNNING)));
    const full = await startDaemon(makeHome(bench.folder, 'idle.full', slots(RUNNING)));
    try {
      const ids = await sleepers(full);
      await pause(SETTLE);
      return await measured(bench, empty, full, ids);
    } finally {
      await empty.end();
      await full.endWithTasks();
    }
  },
};

async function sleepers({ client }: Daemon): Promise<string[]> {
  const tasks = await inFlight(RUNNING, 8, () => submitLine(client, 'exec sleep 1000'));
  await until('the start of all tasks', async () => {
    const { tasks: counts } = await client.status();
    return counts['running'] === RUNNING;
  });
  return tasks.map(({ id }) => id);
}

async function measured(
  { rounds, say }: Bench,
  empty: Daemon,
  full: Daemon,
  ids: readonly string[],
): Promise<Row[]> {
  const daemons = [empty, full];
  const shares: number[][] = [[], []];
  const sizes: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const before = daemons.map(({ pid }) => exactCpuOf(pid));
    const began = performance.now();
    await pause(WATCHED);
    const time = performance.now() - began;
    for (const [index, { pid }] of daemons.entries()) {
      shares[index]?.push(((exactCpuOf(pid) - (before[index] ?? 0)) / time) * 100);
      sizes[index]?.push(memoryOf(pid).rss);
    }
    say(
      `  idle for ${(time / 1_000).toFixed(0)} s: ${shares.map((one) => one.at(-1)?.toFixed(3)).join(' % and ')} %`,
    );
  }
  const launchers = daemons.flatMap((daemon) => daemon.launcher() ?? []).map(memoryOf);
  const wrappers = ids.map((id) => memoryOf(wrapperOf(full, id)));
  const withTasks = `with ${RUNNING} running tasks`;
  return [
    row('daemon CPU, no tasks', '% of a core', shares[0] ?? []),
    row(`daemon CPU, ${withTasks}`, '% of a core', shares[1] ?? [], { goal: atMost(0.2) }),
    row('daemon RSS, no tasks', 'MB', sizes[0] ?? []),
    row(`daemon RSS, ${withTasks}`, 'MB', sizes[1] ?? [], { goal: atMost(80, 'max') }),
    row(
      'launcher RSS',
      'MB',
      launchers.map(({ rss }) => rss),
    ),
    row(
      'wrapper RSS',
      'MB',
      wrappers.map(({ rss }) => rss),
      {
        goal: atMost(2),
        note: 'counts pages shared with the launcher and all other wrappers',
      },
    ),
    row(
      'wrapper PSS',
      'MB',
      wrappers.map(({ pss }) => pss),
      { goal: atMost(2) },
    ),
  ];
}

function wrapperOf({ home }: Daemon, id: string): number {
  const claim = readFileSync(join(home, 'tasks', id, '1', 'claim'), 'utf8');
  return Number(claim.split(' ', 1)[0]);
}
