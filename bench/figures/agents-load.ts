import { setTimeout as pause } from 'node:timers/promises';
import { type Daemon, makeHome, slots, startDaemon } from '../daemon.ts';
import { atMost, type Bench, type Figure, type Row, row } from '../figure.ts';
import { Agents, LOOP } from '../fixtures/agents.ts';
import { exactCpuOf, memoryOf } from '../proc.ts';
import { roundRobin, until } from '../rounds.ts';
import { allRun, chatting, follow } from './agents-follow.ts';

const AGENTS = 20;
const SETTLE = 10_000;
const SILENCE = 30_000;
/** Between two looks at the memory (ms). */
const LOOK = 500;
/** Ms after which the ends of all tasks are dealt with. */
const REST = 5_000;

interface Busy {
  /** % of a core. */
  cpu: number;
  before: number;
  during: number;
  after: number;
  /** Events that were followed. */
  events: number;
}

export const agentsLoad: Figure = {
  name: 'agents-load',
  title: `the daemon with ${AGENTS} agents: silent, and chatty with one that writes ${LOOP.lines} lines in ${LOOP.ms / 1_000} s`,
  async run(bench) {
    const silent: number[] = [];
    for (let round = 0; round < bench.rounds; round++) silent.push(await silence(bench, round));
    const busy = await roundRobin(
      [
        { name: 'nobody follows', run: (round: number) => chat(bench, round, false) },
        { name: 'each followed', run: (round: number) => chat(bench, round, true) },
      ],
      bench.rounds,
    );
    return [
      row(`daemon CPU, ${AGENTS} silent agents`, '% of a core', silent, { goal: atMost(0.2) }),
      ...[...busy].flatMap(([name, all]) => rows(name, all)),
    ];
  },
};

function rows(name: string, all: readonly Busy[]): Row[] {
  const values = (of: keyof Busy): number[] => all.map((one) => one[of]);
  const goal = name === 'nobody follows' ? { goal: atMost(3) } : {};
  return [
    row(`daemon CPU, ${AGENTS} chatty agents, ${name}`, '% of a core', values('cpu'), goal),
    row(`daemon RSS before, ${name}`, 'MB', values('before')),
    row(`daemon RSS meanwhile, at most, ${name}`, 'MB', values('during')),
    row(`daemon RSS after all have ended, ${name}`, 'MB', values('after')),
  ];
}

async function silence(bench: Bench, round: number): Promise<number> {
  const agents = new Agents(`${bench.folder}/agents-silent.${round}`);
  const home = makeHome(bench.folder, `agents-silent.home.${round}`, slots(AGENTS));
  const daemon = await startDaemon(home);
  try {
    for (let nth = 0; nth < AGENTS; nth++) await agents.silent(daemon.client);
    await until('the start of all agents', async () => {
      const { tasks: counts } = await daemon.client.status();
      return counts['running'] === AGENTS;
    });
    await pause(SETTLE);
    const share = await shareOf(daemon, () => pause(SILENCE));
    await allRun(daemon, AGENTS);
    bench.say(`  ${AGENTS} silent agents: ${share.toFixed(3)} %`);
    return share;
  } finally {
    await daemon.endWithTasks();
  }
}

/** The daemon's part of a core while something happens, in %. */
async function shareOf({ pid }: Daemon, happens: () => Promise<unknown>): Promise<number> {
  const before = exactCpuOf(pid);
  const began = performance.now();
  await happens();
  return ((exactCpuOf(pid) - before) / (performance.now() - began)) * 100;
}

async function chat(bench: Bench, round: number, followed: boolean): Promise<Busy> {
  const name = `${followed}.${round}`;
  const agents = new Agents(`${bench.folder}/agents-load.${name}`);
  const home = makeHome(bench.folder, `agents-load.home.${name}`, slots(AGENTS));
  const daemon = await startDaemon(home);
  const before = memoryOf(daemon.pid).rss;
  try {
    const { cpu, during, events } = await busy(daemon, agents, followed);
    for (const { id } of (await daemon.client.list({ state: 'running', limit: AGENTS })).tasks)
      await daemon.client.kill({ id });
    await pause(REST);
    const after = memoryOf(daemon.pid).rss;
    bench.say(
      `  ${followed ? `followed (${events} events)` : 'not followed'}: ${cpu.toFixed(2)} %, RSS ${[before, during, after].map((size) => size.toFixed(0)).join(' → ')} MB`,
    );
    return { cpu, before, during, after, events };
  } finally {
    await daemon.endWithTasks();
  }
}

async function busy(daemon: Daemon, agents: Agents, followed: boolean) {
  const stop = new AbortController();
  const ids = await chatting(daemon, agents, AGENTS - 1);
  const followers = followed ? ids.map((id) => follow(daemon, id, stop.signal)) : [];
  let during = 0;
  const looks = setInterval(() => {
    during = Math.max(during, memoryOf(daemon.pid).rss);
  }, LOOK);
  try {
    const cpu = await shareOf(daemon, async () => {
      const { id } = await agents.loops(daemon.client);
      if (followed) followers.push(follow(daemon, id, stop.signal));
      await daemon.client.waitOne({ id });
    });
    await allRun(daemon, AGENTS - 1);
    stop.abort();
    const events = (await Promise.all(followers)).reduce((sum, count) => sum + count, 0);
    return { cpu, during, events };
  } finally {
    stop.abort();
    clearInterval(looks);
  }
}
