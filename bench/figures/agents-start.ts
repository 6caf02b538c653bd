import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome, slots, startDaemon } from '../daemon.ts';
import { type Bench, type Figure, type Row, row } from '../figure.ts';
import { Agents } from '../fixtures/agents.ts';
import { ROOT } from '../machine.ts';
import { inFlight, roundRobin, until } from '../rounds.ts';

const SUBMITS = 100;
const PROCESSES = 15;

export const agentsStart: Figure = {
  name: 'agents-start',
  title:
    'one agent that answers at once: submit, and the way through Tend against the bare program',
  async run(bench) {
    return [...(await submits(bench)), ...(await processes(bench))];
  },
};

/** Behind an agent that is silent, so that nothing starts meanwhile. */
async function submits(bench: Bench): Promise<Row[]> {
  const agents = new Agents(join(bench.folder, 'agents-submit'));
  const times: number[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const home = makeHome(bench.folder, `agents-submit.home.${round}`, slots(1));
    const daemon = await startDaemon(home);
    try {
      await agents.silent(daemon.client);
      await until('the start of the agent', async () => {
        const { tasks: counts } = await daemon.client.status();
        return counts['running'] === 1;
      });
      for (let count = 0; count < SUBMITS; count++) {
        const began = performance.now();
        await agents.brief(daemon.client);
        times.push(performance.now() - began);
      }
      await stopQueued(daemon.client);
    } finally {
      await daemon.endWithTasks();
    }
  }
  return [row('submit of an agent over the socket, all slots busy', 'ms', times)];
}

/** Or the end of the silent one would start them. */
async function stopQueued(client: Awaited<ReturnType<typeof startDaemon>>['client']) {
  const { tasks } = await client.list({ state: 'queued', limit: 1_000 });
  await inFlight(tasks.length, 8, (nth) => client.kill({ id: tasks[nth]?.id ?? '' }));
}

const BARE = 'claude -p';
const THROUGH = 'tend run claude … --wait';

async function processes(bench: Bench): Promise<Row[]> {
  const agents = new Agents(join(bench.folder, 'agents-start'));
  const home = makeHome(bench.folder, 'agents-start.home', slots(4));
  const cache = join(bench.folder, 'cache');
  mkdirSync(cache, { recursive: true });
  const daemon = await startDaemon(home);
  const playing = agents.playing('brief');
  const env = { ...playing, TEND_HOME: home, XDG_CACHE_HOME: cache };
  const contender = (name: string, program: string, args: readonly string[]) => ({
    name,
    run: async () => {
      const began = performance.now();
      const ended = spawnSync(program, args, {
        env,
        cwd: agents.cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ms = performance.now() - began;
      if (ended.status !== 0 || !ended.stdout.includes('Done.'))
        throw new Error(`${name}: ${ended.status} ${ended.stdout} ${ended.stderr}`);
      return ms;
    },
  });
  const plays = `TEND_FAKE_AGENT=${playing['TEND_FAKE_AGENT']}`;
  const bare = ['-p', 'Measure this.', '--output-format', 'stream-json', '--verbose'];
  const through = [join(ROOT, 'bin', 'tend.cjs'), 'run', 'claude', 'Measure this.', '--wait'];
  const contenders = [
    contender(BARE, join(agents.bin, 'claude'), bare),
    contender(THROUGH, process.execPath, [...through, '--env', plays]),
  ];
  try {
    // The first calls compile and fill the cache.
    await roundRobin(contenders, 2);
    const times = await roundRobin(contenders, PROCESSES * bench.rounds);
    const floor = times.get(BARE) ?? [];
    const all = times.get(THROUGH) ?? [];
    return [
      row(`${BARE}, a fake agent that answers at once`, 'ms', floor),
      row(THROUGH, 'ms', all),
      row(
        `${THROUGH}, more than ${BARE}`,
        'ms',
        all.map((ms, nth) => ms - (floor[nth] ?? 0)),
      ),
    ];
  } finally {
    await daemon.endWithTasks();
  }
}
