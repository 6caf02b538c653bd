import { setTimeout as pause } from 'node:timers/promises';
import { type Daemon, makeHome, slots, startDaemon } from '../daemon.ts';
import { atMost, type Bench, type Figure, row } from '../figure.ts';
import { Agents } from '../fixtures/agents.ts';
import { roundRobin, until } from '../rounds.ts';
import { preciseNow } from '../submit.ts';

const LINES = 150;
const SECONDS = 0.1;
const OTHERS = 19;
/** Ms in which the others have started to talk. */
const SETTLE = 3_000;

export const agentsFollow: Figure = {
  name: 'agents-follow',
  title: 'from the line that an agent writes to the client that follows its events',
  async run(bench) {
    const contender = (name: string, others: number, followed: boolean) => ({
      name,
      run: (round: number) => measured(bench, `${others}.${followed}.${round}`, others, followed),
    });
    const results = await roundRobin(
      [
        contender('1 agent', 0, false),
        contender('20 agents, one followed', OTHERS, false),
        contender('20 agents, each followed', OTHERS, true),
      ],
      bench.rounds,
    );
    return [...results].map(([name, times]) =>
      row(`line → client, ${name}`, 'ms', times.flat(), { goal: atMost(50) }),
    );
  },
};

async function measured(bench: Bench, name: string, others: number, followed: boolean) {
  const agents = new Agents(`${bench.folder}/agents-follow.${name}`);
  const home = makeHome(bench.folder, `agents-follow.home.${name}`, slots(others + 1));
  const daemon = await startDaemon(home);
  const stop = new AbortController();
  try {
    const ids = await chatting(daemon, agents, others);
    const following = followed ? ids.map((id) => follow(daemon, id, stop.signal)) : [];
    const { id } = await agents.telling(daemon.client, LINES, SECONDS);
    const times = await delays(daemon, id);
    if (times.length !== LINES) throw new Error(`${times.length} of ${LINES} lines were seen`);
    await allRun(daemon, others);
    stop.abort();
    await Promise.all(following);
    return times;
  } finally {
    stop.abort();
    await daemon.endWithTasks();
  }
}

/** Starts so many chatty agents, and gives them time to begin. */
export async function chatting(
  { client }: Daemon,
  agents: Agents,
  count: number,
): Promise<string[]> {
  const tasks = await Promise.all(
    Array.from({ length: count }, (_, nth) => agents.chatty(client, nth)),
  );
  await until('the start of all agents', async () => {
    const { tasks: counts } = await client.status();
    return (counts['running'] ?? 0) === count;
  });
  if (count > 0) await pause(SETTLE);
  return tasks.map(({ id }) => id);
}

/** Throws when one of them has ended: what was measured would be less than what is told. */
export async function allRun({ client }: Daemon, count: number): Promise<void> {
  const { tasks: counts } = await client.status();
  if ((counts['running'] ?? 0) !== count) throw new Error(`tasks: ${JSON.stringify(counts)}`);
}

/** Takes every event of an agent until `signal`; answers how many there were. */
export async function follow({ client }: Daemon, id: string, signal: AbortSignal) {
  let count = 0;
  try {
    for await (const _ of client.agentEvents({ id }, { signal })) count += 1;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return count;
}

async function delays({ client }: Daemon, id: string): Promise<number[]> {
  const times: number[] = [];
  for await (const { data } of client.agentEvents({ id })) {
    const now = preciseNow();
    if (data.kind === 'text') times.push(now - Number(data['text']) * 1e3);
  }
  return times;
}
