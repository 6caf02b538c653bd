import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endAll } from './children.ts';
import type { Figure } from './figure.ts';
import { admission } from './figures/admission.ts';
import { agents } from './figures/agents.ts';
import { board } from './figures/board.ts';
import { flood } from './figures/flood.ts';
import { idle } from './figures/idle.ts';
import { latency } from './figures/latency.ts';
import { mcp } from './figures/mcp.ts';
import { news } from './figures/news.ts';
import { pushes } from './figures/pushes.ts';
import { saving } from './figures/save.ts';
import { scale } from './figures/scale.ts';
import { simulator } from './figures/simulator.ts';
import { startup } from './figures/startup.ts';
import { submit } from './figures/submit.ts';
import { throughput } from './figures/throughput.ts';
import { worktree } from './figures/worktree.ts';
import { load, machine, ROOT } from './machine.ts';
import { type Result, save, table } from './report.ts';

const FIGURES: readonly Figure[] = [
  throughput,
  latency,
  submit,
  startup,
  scale,
  flood,
  idle,
  admission,
  simulator,
  worktree,
  saving,
  pushes,
  board,
  mcp,
  news,
  ...agents,
];

const USAGE = `node bench/main.ts [--rounds n] [--save] [${FIGURES.map(({ name }) => name).join(' | ')} …]

Measures the built program; without names, everything. --save writes bench/results/latest.json.
`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      save: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => !FIGURES.some((figure) => figure.name === name));
  if (values.help || unknown !== undefined) {
    process.stdout.write(unknown === undefined ? USAGE : `no figure "${unknown}"\n${USAGE}`);
    process.exitCode = unknown === undefined ? 0 : 2;
    return;
  }
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs'), '--if-stale']);
  const chosen = FIGURES.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  const folder = mkdtempSync(join(tmpdir(), 'tend-bench-'));
  const results: Record<string, Result> = {};
  try {
    for (const figure of chosen)
      results[figure.name] = await measured(figure, folder, Number(values.rounds));
    if (values.save) save(results);
  } finally {
    await endAll();
    // Only now: on some file systems deleting makes every later creation slower for a while.
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(figure: Figure, folder: string, rounds: number): Promise<Result> {
  const before = load();
  say(`${figure.name}: ${figure.title} (load ${before})`);
  const rows = await figure.run({ rounds, folder, say });
  const after = load();
  process.stdout.write(
    `\n${figure.name}: ${figure.title}\n${table(rows)}\nload ${before} → ${after}\n\n`,
  );
  return { title: figure.title, machine: machine(), rounds, load: [before, after], rows };
}

await main();
