import * as fs from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../cli/home.ts';
import { HostHome } from './ground.ts';

let home: HostHome;
beforeEach(() => void (home = new HostHome()));
afterEach(() => home.close());

const line = (id: number | null, method: string, params: object): string =>
  `${JSON.stringify({ jsonrpc: '2.0', ...(id !== null && { id }), method, params })}\n`;

const INITIALIZE = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'codex-mcp-client', version: '0' },
};

/** The parent of a process. */
const parentOf = (pid: number): number =>
  Number(/\) \S (\d+)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]);

test.skipIf(process.platform !== 'linux')(
  'a daemon that a host brings about is no child of the host, and its task belongs to the session',
  async () => {
    const { child, said, result } = home.home.start(['mcp']);
    child.stdin?.write(line(0, 'initialize', INITIALIZE));
    await until('it answers', () => said.stdout.includes('"id":0'));
    child.stdin?.write(line(null, 'notifications/initialized', {}));
    const call = {
      name: 'task_run',
      arguments: { command: 'true' },
      _meta: { threadId: 'thread-1' },
    };
    child.stdin?.write(line(1, 'tools/call', call));
    await until('the task is there', () => said.stdout.includes('"id":1'));
    const { pid } = JSON.parse(await home.home.out('daemon', 'status', '--json')) as {
      pid: number;
    };
    expect(parentOf(pid)).not.toBe(child.pid);
    const { tasks } = JSON.parse(await home.home.out('ls', '--all', '--json')) as {
      tasks: { owner: string }[];
    };
    expect(tasks.map(({ owner }) => owner)).toEqual(['codex:thread-1']);
    child.stdin?.end();
    await result;
  },
);

test('a server that a host starts brings a daemon back that died', async () => {
  await home.home.out('run', '--wait', '--', 'true');
  const status = async (): Promise<number | null> => {
    const { code, stdout } = await home.home.tend(['daemon', 'status', '--json']);
    return code === 0 ? (JSON.parse(stdout) as { pid: number }).pid : null;
  };
  const pid = (await status()) ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('it is dead', async () => (await status()) === null);
  const { child, result } = home.home.start(['mcp']);
  await until('another one is there', async () => (await status()) !== null);
  expect(await status()).not.toBe(pid);
  child.stdin?.end();
  await result;
});
