/**
 * The real command-line programs of the agents against a scripted model provider, driven through the built Tend.
 *
 *   node test/real-agents/main.ts [--full] [--write] [--jobs n] [--agents a,b] [--no-room] [scenario …]
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cellsOf, type Cell } from './cells.ts';
import { mismatches } from './compare.ts';
import { install } from './install.ts';
import { PINS } from './pins.ts';
import { inWords, lineOf, overview, type Result, write } from './report.ts';
import { NO_WALLS, play, type Walls, wallsHere } from './room.ts';
import type { Said, Seen } from './seen.ts';
import { SCENARIOS } from './scenarios.ts';

const ROOT = join(import.meta.dirname, '../..');
/** A cell that is not over by then (ms) is ended and counts as failed. */
const CAP = 180_000;
const LONG_CAP = 420_000;

const USAGE = `node test/real-agents/main.ts [--full] [--write] [--jobs n] [--agents a,b] [--no-room] [scenario …]

  --full      also what lasts for minutes (or TEND_TEST_AGENTS=full)
  --write     writes docs/agents-matrix.md
  --jobs n    programs at a time (default 2)
  --no-room   without namespaces, as where there are none
  --agents    ${PINS.map(({ name }) => name).join(', ')}
  scenarios   ${SCENARIOS.map(({ name }) => name).join(', ')}
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function wishes() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      full: { type: 'boolean', default: process.env['TEND_TEST_AGENTS'] === 'full' },
      write: { type: 'boolean', default: false },
      jobs: { type: 'string', default: '2' },
      agents: { type: 'string', default: '' },
      'no-room': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const agents = values.agents.split(',').filter((name) => name !== '');
  const known = new Set([...SCENARIOS, ...PINS].map(({ name }) => name));
  const unknown = [...positionals, ...agents].filter((name) => !known.has(name));
  return { ...values, agents, unknown, scenarios: positionals, jobs: Number(values.jobs) };
}

async function main(): Promise<void> {
  const wish = wishes();
  if (wish.help || wish.unknown.length > 0) {
    process.stdout.write(`${wish.unknown.map((name) => `unknown: ${name}\n`).join('')}${USAGE}`);
    process.exitCode = wish.help ? 0 : 2;
    return;
  }
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), '--if-stale']);
  const chosen = PINS.filter(({ name }) => wish.agents.length === 0 || wish.agents.includes(name));
  const installed = await install(chosen, say);
  for (const { pin, reason } of installed)
    if (reason !== undefined) say(`skip ${pin.name}: ${reason}`);
  const { walls, note } = wish['no-room'] ? NO_WALLS : wallsHere();
  say(chosen.map(({ name, version }) => `${name} ${version}`).join(', '));
  say(note);
  const cells = cellsOf(installed, wish);
  const cap = wish.full ? LONG_CAP : CAP;
  const results = await playAll(cells, Math.max(1, wish.jobs), (cell) => result(cell, walls, cap));
  tell(results, overview(results, installed));
  const skipped = installed.filter(({ reason }) => reason !== undefined).length;
  if (wish.write) write({ results, installed, note });
  const failed = results.filter(({ mismatches: found }) => found.length > 0).length;
  say(`${results.length - failed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function result(cell: Cell, walls: Walls, cap: number): Promise<Result> {
  const started = performance.now();
  const over = (seen: Seen | null, found: readonly string[]): Result => ({
    ...cell,
    seen,
    mismatches: found,
    ms: performance.now() - started,
  });
  try {
    const { seen, problem } = JSON.parse(await play({ ...cell, walls, cap })) as Said;
    return seen === undefined
      ? over(null, [problem])
      : over(seen, mismatches(cell.agent, cell.scenario, seen));
  } catch (error) {
    return over(null, [error instanceof Error ? error.message : String(error)]);
  }
}

/** Plays some at a time, and tells each end as it comes. */
async function playAll(
  cells: readonly Cell[],
  jobs: number,
  one: (cell: Cell) => Promise<Result>,
): Promise<Result[]> {
  const queue = [...cells];
  const results: Result[] = [];
  const width = `${cells.length}`.length;
  const work = async (): Promise<void> => {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
      const ended = await one(cell);
      results.push(ended);
      say(`${`${results.length}`.padStart(width)}/${cells.length} ${lineOf(ended)}`);
      for (const found of ended.mismatches) say(`${' '.repeat(2 * width + 2)}${found}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return results;
}

function tell(results: readonly Result[], matrix: string): void {
  say(`\n${matrix}\n`);
  for (const { agent, scenario, seen, mismatches: found } of results)
    if (found.length > 0) say(`${agent} ${scenario}: ${inWords(seen)}\n  ${found.join('\n  ')}`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    say(`ended by ${signal}`);
    process.exit(130);
  });
await main();
