/** A worker whose agent is the fake one, with the server of its tools as the adapter gave it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { onTestFinished } from 'vitest';
import { AgentHome } from '../cli/agent-home.ts';
import { until } from '../cli/home.ts';
import { call, connect, type Host, type Said } from './ground.ts';

export interface Worker {
  id: string;
  call(name: string, args?: Record<string, unknown>): Promise<Said>;
  tools(): Promise<string[]>;
  /** Its program ends, with this as its answer. */
  end(): void;
}

export interface Office {
  agents: AgentHome;
  host: Host;
  /** Starts a task of the fake claude, which waits until it is told to end. */
  work: (more?: Record<string, unknown>) => Promise<Worker>;
}

const INIT = {
  type: 'system',
  subtype: 'init',
  session_id: '{{session}}',
  cwd: '{{cwd}}',
  model: 'fake',
  tools: [],
};
const RESULT = {
  type: 'result',
  subtype: 'success',
  is_error: false,
  result: 'What it said at last.',
  session_id: '{{session}}',
  num_turns: 1,
};

/** `config` is TOML. */
export async function openOffice(config = ''): Promise<Office> {
  const agents = new AgentHome();
  onTestFinished(() => agents.close(), 60_000);
  const { home } = agents;
  mkdirSync(join(home.path, 's'), { mode: 0o700 });
  writeFileSync(join(home.path, 's/config.toml'), config, { mode: 0o600 });
  const gate = agents.at('end');
  agents.plays('claude', { json: INIT }, { wait_for: gate }, { json: RESULT });
  const host = await connect(home, { env: { TEND_OWNER: 'host:one' } });
  return {
    agents,
    host,
    work: async (more = {}) => {
      const { data, text } = await host.call('task_run', {
        agent: 'claude',
        prompt: 'Do it.',
        ...more,
      });
      const id = data?.task.id as string | undefined;
      if (id === undefined) throw new Error(text);
      const client = await workerOf(
        join(home.path, 's/tasks', id, '1/agent/tend-tools.json'),
        home.env,
      );
      return {
        id,
        call: (name, args = {}) => call(client, name, args),
        tools: async () => (await client.listTools()).tools.map(({ name }) => name),
        end: () => writeFileSync(gate, ''),
      };
    },
  };
}

interface Named {
  mcpServers: { tend: { command: string; args: string[]; env: Record<string, string> } };
}

async function workerOf(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Client> {
  await until('the agent is told of its tools', () => existsSync(path));
  const {
    command,
    args,
    env: own,
  } = (JSON.parse(readFileSync(path, 'utf8')) as Named).mcpServers.tend;
  // An agent may have another home: neither it nor TEND_HOME says where the daemon is.
  const kept = { PATH: env['PATH'] ?? '', NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] ?? '' };
  const transport = new StdioClientTransport({
    command,
    args,
    env: { ...kept, HOME: '/nonexistent', ...own },
    stderr: 'pipe',
  });
  const client = new Client({ name: 'test-agent', version: '1.0.0' });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}
