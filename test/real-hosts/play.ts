/** One conversation of a host: it delegates, the task asks, a person answers, and a later turn is told. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Place } from '../real-agents/place.ts';
import { until } from '../real-agents/tend.ts';
import { HOST_CALLS } from './hosts.ts';
import { DELEGATE } from './model.ts';
import type { Asked, Program } from './program.ts';

/** When the daemon is killed: never, between every two steps, or in the middle of the host's turns as well. */
export type Kills = 'never' | 'between' | 'during';

export interface Scene {
  host: string;
  /** The host's program. */
  hostProgram: string;
  place: Place;
  tend: Program;
  kills: Kills;
  /** All that the model was sent so far. */
  requests: () => readonly Asked[];
}

export interface Seen {
  /** How often each turn's last request has the completion in it: the whole conversation is in there. */
  told: number[];
  /** The same of the question. */
  asked: number[];
  owner: string;
  session: string;
  /** What is left undelivered at the end. */
  left: string[];
  state: string;
  /** The model was told the answer's result. */
  result: boolean;
}

/** Lies beside the work of the task; the worker asks once it is there. */
const GO = 'go';

export async function converse(scene: Scene): Promise<Seen> {
  const { tend, place } = scene;
  const first = await turn(scene, null, `Please ${DELEGATE} this.`);
  const session = HOST_CALLS[scene.host]?.session.exec(first.printed)?.[1] ?? '';
  await killed(scene);
  const task = await until('the task is there', async () => (await tend.tasks()).at(0));
  await killed(scene);
  fs.writeFileSync(join(place.repository, GO), '');
  await until('the task asks', async () => (await tend.task(task.id)).state === 'awaiting_input');
  await killed(scene);
  await tend.out('answer', task.id, 'blue');
  await killed(scene);
  await tend.run('wait', '--timeout', '60s', task.id);
  await killed(scene);
  const turns = [first.last];
  for (const words of ['Anything new?', 'And now?']) {
    turns.push((await turn(scene, session, words)).last);
    await killed(scene);
  }
  const { owner, state, completion, question } = await tend.delivered(task.id);
  return {
    told: turns.map((asked) => count(asked, completion)),
    asked: turns.map((asked) => count(asked, question)),
    owner,
    session,
    left: await tend.left(owner),
    state,
    result: turns.some(({ words }) => words.includes('Painted it blue.')),
  };
}

const count = (asked: Asked | undefined, id: string): number =>
  (asked?.words ?? '').split(`[${id}]`).length - 1;

/** Not by its own doing, and without a word to anybody. */
async function killed({ kills, tend }: Scene): Promise<void> {
  if (kills === 'never') return;
  const pid = await tend.daemon();
  if (pid === null) return;
  process.kill(pid, 'SIGKILL');
  await until('the daemon is dead', async () => (await tend.daemon()) === null);
}

/** A turn of the host, from its prompt to the end of its program. */
async function turn(scene: Scene, session: string | null, words: string) {
  const { host, hostProgram, place, requests, kills } = scene;
  const call = HOST_CALLS[host];
  if (call === undefined) throw new RangeError(host);
  const before = requests().length;
  const args = [...(session === null ? call.first : call.again(session)), words];
  const child = spawn(hostProgram, args, {
    cwd: place.repository,
    env: { ...place.env, ...call.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const during = kills === 'during' ? killOnRequest(scene, before, ended) : undefined;
  const [printed, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  await during;
  if (code !== 0)
    throw new Error(`${host} ended with ${code}: ${printed.slice(-600)} ${complaint.slice(-600)}`);
  const last = requests().slice(before).at(-1);
  if (last === undefined)
    throw new Error(`${host} asked its model nothing: ${complaint.slice(-600)}`);
  return { printed, last };
}

/** Kills the daemon as soon as the model is asked for the first time. */
async function killOnRequest(scene: Scene, before: number, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  await until('the model is asked', () => over || scene.requests().length > before, 120_000);
  if (!over) await killed(scene);
}
