import { expect, test } from 'vitest';
import { operations } from '../../src/operations/index.ts';
import type { Client, Output, Verb } from '../../src/interfaces/client/index.ts';
import { PATCH } from './fixture-work.ts';
import { ask, house, post } from './harness.ts';
import { callSharedVerbs } from './shared-verbs.ts';
import { callWatchVerbs } from './watch-verbs.ts';
import { callWorkerVerbs } from './worker-verbs.ts';

const WORK = { command: 'make', cwd: '/' } as const;

test('every operation answers what its schema says, through the client', async () => {
  const { engine, client } = await house();
  const called = new Set<string>();
  const checked = async <K extends Verb>(
    verb: K,
    ...given: Parameters<Client[K]>
  ): Promise<Output<K>> => {
    called.add(verb);
    const method = client[verb] as (...given: unknown[]) => Promise<Output<K>>;
    const answer = await method(...given);
    expect(operations[verb].output.parse(answer)).toEqual(answer);
    return answer;
  };

  const { id } = await checked('submit', { ...WORK, env: { A: '1' }, after: [], timeout: '2m' });
  expect(engine.submitted[0]?.spec.timeout).toBe(120_000);
  await engine.start(id);
  await engine.write(id, 'hello');
  const waiting = checked('waitOne', { id, timeout: 60 });
  expect((await checked('output', { id, tail: 3 })).text).toBe('llo');
  await engine.finish(id, 7);
  expect(await waiting).toMatchObject({ id, state: 'failed', exitCode: 7 });
  expect((await checked('wait', { ids: [id], any: true })).timedOut).toBe(false);
  expect((await checked('show', { id })).reason).toBe('exit_code');
  expect((await checked('attempts', { id })).attempts).toHaveLength(1);
  expect((await checked('history', { id })).changes.map((change) => change.event)).toEqual([
    'submit',
    'claim',
    'start',
    'exit',
    'fail',
  ]);
  const { deliveries } = await checked('inbox', { wait: '1s' });
  expect(deliveries).toHaveLength(1);
  const ids = deliveries.map((delivery) => delivery.id);
  expect(await checked('ack', { ids })).toEqual({ acked: ids });
  const again = await checked('retry', { id });
  expect(again.retryOf).toBe(id);
  expect((await checked('resume', { id, text: 'go on' })).resumeOf).toBe(id);
  const part = { group: 'g-1', cwd: '/', tasks: [{ name: 'a', command: 'true' }] };
  expect((await checked('batch', part)).tasks).toMatchObject([{ name: 'a', created: true }]);
  expect((await checked('agents', { env: { PATH: '/bin' } })).agents).toEqual([]);
  expect((await checked('agentList')).agents).toEqual([]);
  expect((await checked('hold', { name: 'claude', for: '1h' })).holds).toEqual([]);
  expect((await checked('release', { name: 'claude' })).holds).toEqual([]);
  expect((await checked('agentAck', { name: 'claude' })).holds).toEqual([]);
  expect((await checked('agentChanges', { agent: 'claude' })).changes).toEqual([]);
  expect((await checked('prompt', { id })).attempt).toBe(1);
  expect(await checked('advise', { prompt: 'x', cwd: '/' })).toMatchObject({ now: null });
  await expect(checked('replay', { agent: 'claude', stdout: '/out' })).rejects.toMatchObject({
    code: 'unknown_agent',
  });
  const task = { ...WORK, env: { A: '1' } };
  const daily = await checked('addSchedule', { cron: '0 9 * * *', timeZone: 'Asia/Tokyo', task });
  expect(daily).toMatchObject({ cron: '0 9 * * *', overlap: 'skip', catchUp: 'once' });
  const often = { name: 'often', every: '1h', catchUp: 'all', task } as const;
  expect(await checked('addSchedule', often)).toMatchObject({ every: '1h', overlap: 'queue' });
  expect((await checked('schedules')).schedules).toHaveLength(2);
  expect((await checked('schedule', { id: daily.id })).next).toHaveLength(5);
  expect((await checked('pauseSchedule', { id: 'often' })).paused).toBe(true);
  expect((await checked('unpauseSchedule', { id: 'often' })).paused).toBe(false);
  expect((await checked('removeSchedule', { id: 'often' })).name).toBe('often');
  expect((await checked('stop', { id: again.id, tree: true, grace: '1s' })).state).toBe(
    'cancelled',
  );
  expect((await checked('kill', { id: again.id })).state).toBe('cancelled');
  expect((await checked('list', { state: ['failed', 'cancelled'], limit: 5 })).tasks).toHaveLength(
    2,
  );
  expect(await checked('remove', { id })).toMatchObject({ removed: [id], dryRun: false });
  expect((await checked('pause', { group: 'g' })).groups).toEqual(['g']);
  expect((await checked('unpause')).groups).toEqual([]);
  const compared = await checked('diff', { id: again.id, path: ['a,b', 'c'] });
  expect(compared).toMatchObject({ patch: PATCH.join(''), truncated: false, commits: 1 });
  expect(compared.paths.map(({ path }) => path)).toEqual(['a,b', 'c']);
  for (const verb of ['accept', 'reject'] as const)
    await expect(checked(verb, { id: again.id })).rejects.toMatchObject({ code: 'not_ended' });
  for (const verb of ['merge', 'previewMerge'] as const)
    await expect(checked(verb, { id: again.id })).rejects.toMatchObject({ code: 'unsupported' });
  expect((await checked('waitMerge', { id: again.id })).id).toBe(again.id);
  await expect(checked('undo', { id })).rejects.toMatchObject({ code: 'not_found' });
  await checked('gc', { olderThan: '1d', dryRun: true });
  await checked('configure', { name: 'limits.slots', value: '3' });
  expect((await checked('config')).values).toEqual({ 'limits.slots': '3' });
  expect((await checked('doctor')).ok).toBe(true);
  expect(await checked('cost', { by: 'day', since: '1h' })).toMatchObject({ shares: [] });
  expect((await checked('channels')).channels).toMatchObject([{ name: 'channel:phone' }]);
  expect((await checked('testNotify', { channel: 'phone' })).results).toMatchObject([
    { took: true, answer: 'channel:phone answered 200' },
  ]);
  expect((await checked('deadDeliveries')).deliveries).toEqual([]);
  await expect(checked('resend', { id: 'd-none' })).rejects.toMatchObject({ code: 'not_found' });
  expect(await checked('resendAll')).toEqual({ resent: [] });
  expect(await checked('digest', { since: '1h', everybody: true })).toMatchObject({ failed: 0 });
  await callSharedVerbs(checked);
  await callWorkerVerbs(engine, checked);
  await callWatchVerbs(checked);
  await checked('status');
  await checked('shutdown');
  expect(engine.stopped).toBe(1);
  expect([...called].toSorted()).toEqual(Object.keys(operations).toSorted());
});

