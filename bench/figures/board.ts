import { type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { start } from '../children.ts';
import { type Daemon, makeHome, slots, startDaemon } from '../daemon.ts';
import { atMost, type Bench, type Figure, type Row, row } from '../figure.ts';
import { ROOT } from '../machine.ts';
import { childrenOf, exactCpuOf, isThere, memoryOf, nameOf } from '../proc.ts';
import { inFlight, until } from '../rounds.ts';
import { submitLine } from '../submit.ts';

const TASKS = 200;
/** Changes a second: a task is ended, or another one started in its place. */
const RATE = 10;
/** Ms looked at, after as long as a start-up takes to be forgotten. */
const WATCHED = 20_000;
const SETTLE = 4_000;
const CHANGES = (WATCHED / 1_000) * RATE;
const SIZES = [
  [80, 24],
  [200, 50],
] as const;

export const board: Figure = {
  name: 'board',
  title: `the live board with ${TASKS} running tasks, ${RATE} of them a second ended or started`,
  async run(bench) {
    const daemon = await startDaemon(makeHome(bench.folder, 'board', slots(TASKS + 10)));
    try {
      const tasks = await inFlight(TASKS, 8, () => submitLine(daemon.client, 'exec sleep 1000'));
      const ids = tasks.map(({ id }) => id);
      await until('the start of all tasks', async () => {
        const { tasks: counts } = await daemon.client.status();
        return counts['running'] === TASKS;
      });
      const rows: Row[] = [];
      for (const size of SIZES) rows.push(...(await measured(bench, daemon, ids, size)));
      return rows;
    } finally {
      await daemon.endWithTasks();
    }
  },
};

interface Round {
  busy: number;
  calm: number;
  /** A second: fewer than wanted where the machine has other things to do. */
  changes: number;
  bytes: number;
  frames: number;
  clears: number;
  memory: number;
}

async function measured(
  { rounds, say }: Bench,
  daemon: Daemon,
  ids: string[],
  [columns, rows]: readonly [number, number],
): Promise<Row[]> {
  const found: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const one = await watched(daemon, ids, columns, rows);
    say(`  ${columns}×${rows}: ${one.busy.toFixed(2)} % busy, ${one.calm.toFixed(2)} % calm`);
    found.push(one);
  }
  const of = (name: keyof Round): number[] => found.map((one) => one[name]);
  const size = `${columns}×${rows}`;
  return [
    row(`board CPU, ${RATE} changes a second, ${size}`, '% of a core', of('busy'), {
      goal: atMost(5),
    }),
    row(`board CPU, nothing changes, ${size}`, '% of a core', of('calm')),
    row(`changes, ${size}`, 'a second', of('changes')),
    row(`frames, ${size}`, 'a second', of('frames'), { goal: atMost(11, 'max') }),
    row(`screens cleared, ${size}`, '', of('clears'), { goal: atMost(0, 'max') }),
    row(`written, ${size}`, 'KB a second', of('bytes')),
    row(`board RSS, ${size}`, 'MB', of('memory')),
  ];
}

/** One board on a terminal of its own. */
async function watched(
  daemon: Daemon,
  ids: string[],
  columns: number,
  rows: number,
): Promise<Round> {
  const terminal = openBoard(daemon.home, columns, rows);
  try {
    await until('the board', () => terminal.said.includes('running'));
    const pid = boardIn(terminal.child);
    await pause(SETTLE);
    const { share: calm } = await spent(pid, () => pause(WATCHED / 2));
    const from = terminal.said.length;
    const { share: busy, seconds } = await spent(pid, () => churn(daemon, ids));
    const said = terminal.said.slice(from);
    return {
      busy,
      calm,
      changes: CHANGES / seconds,
      bytes: Buffer.byteLength(said) / 1_000 / seconds,
      frames: count(said, '\u001b[?2026h') / seconds,
      clears: count(said, '\u001b[2J'),
      memory: memoryOf(pid).rss,
    };
  } finally {
    terminal.child.stdin?.write('q');
    await until('the end of the board', () => !isThere(terminal.child.pid ?? 0));
  }
}

function openBoard(home: string, columns: number, rows: number) {
  const line = `stty cols ${columns} rows ${rows}; exec '${process.execPath}' '${join(ROOT, 'bin', 'tend.cjs')}'`;
  const env = {
    ...process.env,
    TEND_HOME: home,
    TERM: 'xterm-256color',
    SHELL: '/bin/sh',
    LANG: 'C.UTF-8',
  };
  const child = start('script', ['-qec', line, '/dev/null'], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const terminal = { child, said: '' };
  child.stdout?.setEncoding('utf8').on('data', (data: string) => (terminal.said += data));
  return terminal;
}

function boardIn({ pid }: ChildProcess): number {
  const found = childrenOf(pid ?? 0).find((one) => nameOf(one).includes('tend.cjs'));
  if (found === undefined) throw new Error('there is no board');
  return found;
}

/** CPU of a process while `job` goes on, in percent of a core, and how long that was. */
async function spent(pid: number, job: () => Promise<void>) {
  const before = exactCpuOf(pid);
  const began = performance.now();
  await job();
  const ms = performance.now() - began;
  return { share: ((exactCpuOf(pid) - before) / ms) * 100, seconds: ms / 1_000 };
}

/** Ends the oldest task, starts another one, and so on. */
async function churn({ client }: Daemon, ids: string[]): Promise<void> {
  const began = performance.now();
  for (let step = 0; step < CHANGES; step++) {
    if (step % 2 === 0) await client.kill({ id: ids.shift() ?? '' });
    else ids.push((await submitLine(client, 'exec sleep 1000')).id);
    await pause(Math.max(0, began + ((step + 1) * 1_000) / RATE - performance.now()));
  }
}

const count = (text: string, part: string): number => text.split(part).length - 1;
