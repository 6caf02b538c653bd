/** Text for running commands, through the engine: told as it is, and once though daemons come and go. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_RETRY } from '../../src/domain/retry.ts';
import type { Task } from '../../src/domain/task.ts';
import { until } from '../crash/until.ts';
import { type Ground, openGround, type Spec } from './ground.ts';

let ground: Ground;
beforeEach(async () => {
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
  expect(ground.faults).toEqual([]);
});

const NEVER = new AbortController().signal;
const send = async (id: string, text: string, end = false) =>
  (await ground.node.inputs.send(id, { data: Buffer.from(text), end }, NEVER)).input;
const running = async (command: string, spec: Partial<Spec> = {}): Promise<Task> => {
  const { id } = await ground.submit(command, { input: true, ...spec });
  return ground.reaches(id, 'running');
};
const output = async ({ id }: Task): Promise<string> =>
  Buffer.from(
    (await ground.ports.output.read({ taskId: id, number: 1 }, 'output', 0, 1_000_000)).data,
  ).toString();
const shown = async ({ id }: Task) =>
  (await ground.node.describe([await ground.node.find(id)]))[0]?.inputs.map(({ state }) => state);

test('text is written, and told as such', async () => {
  const task = await running('while read -r word; do echo "got $word"; done');
  expect(await send(task.id, 'one\n')).toMatchObject({ number: 1, bytes: 4, state: 'written' });
  await until('it is read', async () => (await output(task)) === 'got one\n');
  expect(await send(task.id, 'two\n', true)).toMatchObject({ end: true, state: 'written' });
  const [ended] = await ground.settled(task.id);
  expect(ended?.state).toBe('completed');
  expect(await output(task)).toBe('got one\ngot two\n');
  expect(await shown(task)).toEqual(['written', 'written']);
  await expect(send(task.id, 'late')).rejects.toMatchObject({ code: 'already_ended' });
});

test('a daemon that died before it had a text written: the next one has it written once', async () => {
  const task = await running('cat');
  await send(task.id, 'one ');
  await ground.reopen(async () => {
    const path = ground.ports.output.path({ taskId: task.id, number: 1 }, 'output');
    writeFileSync(join(path, '../input/2'), 'two ');
  });
  await until('it is read', async () => (await output(task)) === 'one two ');
  await ground.reopen();
  await send(task.id, 'three', true);
  await ground.settled(task.id);
  expect(await output(task)).toBe('one two three');
});

test('what does not fit is accepted, and told to be dropped when nobody reads it in the end', async () => {
  const task = await running('sleep 60');
  expect((await send(task.id, 'x'.repeat(500_000))).state).toBe('accepted');
  await ground.stop(task.id);
  await ground.settled(task.id);
  expect(await shown(task)).toEqual(['dropped']);
});

test('two senders at once: each text is whole', async () => {
  const task = await running('cat');
  const texts = Array.from({ length: 10 }, (_none, at) => String(at).repeat(10_000));
  await Promise.all(texts.map((text) => send(task.id, `${text}\n`)));
  await send(task.id, '', true);
  await ground.settled(task.id);
  expect((await output(task)).split('\n').slice(0, -1).sort()).toEqual(texts);
});

test('refused with the reason: no pipe, not running yet, after its end, one that closed its stdin', async () => {
  const without = await running('sleep 60', { input: false });
  await expect(send(without.id, 'x')).rejects.toMatchObject({
    code: 'unsupported',
    hint: 'Start such a task with: tend run --input -- …',
  });
  const waiting = await ground.submit('cat', {
    input: true,
    after: [{ task: without.id, when: 'success' }],
  });
  await expect(send(waiting.id, 'x')).rejects.toMatchObject({
    message: expect.stringContaining('does not run yet'),
  });
  const shut = await running('exec 0</dev/null; echo shut; sleep 60');
  await until('it is shut', async () => (await output(shut)) === 'shut\n');
  expect((await send(shut.id, 'x')).state).toBe('dropped');
  await expect(send(shut.id, 'y')).rejects.toMatchObject({
    message: expect.stringContaining('closed its stdin'),
  });
  const ended = await running('cat >/dev/null; sleep 60');
  await send(ended.id, 'x', true);
  await expect(send(ended.id, 'y')).rejects.toMatchObject({
    message: expect.stringContaining('was ended before'),
  });
});

test('each attempt has a stdin of its own', async () => {
  const task = await running('read -r word; echo "got $word"; [ "$word" = good ]', {
    retry: { ...NO_RETRY, attempts: 1, backoff: [10] },
  });
  await send(task.id, 'bad\n');
  await until('it runs again', async () => {
    const { state, attempt } = await ground.node.find(task.id);
    return state === 'running' && attempt?.number === 2;
  });
  expect(await send(task.id, 'good\n')).toMatchObject({ number: 1 });
  const [ended] = await ground.settled(task.id);
  expect(ended?.state).toBe('completed');
});
