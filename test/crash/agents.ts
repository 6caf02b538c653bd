import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';
import type { Scenario } from './scenarios.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PROGRAM = join(ROOT, 'bin', 'tend-fake-agent.cjs');
const RECORDINGS = join(ROOT, 'test', 'fixtures', 'recordings');

/** A step of the fake agent; see docs/guides/fake-agent.md. */
export type Step = Readonly<Record<string, unknown>>;

/** What stands in the place of an agent, and what must come of it. */
export interface Played {
  /** Name of a recorded run, or the steps of a script; `resetsAt` is the reset that it may tell (epoch s). */
  plays: string | ((resetsAt: number) => readonly Step[]);
  /** Of its attempts, in order. */
  outcomes: readonly string[];
  /** Which session each attempt was in; the first one is 1. */
  sessions: readonly number[];
  /** Its account is still held when everything is over. */
  held?: true;
  /** Somebody listens to it all the time, over all lives of the daemon. */
  followed?: true;
}

/** How the program of an agent was called. */
export interface Call {
  taskId: string;
  attemptId: string;
  argv: readonly string[];
  stdin: string;
}

export const recordedRun = (name: string): string => join(RECORDINGS, name);

type Named = Pick<Scenario, 'key'>;

const slugOf = ({ key }: Named): string => key.replaceAll(/\W+/g, '-');
const within = (home: Home, ...names: readonly string[]): string =>
  join(home.folder, 'agents', ...names);

/** Where the agent of the scenario works, from the home's folder on. */
export const placeOf = (scenario: Named): string => join('agents', slugOf(scenario));

/** Puts the programs of the agents, and what they play, beside the state folder. */
export function installAgents(home: Home, scenarios: readonly Scenario[]): void {
  const played = scenarios.filter(({ agent }) => agent !== undefined);
  if (played.length === 0) return;
  mkdirSync(within(home, 'bin'), { recursive: true });
  for (const name of ['claude', 'codex']) symlinkSync(PROGRAM, within(home, 'bin', name));
  // Told in whole seconds, so one to two seconds from now.
  const resetsAt = Math.ceil(Date.now() / 1_000) + 1;
  for (const scenario of played) {
    mkdirSync(join(home.folder, placeOf(scenario)));
    const plays = scenario.agent?.plays ?? '';
    if (typeof plays === 'string') continue;
    const lines = plays(resetsAt).map((step) => `${JSON.stringify(step)}\n`);
    writeFileSync(within(home, `${slugOf(scenario)}.jsonl`), lines.join(''));
  }
}

/** What a scenario's agent finds: its program, what to play, and an account that no other scenario has. */
export function agentEnvironment(home: Home, scenario: Scenario): Record<string, string> {
  const path = process.env['PATH'] ?? '';
  const { agent } = scenario;
  if (agent === undefined) return { PATH: path, EFFECTS: home.effects };
  return {
    PATH: `${within(home, 'bin')}:${path}`,
    HOME: join(home.folder, placeOf(scenario)),
    ANTHROPIC_API_KEY: slugOf(scenario),
    TEND_FAKE_AGENT:
      typeof agent.plays === 'string'
        ? recordedRun(agent.plays)
        : within(home, `${slugOf(scenario)}.jsonl`),
    TEND_FAKE_AGENT_LOG: within(home, 'log'),
  };
}

interface Logged {
  kind: string;
  argv: string[];
  env: Record<string, string>;
  stdin: string | null;
}

/** Every start of an agent's program, the oldest first. */
export function callsIn(home: Home): Call[] {
  const log = within(home, 'log');
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return lines
    .map((line) => JSON.parse(line) as Logged)
    .filter(({ kind }) => kind === 'call')
    .map(({ argv, env, stdin }) => ({
      taskId: env['TEND_TASK_ID'] ?? '',
      attemptId: env['TEND_ATTEMPT_ID'] ?? '',
      argv,
      stdin: stdin ?? '',
    }));
}
