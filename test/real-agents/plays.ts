import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Stub, StubRequest } from '../fixtures/stub-model-server.mjs';
import { agentsOf, outside, processesOf } from './leftovers.ts';
import type { Place } from './place.ts';
import { type Play, type Scenario, USUAL } from './scenarios.ts';
import type { Seen } from './seen.ts';
import { type AgentTask, Watch } from './watch.ts';
import { until } from './tend.ts';

const PROMPT = 'Create hello.txt, then check it.';
const GO_ON = '[[stub:success]] Go on.';

interface Cell {
  agent: string;
  scenario: Scenario;
  place: Place;
  stub: Stub;
  /** Nothing but us is in its namespaces. */
  alone: boolean;
  /** What lay outside the home when it began. */
  before: readonly string[];
}

/** The task that was looked at, and the exit code of the command that waited for it. */
interface Played {
  task: AgentTask;
  exit: number | null;
  /** How many requests are of an earlier task. */
  earlier?: number;
  wrong?: readonly string[];
}

const optionsOf = ({ options = [] }: Scenario): string[] => [...USUAL, ...options];

/** Plays the scenario, then looks at what is left. */
export async function playOut(cell: Cell): Promise<Seen> {
  const { place, scenario, stub } = cell;
  const watch = new Watch(place);
  const played = await PLAYS[scenario.play ?? 'run'](cell, watch);
  const { task, exit, earlier = 0 } = played;
  const wrong = [
    ...(played.wrong ?? []),
    ...(await watch.wrong(task)),
    ...leftOf(agentsOf(place.home, cell.alone)),
  ];
  await watch.stopDaemon();
  wrong.push(...(await leftAtLast(cell)));
  const requests = counted(stub.requests.slice(earlier));
  return { ...watch.seen(task), exit, requests, leaves: leavesOf(place), wrong };
}

const PLAYS: Readonly<Record<Play, (cell: Cell, watch: Watch) => Promise<Played>>> = {
  async run({ agent, scenario }, watch) {
    return watch.run(agent, PROMPT, optionsOf(scenario));
  },

  async stop(cell, watch) {
    return stopped(cell, watch);
  },

  async 'stop-resume'(cell, watch) {
    const { task } = await stopped(cell, watch);
    return resumed(cell, watch, task);
  },

  async resume(cell, watch) {
    const { task } = await watch.run(cell.agent, PROMPT, optionsOf(cell.scenario));
    return resumed(cell, watch, task);
  },

  async 'resume-lost'(cell, watch) {
    const { task } = await watch.run(cell.agent, PROMPT, optionsOf(cell.scenario));
    forget(cell.agent, cell.place);
    return resumed(cell, watch, task);
  },

  async answer({ agent, scenario, stub }, watch) {
    const id = await watch.start(agent, PROMPT, optionsOf(scenario));
    const parked = await watch.parked(id);
    const earlier = stub.requests.length;
    await watch.answer(parked.question?.id ?? id, scenario.answer ?? '');
    const played = await watch.wait(id);
    return { ...played, earlier, wrong: wrongAfterAnswer(parked, played.task) };
  },

  async finish({ agent, scenario }, watch) {
    const played = await watch.run(agent, PROMPT, optionsOf(scenario));
    const { gaps, finish } = played.task;
    const isTold = finish?.summary === 'Half of it.' && gaps.join() === 'It is tested';
    return { ...played, wrong: isTold ? [] : [`told ${JSON.stringify({ finish, gaps })}`] };
  },

  async kill({ agent, scenario, place, stub, alone }, watch) {
    const id = await watch.start(agent, PROMPT, optionsOf(scenario));
    await toolRuns(stub);
    await watch.killDaemon();
    await watch.show(id);
    await watch.killDaemon();
    await until('the agent has ended', () => agentsOf(place.home, alone).length === 0, 60_000);
    return watch.wait(id);
  },
};

/** No process waited, and the session that asked went on. */
function wrongAfterAnswer(parked: AgentTask, task: AgentTask): string[] {
  const [first, second] = task.attempts;
  const wrong: string[] = [];
  if (first?.outcome?.kind !== 'parked') wrong.push(`the first came to ${first?.outcome?.kind}`);
  if (parked.question?.state !== 'open') wrong.push(`its question was ${parked.question?.state}`);
  if (second?.resumed === null || second?.resumed !== first?.sessionId)
    wrong.push(`went on with session ${second?.resumed}, not with ${first?.sessionId}`);
  return wrong;
}

