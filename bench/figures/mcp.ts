import { request } from 'node:http';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Daemon, makeHome, slots, startDaemon } from '../daemon.ts';
import { atMost, type Bench, type Figure, type Row, row } from '../figure.ts';
import { ROOT } from '../machine.ts';
import { memoryOf } from '../proc.ts';
import { submitLine } from '../submit.ts';

const CALLS = 300;
const STARTS = 15;

export const mcp: Figure = {
  name: 'mcp',
  title: 'a tool call over MCP, and what the servers cost',
  async run(bench) {
    const daemon = await startDaemon(makeHome(bench.folder, 'mcp', slots(4)));
    try {
      const { id } = await submitLine(daemon.client, 'exec sleep 1000');
      const rows = await overStdio(bench, daemon, id);
      return [...rows, ...(await overHttp(bench))];
    } finally {
      await daemon.endWithTasks();
    }
  },
};

async function overStdio(bench: Bench, daemon: Daemon, id: string): Promise<Row[]> {
  const starts: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const { client, startedAfter } = await connect(bench, daemon);
    starts.push(startedAfter);
    await client.close();
  }
  const { client, pid } = await connect(bench, daemon);
  await client.listTools();
  const idle = memoryOf(pid).rss;
  const tools: number[] = [];
  const direct: number[] = [];
  for (let round = 0; round < bench.rounds * CALLS; round++) {
    const began = performance.now();
    await daemon.client.show({ id });
    const between = performance.now();
    await client.callTool({ name: 'task_status', arguments: { id } });
    tools.push(performance.now() - between);
    direct.push(between - began);
  }
  const busy = memoryOf(pid).rss;
  await client.close();
  const over = tools.map((time, index) => time - (direct[index] ?? 0));
  return [
    row('task_status over stdio', 'ms', tools),
    row('the same from the client', 'ms', direct),
    row('what MCP adds to it', 'ms', over, { goal: atMost(10) }),
    row('tend mcp: spawn → initialized', 'ms', starts),
    row('tend mcp: memory, idle', 'MB', [idle]),
    row('tend mcp: memory, after the calls', 'MB', [busy]),
  ];
}

async function connect({ folder }: Bench, { home }: Daemon) {
  const cache = join(folder, 'cache');
  mkdirSync(cache, { recursive: true });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(ROOT, 'bin', 'tend.cjs'), 'mcp'],
    env: { PATH: process.env['PATH'] ?? '', TEND_HOME: home, XDG_CACHE_HOME: cache, HOME: folder },
    stderr: 'ignore',
  });
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const began = performance.now();
  await client.connect(transport);
  return { client, pid: transport.pid ?? 0, startedAfter: performance.now() - began };
}

/** An idle daemon before and after the first request at `/mcp`, which loads the SDK. */
async function overHttp(bench: Bench): Promise<Row[]> {
  const daemon = await startDaemon(makeHome(bench.folder, 'mcp.http', slots(4)));
  try {
    return await inDaemon(daemon);
  } finally {
    await daemon.end();
  }
}

async function inDaemon({ pid, socket }: Daemon): Promise<Row[]> {
  const before = memoryOf(pid).rss;
  const first = await post(socket);
  const after = memoryOf(pid).rss;
  const next: number[] = [];
  for (let count = 0; count < CALLS; count++) next.push(await post(socket));
  return [
    row('daemon: memory before the first request at /mcp', 'MB', [before]),
    row('daemon: memory after it', 'MB', [after]),
    row('/mcp: the first request', 'ms', [first]),
    row('/mcp: tools/list', 'ms', next),
  ];
}

const MESSAGE = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });

function post(socketPath: string): Promise<number> {
  const began = performance.now();
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: '/mcp', method: 'POST', headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(performance.now() - began));
    });
    sent.on('error', reject);
    sent.end(MESSAGE);
  });
}
