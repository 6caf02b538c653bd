/** Plays one conversation, inside its room; prints what was seen as one line. */
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { init, result, said } from '../agents/claude-lines.ts';
import { furnish, type Place } from '../real-agents/place.ts';
import { PROVIDERS } from '../real-agents/providers.ts';
import type { Inside } from '../real-agents/room.ts';
import { startStub } from '../fixtures/stub-model-server.mjs';
import { SCENARIO, WORKER } from './model.ts';
import { converse, type Kills } from './play.ts';
import { type Asked, BIN, program } from './program.ts';

const FAKE = join(dirname(BIN), 'tend-fake-agent.cjs');
const OURS = { session_id: '{{session}}' };
const ASKED = 'asked';

/** Waits for the word, asks and ends; a later call has the answer. */
const WORK: readonly object[] = [
  { json: init(OURS), unless_file: ASKED },
  { wait_for: 'go', unless_file: ASKED },
  { file: ASKED, text: '', unless_file: ASKED },
  {
    tell: 'ask',
    with: { question: 'Which colour?', options: ['red', 'blue'] },
    unless_file: ASKED,
  },
  { json: said('I ask.', OURS), unless_file: ASKED },
  { json: result({ ...OURS, result: 'I ask.' }), unless_file: ASKED },
  { json: init(OURS), if_file: ASKED },
  { json: said('Painted it blue.', OURS), if_file: ASKED },
  { json: result({ ...OURS, result: 'Painted it blue.' }), if_file: ASKED },
];

/** The worker's program, first in the path. */
function hire(home: string): string {
  const folder = join(home, 'bin');
  fs.mkdirSync(folder, { recursive: true });
  fs.symlinkSync(FAKE, join(folder, WORKER));
  const script = WORK.map((step) => `${JSON.stringify(step)}\n`).join('');
  fs.writeFileSync(join(folder, `${WORKER}.jsonl`), script);
  return folder;
}

async function main(): Promise<void> {
  const { agent, scenario, home, path } = JSON.parse(process.argv[2] ?? '') as Inside;
  const asked: Asked[] = [];
  const stub = await startStub({
    cwd: join(home, 'repo'),
    onModelCall: (body: object) => void asked.push({ words: JSON.stringify(body) }),
  });
  const provide = PROVIDERS[agent];
  if (provide === undefined) throw new RangeError(agent);
  const provider = provide({ url: stub.scenarioUrl(SCENARIO), subscription: false });
  const place: Place = furnish({ home, path: [hire(home), ...path], provider });
  const tend = program(place);
  try {
    await tend.out('integrate', agent, '--yes');
    const kills = scenario as Kills;
    const hostProgram = join(path.at(-1) ?? '', agent);
    const seen = await converse({
      host: agent,
      hostProgram,
      place,
      tend,
      kills,
      requests: () => asked,
    });
    process.stdout.write(`${JSON.stringify({ seen })}\n`);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    process.stdout.write(`${JSON.stringify({ problem })}\n`);
  } finally {
    await tend.run('daemon', 'stop');
    await stub.close();
  }
}

await main();
