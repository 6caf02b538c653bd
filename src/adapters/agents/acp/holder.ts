/**
 * Speaks ACP with one agent for one attempt: started with the path of its configuration, it holds the agent's pipes,
 * prints what happens on stdout, one line of JSON each, and ends when the agent's turn does. Exits with 0 only after
 * `end_turn`; a signal that ended it is its own end. Whatever happens, it leaves no agent behind.
 */
import * as fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { AgentProcess } from './agent-process.ts';
import { Client, type Decide } from './client.ts';
import { Conversation, Failure } from './conversation.ts';
import type { HolderConfig } from './line.ts';
import { complain, print } from './output.ts';
import { permitFor } from './permit.ts';
import { policy } from './policy.ts';
import { Peer } from './rpc.ts';

/** How long the agent may take to end its turn once it was cancelled (ms). */
const LEAVE_OFF = 2_000;
/** How long it may take to end by itself after its turn, and when there is no time (ms). */
const FAREWELL = 3_000;
const SHORT_FAREWELL = 1_000;

const config = JSON.parse(fs.readFileSync(process.argv[2] ?? '', 'utf8')) as HolderConfig;
const agent = new AgentProcess(config.command, config.cwd);

// A full disk, or a defect: said where it can be, and never at the cost of an agent that nobody holds.
process.on('uncaughtException', (error) => {
  complain(`the ACP holder cannot go on: ${error.message}`);
  process.exit(1);
});
process.on('exit', () => agent.kill());

const interruption = new Promise<NodeJS.Signals>((resolve) => {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, resolve);
});

/** A person is asked: the agent leaves off, and its work goes on another time. */
const askedFor = Promise.withResolvers<void>();
const parked = askedFor.promise.then(async (): Promise<number> => {
  if (conversation.cancel()) await Promise.race([conversed, pause(LEAVE_OFF)]);
  return 1;
});

/** What the permissions of the task leave open, the rules decide, or a person does. */
const decide: Decide = async (request) => {
  const answer = policy(request, config);
  const { tools, permissions } = config;
  if (answer.allowed || tools?.permits !== true || permissions !== 'workspace') return answer;
  const permit = await permitFor(request, tools);
  // The protocol has no words for a refusal: it would try something else.
  if (permit.ruling === 'asked') setImmediate(() => askedFor.resolve());
  return policy(request, config, permit);
};
const client = new Client(config, decide, print);
const peer = new Peer(agent.stdin, client);
agent.stdout.on('data', (chunk: Buffer) => peer.take(chunk));
const conversation = new Conversation(peer, client, config, print);

/** The end of the agent's turn, or of the agent: the exit code. */
async function converse(): Promise<number> {
  const gone = agent.gone.then((why) => {
    throw new Failure('exit', why);
  });
  try {
    return (await Promise.race([conversation.hold(), gone])) === 'end_turn' ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { phase, code, message, data } = error;
    print({ type: 'error', phase, code, message, data });
    return 1;
  }
}

const conversed = converse();
const end = await Promise.race([conversed, interruption, parked]);
if (typeof end === 'string') {
  print({ type: 'interrupted', signal: end });
  if (conversation.cancel()) await Promise.race([conversed, pause(LEAVE_OFF)]);
}
await agent.end(typeof end === 'string' ? SHORT_FAREWELL : FAREWELL);
if (typeof end === 'string') {
  // Its own end tells what ended it.
  process.removeAllListeners(end);
  process.kill(process.pid, end);
} else process.exit(end);