async function stopped({ agent, scenario, stub }: Cell, watch: Watch): Promise<Played> {
  const id = await watch.start(agent, PROMPT, optionsOf(scenario));
  await toolRuns(stub);
  return watch.stop(id);
}

async function resumed({ stub }: Cell, watch: Watch, first: AgentTask): Promise<Played> {
  const earlier = stub.requests.length;
  const played = await watch.resume(first.id, GO_ON);
  const session = played.task.attempts[0]?.resumed ?? null;
  const wrong =
    session !== null && session === first.agent.sessionId
      ? []
      : [`went on with session ${session}, not with ${first.agent.sessionId}`];
  return { ...played, earlier, wrong };
}

/** The stub has answered with a call, and the shell of the call has begun. */
async function toolRuns(stub: Stub): Promise<void> {
  await until('a tool runs', () => stub.requests.some(isCall) && sleeps(), 60_000);
}

const isCall = ({ tools, outcome }: StubRequest): boolean =>
  (tools ?? 0) > 0 && typeof outcome === 'string' && !ODD.has(outcome);

const sleeps = (): boolean => {
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    try {
      return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep\0');
    } catch {
      return false;
    }
  });
};

/** Outcomes of the stub that are no answer. */
const ODD: ReadonlySet<unknown> = new Set(['hang', 'stall', 'cut', 'malformed', 'empty']);
const isModelCall = ({ tools }: StubRequest): boolean => tools !== undefined;
const isAnswered = ({ outcome }: StubRequest): boolean =>
  typeof outcome === 'string' && !ODD.has(outcome);

const counted = (requests: readonly StubRequest[]): Seen['requests'] => {
  const calls = requests.filter(isModelCall);
  const answered = calls.filter(isAnswered);
  return {
    all: calls.length,
    answered: answered.length,
    withTools: answered.filter(({ tools }) => (tools ?? 0) > 0).length,
  };
};

/** Where each agent keeps its sessions, below HOME. */
const SESSIONS: Readonly<Record<string, string>> = {
  claude: '.claude/projects',
  codex: '.codex/sessions',
  gemini: '.gemini/tmp',
  opencode: '.local/share/opencode',
  qwen: '.qwen/projects',
  copilot: '.copilot/session-state',
};

function forget(agent: string, { home }: Place): void {
  const folder = join(home, SESSIONS[agent] ?? '');
  if (!fs.existsSync(folder)) throw new Error(`${agent} keeps no sessions in ${folder}`);
  fs.rmSync(folder, { recursive: true });
}

const leftOf = (processes: readonly string[]): string[] =>
  processes.map((line) => `left running: ${line}`);

/** Without its daemon nothing has a reason to run; what is on its way out gets a moment. */
async function leftAtLast(cell: Cell): Promise<string[]> {
  const { place, alone } = cell;
  const look = (): string[] => processesOf(place.home, alone);
  await until('nothing runs', () => look().length === 0, 5_000).catch(() => false);
  const strays = alone ? straysOf(cell) : [];
  return [...leftOf(look()), ...strays.map((path) => `left behind: ${path}`)];
}

/** What an agent puts elsewhere by itself, whatever TMPDIR says. */
const ELSEWHERE: Readonly<Record<string, RegExp>> = { codex: /^\/tmp\/codex-daemon-\d+$/ };

const straysOf = ({ agent, place, before }: Cell): string[] =>
  outside(place.home).filter((path) => !before.includes(path) && !ELSEWHERE[agent]?.test(path));

function leavesOf({ repository, env }: Place): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: repository, env, encoding: 'utf8' }).trim();
  const commits = Number(git('rev-list', '--count', 'HEAD')) - 1;
  const refs = git('for-each-ref', '--format=%(refname)', 'refs/tend/attempts').split('\n');
  const kept = refs.flatMap((ref) => (ref === '' ? [] : [git('diff', '--name-only', 'HEAD', ref)]));
  return [
    commits === 0 ? '' : `${commits} commit`,
    git('status', '--short'),
    ...kept.map((names) => `kept ${names}`),
  ].join('');
}
