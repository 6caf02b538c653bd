/** Long calls as MCP's own tasks, in both generations of the protocol. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connect, type Host, killDaemon, openHome, run } from './ground.ts';

const anything = z.looseObject({});

// oxlint-disable-next-line typescript/no-explicit-any -- whatever the method answers
const ask = (host: Host, method: string, params: Record<string, unknown>): Promise<any> =>
  host.client.request({ method, params }, anything);

describe('tasks of 2025-11-25', () => {
  it('are made of an augmented call, read, and outlive the server and the daemon', async () => {
    const home = openHome();
    const host = await connect(home);
    expect(host.client.getServerCapabilities()?.tasks).toMatchObject({
      requests: { tools: { call: {} } },
    });
    const { tools } = await host.client.listTools();
    expect(tools.filter(({ execution }) => execution !== undefined)).toMatchObject([
      { name: 'task_run', execution: { taskSupport: 'optional' } },
    ]);
    const { task } = await ask(host, 'tools/call', {
      name: 'task_run',
      arguments: { command: 'sleep 1; echo made' },
      task: { ttl: 60_000 },
    });
    expect(task).toMatchObject({ status: 'working', ttl: null });
    const { taskId } = task as { taskId: string };
    host.kill();
    await killDaemon(home);
    const next = await connect(home);
    expect(await ask(next, 'tasks/get', { taskId })).toMatchObject({ taskId });
    const result = await ask(next, 'tasks/result', { taskId });
    expect(result).toMatchObject({
      structuredContent: { task: { id: taskId, verdict: 'delivered', result: 'made\n' } },
      _meta: { 'io.modelcontextprotocol/related-task': { taskId } },
    });
    expect(await ask(next, 'tasks/get', { taskId })).toMatchObject({ status: 'completed' });
    const { tasks } = await ask(next, 'tasks/list', {});
    expect(tasks).toMatchObject([{ taskId, status: 'completed' }]);
  });

  it('are cancelled, and refuse what cannot be', async () => {
    const host = await connect(openHome());
    const taskId = await run(host, 'sleep 60');
    expect(await ask(host, 'tasks/cancel', { taskId })).toMatchObject({ status: 'cancelled' });
    const result = await ask(host, 'tasks/result', { taskId });
    expect(result).toMatchObject({ isError: true });
    await expect(ask(host, 'tasks/cancel', { taskId })).rejects.toMatchObject({ code: -32_602 });
    await expect(ask(host, 'tasks/get', { taskId: 'nope' })).rejects.toMatchObject({
      code: -32_602,
    });
    await expect(ask(host, 'tasks/get', { taskId: taskId.slice(0, 5) })).rejects.toMatchObject({
      code: -32_602,
    });
  });

  it('that fail have a result that says so', async () => {
    const host = await connect(openHome());
    const taskId = await run(host, 'exit 3', { wait: 20 });
    expect(await ask(host, 'tasks/get', { taskId })).toMatchObject({ status: 'failed' });
    const refused = await ask(host, 'tools/call', {
      name: 'task_run',
      arguments: { command: 'x', agent: 'y' },
      task: {},
    });
    expect(refused).toMatchObject({ isError: true });
  });
});

const EXTENSION = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

describe('tasks of 2026-07-28', () => {
  it('are handles for clients that know them, where they would have to wait', async () => {
    const home = openHome();
    const host = await connect(home, { modern: true, capabilities: EXTENSION });
    expect(host.client.getServerCapabilities()).toMatchObject(EXTENSION);
    const plain = await host.call('task_run', { command: 'true' });
    expect(plain.data.task.id).toMatch(/^t-/);
    const raw = await rawCall(host, { command: 'sleep 1; echo made', wait: 30 });
    expect(raw).toMatchObject({ resultType: 'task', status: 'working', ttlMs: null });
    const { taskId } = raw as { taskId: string };
    await killDaemon(home);
    expect(await ask(host, 'tasks/get', { taskId })).toMatchObject({ taskId });
    await host.call('task_wait', { ids: [taskId] });
    expect(await ask(host, 'tasks/get', { taskId })).toMatchObject({
      status: 'completed',
      result: { structuredContent: { task: { result: 'made\n' } } },
    });
    const sleeping = await run(host, 'sleep 60');
    await ask(host, 'tasks/cancel', { taskId: sleeping });
    await host.call('task_wait', { ids: [sleeping] });
    expect(await ask(host, 'tasks/get', { taskId: sleeping })).toMatchObject({
      status: 'cancelled',
    });
  });

  it('are not forced on others', async () => {
    const host = await connect(openHome(), { modern: true });
    const { data } = await host.call('task_run', { command: 'echo here', wait: 20 });
    expect(data.task).toMatchObject({ ended: true, result: 'here\n' });
  });
});

/** The client's own call knows no handles, so what came over the wire is looked at. */
async function rawCall(host: Host, args: Record<string, unknown>): Promise<unknown> {
  const transport = host.client.transport;
  if (transport === undefined) throw new Error('not connected');
  const before = transport.onmessage;
  const seen = new Promise((resolve) => {
    transport.onmessage = (message, extra) => {
      if ('result' in message && 'taskId' in message.result) resolve(message.result);
      before?.(message, extra);
    };
  });
  await host.client.callTool({ name: 'task_run', arguments: args }).catch(() => undefined);
  transport.onmessage = before;
  return seen;
}
