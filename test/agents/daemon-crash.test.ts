import { writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Item, Output, Task } from '../../src/interfaces/client/index.ts';
import { AgentHome } from '../cli/agent-home.ts';
import { until } from '../cli/home.ts';
import { call } from './claude-lines.ts';
import { ask } from '../http/harness.ts';
import { answers, ends, isAlive, line, opens, says, type Step } from './ground.ts';

const stage = new AgentHome();
const { home } = stage;
afterAll(() => stage.close());
beforeEach(() => {
  stage.calls();
});

type Event = Item<'agentEvents'>;
interface Status {
  pid: number;
  socket: string;
}

const eventsOf = async (id: string): Promise<Event[]> =>
  (await home.out('logs', '--events', id))
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text) as Event);
const textsIn = (events: readonly Event[]): unknown[] =>
  events.flatMap((event) => (event.kind === 'text' ? [event['text']] : []));
/** What stays the same whoever reads it; when it had been seen may not be known yet. */
const placed = ({ at: _at, ...event }: Event) => event;
const show = (id: string): Promise<Task> => home.json<Task>('show', id);
const go = (name = 'go'): void => writeFileSync(stage.at(name), '');
/** The daemon of this home is killed, and nothing else. */
async function killDaemon(): Promise<void> {
  const { pid } = await home.json<Status>('daemon', 'status');
  expect(home.processes().map((one) => one.pid)).toContain(pid);
  process.kill(pid, 'SIGKILL');
  await until('the daemon is gone', () => !isAlive(pid));
}
async function completions(id: string): Promise<number> {
  const { deliveries } = await home.json<Output<'inbox'>>('inbox');
  return deliveries.filter((one) => one.taskId === id && one.kind === 'completion').length;
}
const toldAtLeast = (id: string, count: number) =>
  until(`${count} events of ${id}`, async () => (await eventsOf(id)).length >= count);

/** An agent that says 4 × 12 things, each dozen once a file of this name and number is there. */
function sections(name: string) {
  const parts = [0, 1, 2, 3];
  const texts = (part: number): string[] =>
    Array.from({ length: 12 }, (_, nth) => `Step ${part}.${nth}`);
  const steps: Step[] = parts.flatMap((part) => [
    { wait_for: stage.at(`${name}-${part}`) },
    ...texts(part).map((text) => ({ after: '30ms', ...says(text, { id: text }) })),
  ]);
  return { parts, texts: parts.flatMap(texts), steps };
}

describe('the daemon is killed while an agent runs', () => {
  test('the next one adopts it: the end is right, nothing is lost or told twice', async () => {
    stage.plays(
      'claude',
      opens(),
      says('One.', { id: 'm1' }),
      { wait_for: stage.at('go') },
      says('Two.', { id: 'm2' }),
      ends({ result: 'Two.', num_turns: 2 }),
    );
    const id = await stage.start('claude', 'Fix it');
    await toldAtLeast(id, 3);
    const before = await eventsOf(id);
    await killDaemon();
    expect((await eventsOf(id)).map(placed)).toEqual(before.map(placed));
    go();
    expect((await home.tend(['wait', id])).code).toBe(0);
    const after = await eventsOf(id);
    expect(after.slice(0, before.length).map(placed)).toEqual(before.map(placed));
    expect(textsIn(after)).toEqual(['One.', 'Two.']);
    expect(new Set(after.map((event) => event.id)).size).toBe(after.length);
    expect(await show(id)).toMatchObject({
      answer: 'Two.',
      attempt: 1,
      usage: { inputTokens: 15, outputTokens: 5, cachedTokens: 3, costUsd: 0.25, turns: 2 },
    });
    expect(await completions(id)).toBe(1);
    expect(stage.calls()).toHaveLength(1);
  });

  test('and the agent ends before there is another', async () => {
    stage.plays('claude', opens(), { wait_for: stage.at('go2') }, ...answers('Done.').slice(1));
    const id = await stage.start('claude', 'Fix it');
    await toldAtLeast(id, 1);
    const [call] = stage.calls();
    await killDaemon();
    go('go2');
    await until('the agent is over', () => !isAlive(call?.pid ?? 0));
    expect((await home.tend(['wait', id])).code).toBe(0);
    const task = await show(id);
    expect(task).toMatchObject({ state: 'completed', answer: 'Done.', attempt: 1 });
    expect(await completions(id)).toBe(1);
  });

  test('and whoever waits for its answer gets it, and reads nothing twice', async () => {
    stage.plays(
      'claude',
      opens(),
      says('One.', { id: 'm1' }),
      // What it says last may be its answer, which is told apart: only then is it known that it is none.
      line(call('Bash', { command: 'npm test' })),
      { wait_for: stage.at('go3') },
      says('Two.', { id: 'm2' }),
      says('Three.', { id: 'm3' }),
      ends({ result: 'Three.' }),
    );
    const waiting = home.start(stage.runWords(['claude', 'Fix it', '--wait']));
    await until('the first words', () => waiting.said.stderr.includes('One.'));
    await killDaemon();
    await home.out('daemon', 'start');
    go('go3');
    const { code, stdout, stderr } = await waiting.result;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Three.\n' });
    expect(stderr.match(/One\./g)).toHaveLength(1);
    expect(stderr).toMatch(/One\.[\s\S]*Two\./);
  });

  test('again and again, while the agent writes', async () => {
    const { parts, texts, steps } = sections('part');
    stage.plays('claude', opens(), ...steps, ends({ result: 'Done.', num_turns: 48 }));
    const id = await stage.start('claude', 'Fix it', '--max-turns', '99');
    let seen: Event[] = [];
    for (const part of parts) {
      go(`part-${part}`);
      await killDaemon();
      const now = await eventsOf(id);
      expect(now.slice(0, seen.length).map(placed)).toEqual(seen.map(placed));
      seen = now;
      await toldAtLeast(id, 1 + 24 * (part + 1));
    }
    expect((await home.tend(['wait', id])).code).toBe(0);
    expect(textsIn(await eventsOf(id))).toEqual(texts);
    expect(await show(id)).toMatchObject({ attempt: 1, usage: { turns: 48, outputTokens: 5 } });
    expect(await completions(id)).toBe(1);
  });
});

