import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { SMALL } from '../../src/interfaces/client/launch.ts';
import { atLeast, atMost, type Bench, type Figure, type Row, row } from '../figure.ts';
import { ROOT } from '../machine.ts';
import { median } from '../statistics.ts';

const RECORDED = ['claude', 'codex', 'gemini', 'opencode', 'qwen', 'copilot'];
const PROGRAM = join(ROOT, 'bench', 'fixtures', 'parse.ts');

/** MB and lines in a second of CPU time. */
interface Rate {
  rate: number;
  lines: number;
}

interface Speed {
  all: Rate;
  /** Ordinary work; most of the others are short and end in a refusal. */
  longest: Rate;
}

interface Memory {
  before: number;
  after: number;
  most: number;
}

export const agentsParse: Figure = {
  name: 'agents-parse',
  title: "understanding what agents print: 50 MB of each one's recordings, 1 GB in one stream",
  async run(bench) {
    return [...speeds(bench), ...memories(bench), ...longLine(bench)];
  },
};

/** In a process of its own, which has parsed nothing else. */
const measured = <T>(agent: string, what: string): T =>
  JSON.parse(
    execFileSync(process.execPath, [SMALL, PROGRAM, agent, what], { encoding: 'utf8' }),
  ) as T;

function speeds({ rounds, say }: Bench): Row[] {
  const speed = new Map<string, Speed[]>(RECORDED.map((agent) => [agent, []]));
  for (let round = 0; round < rounds; round++)
    for (const [agent, results] of speed) results.push(measured<Speed>(agent, 'speed'));
  return [...speed].flatMap(([agent, results]) => {
    const all = results.map((one) => one.all);
    const longest = results.map((one) => one.longest);
    say(`  ${agent}: ${all.map(({ rate }) => rate.toFixed(0)).join(', ')} MB/s`);
    return [
      rates(`${agent}, all recorded runs`, all, { goal: atLeast(100) }),
      rates(`${agent}, the longest run alone`, longest),
    ];
  });
}

function rates(name: string, all: readonly Rate[], goal: Parameters<typeof row>[3] = {}): Row {
  const lines = median(all.map((one) => one.lines)) / 1e3;
  return row(
    name,
    'MB/s of CPU',
    all.map(({ rate }) => rate),
    { ...goal, note: `${lines.toFixed(0)} thousand lines/s` },
  );
}

function memories({ say }: Bench): Row[] {
  return RECORDED.map((agent) => {
    const { before, after, most } = measured<Memory>(agent, 'memory');
    say(
      `  ${agent}: RSS ${before.toFixed(0)} → ${after.toFixed(0)} MB, at most ${most.toFixed(0)}`,
    );
    return row(`${agent}, RSS from 50 MB to 1 GB of one stream`, 'MB', [after - before], {
      note: `at most ${(most - before).toFixed(1)} MB meanwhile`,
    });
  });
}

/** Below twice the longest line that is looked into. */
function longLine({ rounds }: Bench): Row[] {
  const all = Array.from({ length: rounds }, () =>
    measured<{ growth: number; ms: number }>('claude', 'longLine'),
  );
  return [
    row(
      'a line of 200 MB, RSS',
      'MB',
      all.map(({ growth }) => growth),
      { goal: atMost(32) },
    ),
    row(
      'a line of 200 MB',
      'ms of CPU',
      all.map(({ ms }) => ms),
    ),
  ];
}
