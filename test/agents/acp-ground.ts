import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { type AcpDefinition, acpAgent } from '../../src/adapters/agents/acp/agent.ts';
import type { AgentEvent } from '../../src/domain/agent-event.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import type { Exit } from '../../src/domain/attempt.ts';
import { ENVELOPES } from '../../src/domain/envelope.ts';
import { replay } from '../../src/engine/replay.ts';
import type { LaunchRequest } from '../../src/ports/agent.ts';
import type { Step } from '../fixtures/bin/acp-agent.ts';
import { PLACE } from './recordings.ts';

const FAKE = join(import.meta.dirname, '../fixtures/bin/acp-agent.ts');

/** Folders of one test: everything that it makes is below `root`. */
export const ground = { root: '', cwd: '', folder: '' };
let started: number[] = [];

beforeEach(() => {
  ground.root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'tend-acp-')));
  ground.cwd = join(ground.root, 'cwd');
  ground.folder = join(ground.root, 'attempt');
  started = [];
  fs.mkdirSync(ground.cwd);
  fs.mkdirSync(ground.folder);
});

afterEach(async () => {
  const left = () => [...started, ...agentsOf(join(ground.folder, 'stderr'))].filter(isAlive);
  try {
    await vi.waitFor(() => expect(left()).toEqual([]), { timeout: 5_000, interval: 20 });
  } finally {
    for (const pid of left()) process.kill(pid, 'SIGKILL');
    fs.rmSync(ground.root, { recursive: true });
  }
});

/** The fake agents that told their pids in this file. */
export const agentsOf = (stderr: string): number[] =>
  [...fs.readFileSync(stderr, { encoding: 'utf8', flag: 'a+' }).matchAll(/^pid (\d+)$/gm)].map(
    ([, pid]) => Number(pid),
  );

export interface Asked {
  /** How the fake agent behaves. */
  fake?: object;
  definition?: Partial<AcpDefinition>;
  request?: Partial<LaunchRequest>;
  /** Where the holder's stdout goes instead of a file. */
  stdout?: string;
}

export const request = (steps: readonly Step[], more: Partial<LaunchRequest>): LaunchRequest => ({
  program: process.execPath,
  prompt: JSON.stringify(steps),
  cwd: ground.cwd,
  model: null,
  envelope: ENVELOPES.lite,
  permissions: 'workspace',
  sessionId: null,
  resume: false,
  isolated: false,
  root: false,
  folder: ground.folder,
  environment: {},
  ...more,
});

export const agentOf = (definition: Partial<AcpDefinition> = {}) =>
  acpAgent({ name: 'fake', programs: ['fake'], command: ['fake', FAKE], ...definition });

/** Starts the holder as a wrapper would: its output goes to files, and nothing holds it. */
export function start(steps: readonly Step[], asked: Asked = {}) {
  const agent = agentOf(asked.definition);
  const launch = agent.launch(request(steps, asked.request ?? {}));
  for (const [name, content] of Object.entries(launch.files))
    fs.writeFileSync(join(ground.folder, name), content, { mode: 0o600 });
  const paths = {
    stdout: asked.stdout ?? join(ground.folder, 'stdout'),
    stderr: join(ground.folder, 'stderr'),
  };
  const [stdout, stderr] = [fs.openSync(paths.stdout, 'w'), fs.openSync(paths.stderr, 'w')];
  const [program = '', ...args] = launch.argv;
  const child = spawn(program, args, {
    cwd: ground.cwd,
    detached: true,
    env: { PATH: process.env['PATH'], ACP_FAKE: JSON.stringify(asked.fake ?? {}), ...launch.env },
    stdio: ['ignore', stdout, stderr],
  });
  fs.closeSync(stdout);
  fs.closeSync(stderr);
  const ended = new Promise<Exit>((resolve) => {
    child.on('exit', (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
  if (child.pid !== undefined) started.push(child.pid);
  return { agent, child, ended, paths };
}

/** Runs a prompt to its end, and reads it as the daemon would. */
export async function run(steps: readonly Step[], asked: Asked = {}) {
  const { agent, ended, paths } = start(steps, asked);
  const exit = await ended;
  const stdout = asked.stdout === undefined ? fs.readFileSync(paths.stdout) : Buffer.alloc(0);
  const stderr = fs.readFileSync(paths.stderr);
  const resumed = asked.request?.resume === true ? (asked.request.sessionId ?? null) : null;
  const read = () => replay(agent, { stdout, stderr, exit, resumed }, PLACE);
  const { report, outcome, events } = read();
  expect(read().events).toEqual(events);
  return {
    exit,
    report,
    outcome,
    answer: answerOf(report),
    stdout: stdout.toString(),
    stderr: stderr.toString(),
    events: events.map(({ event }) => event),
  };
}

export const ofKind = <K extends AgentEvent['kind']>(events: readonly AgentEvent[], kind: K) =>
  events.filter((event): event is Extract<AgentEvent, { kind: K }> => event.kind === kind);

/** A process that has ended is dead, whether its parent has looked or not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
