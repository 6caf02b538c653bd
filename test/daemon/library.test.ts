import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTend, TendError, type Tend } from '../../src/index.ts';

let home: string;
let tend: Tend;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tl-'));
  tend = await openTend({ home });
});
afterEach(async () => {
  await tend.close();
  rmSync(home, { recursive: true, force: true });
});

const env = { PATH: '/usr/bin:/bin' };

test('the library runs a task in this process and tells its end once', async () => {
  const task = await tend.submit({ command: 'echo out; exit 4', cwd: '/', env, owner: 'host:1' });
  const { tasks } = await tend.wait({ ids: [task.id] });
  expect(tasks).toMatchObject([{ id: task.id, state: 'failed', reason: 'exit_code', exitCode: 4 }]);
  expect(await tend.output({ id: task.id })).toMatchObject({ text: 'out\n', ended: true });
  const { deliveries } = await tend.inbox({ owner: 'host:1' });
  expect(deliveries.map((one) => one.taskId)).toEqual([task.id]);
  await tend.ack({ owner: 'host:1', ids: deliveries.map((one) => one.id) });
  expect(await tend.inbox({ owner: 'host:1' })).toEqual({ deliveries: [] });
});

test('its streams go on where they are told to', async () => {
  const task = await tend.submit({ command: 'printf 123456', cwd: '/', env });
  await tend.wait({ ids: [task.id] });
  const texts: string[] = [];
  for await (const { data } of tend.follow({ id: task.id }, { lastEventId: '4' }))
    texts.push(data.text);
  expect(texts.join('')).toBe('56');
  const states: string[] = [];
  for await (const { data } of tend.taskEvents({ id: task.id })) states.push(data.state);
  expect([states[0], states.at(-1)]).toEqual(['queued', 'completed']);
});

test('a second opening of the same folder is a client of the first', async () => {
  const other = await openTend({ home });
  const task = await other.submit({ argv: ['true'], cwd: '/', env });
  expect((await tend.waitOne({ id: task.id })).state).toBe('completed');
  await other.close();
  expect((await tend.show({ id: task.id })).state).toBe('completed');
});

test('what is wrong with an input is said by name', async () => {
  const given = { argv: ['true'], cwd: 'relative', env };
  const refusal = await tend.submit(given).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(TendError);
  expect(refusal).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('cwd') });
});

test('a task outlives the process that opened the library', async () => {
  const task = await tend.submit({ command: 'sleep 0.3; exit 6', cwd: '/', env });
  await tend.close();
  tend = await openTend({ home });
  expect(await tend.waitOne({ id: task.id })).toMatchObject({
    state: 'failed',
    exitCode: 6,
    attempt: 1,
  });
});
