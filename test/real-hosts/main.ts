/**
 * The real command-line programs of agent hosts against a scripted model: each delegates through MCP, ends its turn,
 * and is told on its next turn, once, what came of it, while the daemon is killed.
 *
 *   node test/real-hosts/main.ts [--no-room] [--hosts a,b] [never|between|during …]
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install } from '../real-agents/install.ts';
import { PINS } from '../real-agents/pins.ts';
import { NO_WALLS, play, wallsHere } from '../real-agents/room.ts';
import { HOST_CALLS } from './hosts.ts';
import type { Kills, Seen } from './play.ts';

const ROOT = join(import.meta.dirname, '../..');
/** A conversation that is not over by then (ms) has failed. */
const CAP = 240_000;
const KILLS: readonly Kills[] = ['never', 'between', 'during'];

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Said {
  seen?: Seen;
  problem?: string;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      hosts: { type: 'string', default: '' },
      'no-room': { type: 'boolean', default: false },
    },
  });
  const named = values.hosts.split(',').filter((name) => name !== '');
  const kills = KILLS.filter((one) => positionals.length === 0 || positionals.includes(one));
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), '--if-stale']);
  const pins = PINS.filter(
    ({ name }) => HOST_CALLS[name] !== undefined && (named.length === 0 || named.includes(name)),
  );
  const { walls, note } = values['no-room'] ? NO_WALLS : wallsHere();
  say(note);
  let failed = 0;
  for (const { pin, program, reason } of await install(pins, say)) {
    if (program === undefined) {
      say(`skip ${pin.name}: ${reason}`);
      continue;
    }
    for (const scenario of kills) {
      const script = join(import.meta.dirname, 'inside.ts');
      const wish = { agent: pin.name, scenario, program, walls, cap: CAP, script };
      const faults = await faultsOf(pin.name, () => play(wish));
      if (faults.length > 0) failed++;
      say(
        `${faults.length === 0 ? 'ok  ' : 'FAIL'} ${pin.name} ${pin.version}, daemon killed: ${scenario}`,
      );
      for (const fault of faults) say(`       ${fault}`);
    }
  }
  process.exitCode = failed === 0 ? 0 : 1;
}

async function faultsOf(host: string, playIt: () => Promise<string>): Promise<string[]> {
  try {
    const { seen, problem } = JSON.parse(await playIt()) as Said;
    return seen === undefined ? [problem ?? 'nothing was seen'] : mismatches(host, seen);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Where what a hook adds stands in the conversation for good, every later request repeats it. */
function mismatches(host: string, seen: Seen): string[] {
  const { keeps, late } = HOST_CALLS[host] ?? {};
  const wanted =
    late === true && seen.told[1] === 0 ? [0, 0, 1] : keeps === false ? [0, 1, 0] : [0, 1, 1];
  const faults: string[] = [];
  const differs = (what: string, found: unknown, expected: unknown): void => {
    if (JSON.stringify(found) !== JSON.stringify(expected))
      faults.push(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
  };
  differs('the completion, in each turn', seen.told, wanted);
  differs('the question, in each turn', seen.asked, wanted);
  differs('owner', seen.owner, `${host}:${seen.session}`);
  differs('left undelivered', seen.left, []);
  differs('state of the task', seen.state, 'completed');
  differs('the result was told', seen.result, true);
  return faults;
}

await main();
