import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, makeHome, slots, startDaemon } from '../daemon.ts';
import { atMost, type Bench, type Figure, row } from '../figure.ts';
import { memoryOf } from '../proc.ts';
import { inFlight, roundRobin } from '../rounds.ts';
import { median } from '../statistics.ts';
import { preciseNow, submitLine } from '../submit.ts';

const OTHERS = 20;
const PER_SLOT = 8;
/** 1 GB in pieces of 10 MB: some seconds of a stream that never rests. */
const FLOOD =
  'exec bash -c "for ((i = 0; i < 100; i++)); do head -c 10000000 /dev/zero; sleep 0.05; done"';

interface Result {
  latencies: number[];
  growth: number;
}

export const flood: Figure = {
  name: 'flood',
  title: `1 GB of output from one task while ${OTHERS} others run`,
  async run(bench) {
    const results = await roundRobin(
      [
        { name: 'calm', run: (round) => measured(bench, `flood.calm.${round}`, false) },
        { name: 'flood', run: (round) => measured(bench, `flood.${round}`, true) },
      ],
      bench.rounds,
    );
    const latencies = (name: string): number[] =>
      (results.get(name) ?? []).flatMap((result) => result.latencies);
    const growths = (name: string): number[] =>
      (results.get(name) ?? []).map((result) => result.growth);
    const calm = median(latencies('calm'));
    const ratios = (results.get('flood') ?? []).map((one) => median(one.latencies) / calm);
    return [
      row('exit record → client, calm', 'ms', latencies('calm')),
      row('exit record → client, during the flood', 'ms', latencies('flood')),
      row('medians during the flood against calm', '×', ratios, { goal: atMost(1.5) }),
      row('growth of the daemon, calm', 'MB', growths('calm')),
      row('growth of the daemon, with the flood', 'MB', growths('flood')),
    ];
  },
};

async function measured(bench: Bench, name: string, flooded: boolean): Promise<Result> {
  const daemon = await startDaemon(makeHome(bench.folder, name, slots(OTHERS + 1)));
  try {
    await others(daemon, 1);
    const before = memoryOf(daemon.pid).rss;
    const stream = flooded ? await submitLine(daemon.client, FLOOD) : null;
    const latencies = await others(daemon, PER_SLOT);
    if (stream !== null) {
      const { state, output } = await daemon.client.waitOne({ id: stream.id });
      bench.say(`  the flood: ${state}, ${(output.bytes / 1e6).toFixed(0)} MB`);
    }
    return { latencies, growth: memoryOf(daemon.pid).rss - before };
  } finally {
    await daemon.end();
  }
}

/** Tasks of half a second and a bit, 20 at a time. */
async function others({ client, home }: Daemon, rounds: number): Promise<number[]> {
  return inFlight(OTHERS * rounds, OTHERS, async (index) => {
    const wait = 0.5 + (index % OTHERS) * 0.013;
    const { id } = await submitLine(client, `exec sleep ${wait.toFixed(3)}`);
    await client.waitOne({ id });
    const now = preciseNow();
    const { mtimeNs } = statSync(join(home, 'tasks', id, '1', 'exit'), { bigint: true });
    return now - Number(mtimeNs) / 1e6;
  });
}
