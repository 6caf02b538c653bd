/** The fake agent as a test starts it: from its source, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { formatRecording, type Recording } from '../../src/domain/recording.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const MAIN = join(ROOT, 'src/interfaces/fake-agent/main.ts');
export const RECORDINGS = join(ROOT, 'test/fixtures/recordings');

let folder = '';
const running: ChildProcess[] = [];
beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'tend-fake-')));
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  if (fs.existsSync(at('log'))) for (const { child } of logged('child')) end(child);
  fs.rmSync(folder, { recursive: true });
});

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended already
  }
}

export const at = (...names: readonly string[]): string => join(folder, ...names);

export const put = (name: string, content: string | Uint8Array): string => {
  fs.writeFileSync(at(name), content);
  return at(name);
};

/** A script of JSON lines. */
export const script = (...steps: readonly object[]): string =>
  put('script.jsonl', steps.map((step) => `${JSON.stringify(step)}\n`).join(''));

interface Options {
  env?: Record<string, string>;
  input?: string | Uint8Array;
  program?: string;
}

const settings = ({ env = {} }: Options) => ({
  cwd: folder,
  env: { PATH: process.env['PATH'], HOME: folder, TEND_FAKE_AGENT_LOG: at('log'), ...env },
});

/** Runs it to its end. */
export function run(args: readonly string[], options: Options = {}): SpawnSyncReturns<Buffer> {
  const { input = '', program = MAIN } = options;
  return spawnSync(process.execPath, [program, ...args], { ...settings(options), input });
}

/** Starts it and goes on. */
export function start(args: readonly string[], options: Options = {}): ChildProcess {
  const child = spawn(process.execPath, [options.program ?? MAIN, ...args], {
    ...settings(options),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  running.push(child);
  child.stdout?.setEncoding('utf8');
  return child;
}

/** The next piece of output. */
export async function output({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('no stdout');
  const [piece] = (await once(stdout, 'data')) as [string];
  return piece;
}

export const said = ({ status, signal, stdout, stderr }: SpawnSyncReturns<Buffer>) => ({
  status,
  signal,
  stdout: stdout.toString(),
  stderr: stderr.toString(),
});

/** What it says when it refuses. */
export function complaint(...args: readonly string[]): string {
  const { status, stdout, stderr } = said(run(args));
  expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
  return stderr.replaceAll(folder, '');
}

type Logged = Record<string, unknown> & { kind: string; child: number };

/** The lines of one kind in its log. */
export const logged = (kind: string): Logged[] =>
  fs
    .readFileSync(at('log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Logged)
    .filter((line) => line.kind === kind);

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const RUN: Recording = {
  agent: 'claude',
  argv: ['claude', '-p', 'hello', '--session-id', 'then'],
  cwd: '/somewhere',
  startedAt: 0,
  exit: { code: 3 },
  chunks: [],
};
/** A recording of a run, but for what is changed. */
export const recorded = (change: Partial<Recording>): string =>
  put('run.recording', formatRecording({ ...RUN, ...change }));
