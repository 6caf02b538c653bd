/** Plays one cell, inside its room; prints what was seen as one line. */
import { join } from 'node:path';
import { outside } from './leftovers.ts';
import { furnish } from './place.ts';
import { playOut } from './plays.ts';
import { PROVIDERS } from './providers.ts';
import type { Inside } from './room.ts';
import type { Said } from './seen.ts';
import { SCENARIOS } from './scenarios.ts';
import { stub } from './stub.ts';

const given = JSON.parse(process.argv[2] ?? '') as Inside;
const scenario = SCENARIOS.find(({ name }) => name === given.scenario);
const provide = PROVIDERS[given.agent];
if (scenario === undefined || provide === undefined) throw new RangeError(process.argv[2]);

const server = await stub(join(given.home, 'repo'));
const provider = provide({
  url: server.scenarioUrl(scenario.stub ?? scenario.name),
  subscription: scenario.subscription === true,
});
const place = furnish({ home: given.home, path: given.path, provider });
const before = outside(given.home);
const tell = (said: Said): void => void process.stdout.write(`${JSON.stringify(said)}\n`);
try {
  tell({ seen: await playOut({ ...given, scenario, place, stub: server, before }) });
} catch (error) {
  tell({ problem: error instanceof Error ? error.message : String(error) });
}
await server.close();