/** Server-sent events as they stand on the wire. */
interface Sent {
  id: string;
  event: string;
  data: Event;
}
const parsed = (text: string): Sent[] =>
  text
    .split('\n\n')
    .filter((block) => block.includes('data: ') && block.startsWith('id: '))
    .map((block) => {
      const [, id = '', event = '', data = ''] =
        /^id: (.+)\nevent: (.+)\ndata: (.+)$/.exec(block) ?? [];
      return { id, event, data: JSON.parse(data) as Event };
    });

describe('events over HTTP', () => {
  const socketPath = async (): Promise<string> =>
    (await home.json<Status>('daemon', 'start')).socket;
  const path = (id: string): string => `/v1/tasks/${id}/agent-events`;

  test('go on after any of them, and say when they are over', async () => {
    stage.plays('claude', ...answers('Fixed it.'), { err: 'x' });
    const id = await stage.start('claude', 'Fix it');
    await home.tend(['wait', id]);
    const socket = { socketPath: await socketPath() };
    const { body, headers } = await ask(socket, { path: path(id) });
    expect(headers['content-type']).toBe('text/event-stream');
    expect(body.trimEnd().split('\n\n').at(-1)).toBe('event: end\ndata: {}');
    const all = parsed(body);
    expect(all.map(({ data }) => data.kind)).toEqual([
      'session',
      'usage',
      'text',
      'usage',
      'final',
    ]);
    expect(all.every((one) => one.id === one.data.id && one.event === 'agent')).toBe(true);
    for (const [index, { id: last }] of all.entries()) {
      const rest = await ask(socket, { path: path(id), headers: { 'Last-Event-ID': last } });
      expect(parsed(rest.body)).toEqual(all.slice(index + 1));
    }
    const wrong = await ask(socket, { path: path(id), headers: { 'Last-Event-ID': 'x' } });
    expect(wrong.body).toContain('invalid_input');
  });

  test('can be read on by another daemon, from where a follower was', async () => {
    const { parts, texts, steps } = sections('heard');
    stage.plays('claude', opens(), ...steps, ends({ result: 'Done.' }));
    const id = await stage.start('claude', 'Fix it', '--max-turns', '99');
    const got: Sent[] = [];
    for (const part of parts) {
      const last = got.at(-1)?.id;
      const stream = await open(await socketPath(), path(id), last);
      go(`heard-${part}`);
      await until('some events', () => parsed(stream.said).length > 8);
      await killDaemon();
      await until('the stream broke off', () => stream.closed);
      got.push(...parsed(stream.said.slice(0, stream.said.lastIndexOf('\n\n') + 2)));
    }
    const rest = await ask(
      { socketPath: await socketPath() },
      { path: path(id), headers: { 'Last-Event-ID': got.at(-1)?.id ?? '' } },
    );
    got.push(...parsed(rest.body));
    expect(textsIn(got.map(({ data }) => data))).toEqual(texts);
    expect(got.map((one) => one.id)).toEqual((await eventsOf(id)).map((one) => one.id));
  });
});

/** A raw stream, its text growing in `said`. */
async function open(socketPath: string, path: string, last?: string) {
  const headers = last === undefined ? {} : { 'Last-Event-ID': last };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ socketPath, path, headers, agent: false }, resolve).on('error', reject).end();
  });
  const stream = { said: '', closed: false };
  response.setEncoding('utf8').on('data', (text: string) => (stream.said += text));
  response.on('error', () => undefined).on('close', () => (stream.closed = true));
  return stream;
}
