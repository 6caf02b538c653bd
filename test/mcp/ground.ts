/** Hosts as they are: the official client of the protocol, speaking to the built `tend mcp` and to `/mcp`. */
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { Client, type ClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { onTestFinished } from 'vitest';
import { Home, until } from '../cli/home.ts';

const BIN = join(import.meta.dirname, '../../bin/tend.cjs');
export const MODERN = '2026-07-28';

/** A state folder of its own, closed with the test. */
export function openHome(extra: Record<string, string> = {}): Home {
  const home = new Home({ TEND_OWNER: 'host:one', ...extra });
  onTestFinished(() => home.close(), 60_000);
  return home;
}

/** What a tool said. */
export interface Said {
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever shape the tool has
  data: any;
  isError: boolean;
  raw: Record<string, unknown>;
}

export interface Host {
  client: Client;
  pid: number;
  stderr(): string;
  call(name: string, args?: Record<string, unknown>): Promise<Said>;
  /** Ends the server as a crash would. */
  kill(): void;
}

export interface HostOptions {
  env?: Record<string, string>;
  args?: string[];
  modern?: boolean;
  capabilities?: ClientOptions['capabilities'];
}

/** A host that has connected over stdio; closed with the test. */
export async function connect(
  home: Home,
  { env = {}, args = [], modern = false, capabilities }: HostOptions = {},
): Promise<Host> {
  const all = { ...home.env, ...env };
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [BIN, 'mcp', ...args],
    env: Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    cwd: home.work,
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const client = new Client(
    { name: 'test-host', version: '1.0.0' },
    {
      ...(capabilities !== undefined && { capabilities }),
      ...(modern && { versionNegotiation: { mode: { pin: MODERN } } }),
    },
  );
  await client.connect(transport);
  onTestFinished(() => client.close());
  const { pid } = transport;
  if (pid === null) throw new Error('the server has no process');
  return {
    client,
    pid,
    stderr: () => stderr,
    call: (name, args_ = {}) => call(client, name, args_),
    kill: () => void process.kill(pid, 'SIGKILL'),
  };
}

export async function call(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<Said> {
  const raw = await client.callTool({ name, arguments: args });
  const text = raw.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  return { text, data: raw.structuredContent, isError: raw.isError === true, raw };
}

/** Starts a task by a command line and answers its id. */
export async function run(host: Pick<Host, 'call'>, command: string, more = {}): Promise<string> {
  const { data, text, isError } = await host.call('task_run', { command, ...more });
  if (isError) throw new Error(text);
  return data.task.id as string;
}

/** The delivery ids that the owner has not acknowledged. */
export async function open(home: Home, owner = 'host:one'): Promise<string[]> {
  const out = await home.out('inbox', '-q', '--owner', owner);
  return out.split('\n').filter((id) => id !== '');
}

/** Ends the daemon of this home as a crash would. */
export async function killDaemon(home: Home): Promise<void> {
  type Status = { pid: number; socket: string };
  const { pid, socket } = await home.json<Status>('daemon', 'status');
  process.kill(pid, 'SIGKILL');
  // Its socket is the last to go: until then the kernel takes connections that nobody will answer.
  await until('the daemon is gone', () => isRefused(socket));
}

const isRefused = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createConnection(socket);
    probe.once('connect', () => resolve(false));
    probe.once('error', () => resolve(true));
    probe.once('connect', () => probe.destroy());
  });

export const isAlive = (pid: number): boolean => {
  try {
    // A process that has ended and was not waited for is none.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
