import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Daemon, makeHome, slots, startDaemon } from '../daemon.ts';
import { atMost, type Bench, type Figure, type Row, row } from '../figure.ts';
import { inFlight, until } from '../rounds.ts';
import { preciseNow, submitLine } from '../submit.ts';

const OWN = 150;
const ADOPTED = 60;
const WIDTH = 4;
/** Ms; the adopted tasks end one after the other in this time after the restart. */
const ENDINGS = 3_000;

/** Ms from two moments to the answer that the waiting client gets. */
interface Seen {
  /** The modification time of the exit record: the kernel rounds it down, by up to 4 ms. */
  afterRecord: number;
  /** The last act of the command, told by itself in microseconds: what the wrapper does is included. */
  afterCommand: number;
}

export const latency: Figure = {
  name: 'latency',
  title: 'from the end of a task to the answer of a waiting client',
  async run(bench) {
    const own = await seriesOf(bench, (round) => ownTasks(bench, round));
    const adopted = await seriesOf(bench, (round) => adoptedTasks(bench, round));
    return [...rows('own task', own, 10), ...rows('adopted task', adopted, 50)];
  },
};

async function seriesOf(
  bench: Bench,
  measure: (round: number) => Promise<Seen[]>,
): Promise<Seen[]> {
  const all: Seen[] = [];
  for (let round = 0; round < bench.rounds; round++) all.push(...(await measure(round)));
  return all;
}

function rows(name: string, seen: Seen[], limit: number): Row[] {
  const afterRecord = seen.map((one) => one.afterRecord);
  const afterCommand = seen.map((one) => one.afterCommand);
  const note = 'includes up to 4 ms by which the kernel rounds file times';
  return [
    row(`${name}: exit record → client`, 'ms', afterRecord, { goal: atMost(limit), note }),
    row(`${name}: exit record → client`, 'ms', afterRecord, { goal: atMost(50, 'p99'), note }),
    row(`${name}: last act of the command → client`, 'ms', afterCommand),
  ];
}

/** Bash tells the time without starting a process. */
const sleepAndTell = (seconds: string): string =>
  `exec bash -c 'sleep ${seconds}; echo $EPOCHREALTIME'`;

async function ownTasks(bench: Bench, round: number): Promise<Seen[]> {
  const daemon = await startDaemon(makeHome(bench.folder, `latency.${round}`, slots(WIDTH)));
  try {
    return await inFlight(OWN, WIDTH, async () => {
      const { id } = await submitLine(daemon.client, sleepAndTell('0.1'));
      return waitFor(daemon, id);
    });
  } finally {
    await daemon.end();
  }
}

async function waitFor({ client, home }: Daemon, id: string): Promise<Seen> {
  await client.waitOne({ id });
  const now = preciseNow();
  const folder = join(home, 'tasks', id, '1');
  const recorded = Number(statSync(join(folder, 'exit'), { bigint: true }).mtimeNs) / 1e6;
  const told = Number(readFileSync(join(folder, 'output'), 'utf8')) * 1e3;
  return { afterRecord: now - recorded, afterCommand: now - told };
}

async function adoptedTasks(bench: Bench, round: number): Promise<Seen[]> {
  const home = makeHome(bench.folder, `adopted.${round}`, slots(ADOPTED));
  const first = await startDaemon(home);
  const begun = performance.now();
  // Long enough for all to be started, and for the next daemon to be there.
  const lead = 4_000;
  const tasks = await inFlight(ADOPTED, 8, (index) => {
    const elapsed = performance.now() - begun;
    const wait = lead - elapsed + (index * ENDINGS) / ADOPTED;
    return submitLine(first.client, sleepAndTell((wait / 1_000).toFixed(3)));
  });
  await until('the start of all tasks', async () => {
    const { tasks: running } = await first.client.list({ state: 'running', limit: ADOPTED });
    return running.length === ADOPTED;
  });
  await first.end('SIGKILL');
  const second = await startDaemon(home);
  try {
    await pause(200);
    bench.say(
      `  adopted ${ADOPTED} tasks ${(performance.now() - begun).toFixed(0)} ms after begin`,
    );
    return await Promise.all(tasks.map(({ id }) => waitFor(second, id)));
  } finally {
    await second.end();
  }
}
