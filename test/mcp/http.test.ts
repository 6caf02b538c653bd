import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { onTestFinished } from 'vitest';
import { until } from '../cli/home.ts';
import { call, type Said } from './ground.ts';
import { connectHttp, type HttpHouse, openHouse, socketFetch } from './http-ground.ts';

const told = ({ data }: Said): string[] =>
  ((data?.news ?? []) as { delivery: string }[]).map(({ delivery }) => delivery);

/** A way in through the socket that keeps to one connection. */
function oneConnection({ socket }: HttpHouse): typeof fetch {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return socketFetch(socket, agent);
}

const PLACE = new URL('http://localhost/mcp');

describe('/mcp', () => {
  for (const modern of [false, true])
    it(`has the same tools, through the socket (${modern ? '2026-07-28' : '2025-11-25'})`, async () => {
      const house = await openHouse();
      const client = await connectHttp(PLACE, { modern, fetch: oneConnection(house) });
      const { tools } = await client.listTools();
      expect(tools).toHaveLength(13);
      const cwd = '/tmp';
      const ran = await call(client, 'task_run', { command: 'echo $PWD', cwd, wait: 20 });
      expect(ran.data.task).toMatchObject({ verdict: 'delivered', result: '/tmp\n' });
      expect((await call(client, 'task_run', { command: 'true' })).text).toContain(
        'cwd is missing',
      );
      const { id } = ran.data.task;
      const { contents } = await client.readResource({ uri: `tend://tasks/${id}` });
      expect(contents).toHaveLength(1);
      expect((await call(client, 'task_status', { id: 'nope' })).text).toContain('not_found');
    });

  it('asks for the token over TCP, and refuses foreign pages and names', async () => {
    const { url, token } = await openHouse();
    await expect(connectHttp(url)).rejects.toThrow();
    const headers = { authorization: `Bearer ${token}` };
    const client = await connectHttp(url, { headers });
    expect((await client.listTools()).tools).toHaveLength(13);
    const status = async (more: Record<string, string>) =>
      (await post(url, { ...headers, ...more })).status;
    expect(await status({ origin: 'http://evil.example' })).toBe(403);
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ authorization: 'Bearer wrong' })).toBe(401);
  });

  it('tells an owner its news once on a connection, and again on another while nothing is acknowledged', async () => {
    const house = await openHouse();
    const headers = { 'tend-owner': 'session:1' };
    const first = await connectHttp(PLACE, { headers, fetch: oneConnection(house) });
    await call(first, 'task_run', { command: 'true', cwd: '/tmp' });
    const { engine } = house.daemon;
    const none = new AbortController().signal;
    const open = async () =>
      (await engine.inbox({ owner: 'session:1', limit: 10, wait: 0 }, none)).length;
    await until('a delivery', async () => (await open()) === 1);
    const list = await call(first, 'task_list', {});
    expect(told(list)).toHaveLength(1);
    const second = await connectHttp(PLACE, { headers, fetch: oneConnection(house) });
    expect(told(await call(second, 'task_list', {}))).toEqual(told(list));
    expect(await open()).toBe(1);
    expect(told(await call(first, 'task_list', {}))).toEqual([]);
    await until('it is acknowledged', async () => (await open()) === 0);
  });

  it('tells of changes as long as a client listens', async () => {
    const house = await openHouse();
    const client = await connectHttp(PLACE, {
      modern: true,
      fetch: socketFetch(house.socket, false),
    });
    const { data } = await call(client, 'task_run', { command: 'sleep 1', cwd: '/tmp' });
    const uri = `tend://tasks/${data.task.id}`;
    const updated: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updated.push(params.uri);
    });
    const listening = await client.listen({ resourceSubscriptions: [uri] });
    await until('an update', () => updated.includes(uri));
    await listening.close();
  });

  it('gives handles to clients that know tasks', async () => {
    const house = await openHouse();
    const client = await connectHttp(PLACE, { fetch: oneConnection(house) });
    const { z } = await import('zod');
    const anything = z.looseObject({});
    const { task } = (await client.request(
      {
        method: 'tools/call',
        params: { name: 'task_run', arguments: { command: 'echo made', cwd: '/tmp' }, task: {} },
      },
      anything,
    )) as unknown as { task: { taskId: string } };
    const params = { taskId: task.taskId };
    const result = await client.request({ method: 'tasks/result', params }, anything);
    expect(result).toMatchObject({ structuredContent: { task: { result: 'made\n' } } });
  });

  it('refuses what is no message, and ends with the daemon', async () => {
    const { url, token, daemon } = await openHouse();
    const headers = { authorization: `Bearer ${token}` };
    expect(await post(url, headers, 'no json')).toMatchObject({ status: 400 });
    expect((await post(url, headers, 'x'.repeat(17 * 1024 * 1024))).status).toBe(413);
    expect((await post(url, { ...headers, 'content-type': 'text/plain' })).status).toBe(415);
    const client = await connectHttp(url, { headers, modern: true });
    const listening = await client.listen({ resourcesListChanged: true });
    const closing = daemon.close();
    expect(await listening.closed).toBe('remote');
    await closing;
  });
});

function post(url: URL, headers: Record<string, string>, body = '{}') {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent: false,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
      },
      (response) => {
        text(response).then(
          (said) => resolve({ status: response.statusCode ?? 0, body: said }),
          reject,
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