test('a submit is accepted with 202, a repeated one with 200 and the same task', async () => {
  const { socket } = await house();
  const first = await post(socket, '/v1/tasks', WORK, { 'idempotency-key': 'k' });
  const second = await post(socket, '/v1/tasks', { ...WORK, key: 'k' });
  expect([first.status, second.status]).toEqual([202, 200]);
  expect(second.json()['id']).toBe(first.json()['id']);
  const other = await post(
    socket,
    '/v1/tasks',
    { ...WORK, command: 'x' },
    { 'idempotency-key': 'k' },
  );
  expect([other.status, other.json()['code']]).toEqual([409, 'key_conflict']);
});

test('each answer carries the protocol', async () => {
  const { socket } = await house();
  for (const path of ['/healthz', '/v1/status', '/nothing', '/v1/tasks/none']) {
    expect((await ask({ socketPath: socket }, { path })).headers['tend-protocol']).toBe('1');
  }
});

test('health, metrics and the document are there for machines', async () => {
  const { engine, client, socket } = await house();
  const at = (path: string) => ask({ socketPath: socket }, { path });
  await client.submit(WORK);
  expect((await at('/healthz')).json()).toMatchObject({ status: 'ok', pid: engine.info.pid });
  expect((await at('/readyz')).status).toBe(200);
  const metrics = await at('/metrics');
  expect(metrics.headers['content-type']).toContain('text/plain');
  expect(metrics.body).toContain('tend_tasks{state="queued"} 1\n');
  expect(metrics.body).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect((await at('/openapi.json')).json()['openapi']).toBe('3.1.0');
});

test('queries take lists with commas or repeated', async () => {
  const { client, engine, socket } = await house();
  const { id } = await client.submit(WORK);
  await engine.start(id);
  for (const query of ['state=running,queued', 'state=running&state=queued', 'state=running']) {
    const answer = await ask({ socketPath: socket }, { path: `/v1/tasks?${query}` });
    expect(answer.json()['tasks']).toHaveLength(1);
  }
});
