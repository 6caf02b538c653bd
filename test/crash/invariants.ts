import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isTerminal, LIFECYCLE, type State } from '../../src/domain/lifecycle.ts';
import type { AgentRecord } from './agent-record.ts';
import { checkAgent } from './agent-invariants.ts';
import { callsIn } from './agents.ts';
import { checkFamily } from './family-invariants.ts';
import { readDatabase, type StoredTask } from './database.ts';
import type { Memory } from './driver.ts';
import { type Home, linesOf } from './home.ts';
import { processesOf } from './processes.ts';
import type { Told } from './receiver.ts';
import type { Expected, Scenario } from './scenarios.ts';

/** The promises that a kill must not break. */
export const KINDS = [
  'task_lost',
  'ran_twice',
  'exit_lost',
  'process_left',
  'delivery_lost',
  'delivery_doubled',
  'work_deleted',
  'history_broken',
  'events_changed',
  'report_changed',
  'prompt_changed',
  'session_lost',
  'hold_wrong',
  'money_wrong',
  'family_broken',
  'work_lost',
  'person_disturbed',
  'stuck',
] as const;
export type Kind = (typeof KINDS)[number];

export interface Violation {
  kind: Kind;
  detail: string;
}

export type Blame = (kind: Kind, detail: string) => void;

/** What agents' tasks leave where nothing is killed, by scenario. */
export type Unkilled = ReadonlyMap<string, AgentRecord>;

/** Everything that is wrong with a home in which all has come to its end. */
export function check(
  home: Home,
  scenarios: readonly Scenario[],
  memory: Memory,
  told: readonly Told[],
  unkilled: Unkilled,
): Violation[] {
  const found: Violation[] = [];
  const blame: Blame = (kind, detail) => void found.push({ kind, detail });
  const tasks = readDatabase(home);
  const effects = [
    ...linesOf(home.effects),
    ...callsIn(home).map(({ taskId, attemptId }) => `${taskId} ${attemptId}`),
  ];
  for (const scenario of scenarios) {
    const [task, second] = tasks.filter(({ key }) => key === scenario.key);
    if (second !== undefined) blame('ran_twice', `"${scenario.key}" was stored twice`);
    if (task === undefined) {
      blame('task_lost', `"${scenario.key}" is not stored`);
      continue;
    }
    const about: Blame = (kind, detail) => blame(kind, `"${scenario.key}" ${task.id}: ${detail}`);
    checkExpected(task, scenario.expected, effects, about);
    checkRecords(home, task, about);
    checkHistory(task, about);
    checkFamily(tasks, task, about);
    checkDeliveries(task, memory, scenario.pushed === true ? told : null, about);
    checkTold(home, task, scenario, memory, unkilled, about);
  }
  return found;
}

function checkTold(
  home: Home,
  task: StoredTask,
  { key, agent }: Scenario,
  memory: Memory,
  unkilled: Unkilled,
  blame: Blame,
): void {
  if (agent === undefined) return;
  const told = memory.told.get(key);
  if (told === undefined) return blame('events_changed', 'nothing was told of it');
  const heard = {
    told,
    live: memory.heard.get(key) ?? null,
    unkilled: unkilled.get(key) ?? null,
    sessions: memory.sessions,
  };
  memory.records.set(key, checkAgent(home, task, agent, heard, blame));
}

export function checkProcesses(home: Home): Violation[] {
  return processesOf(home.folder).map(({ pid, command }) => ({
    kind: 'process_left',
    detail: `${pid} ${command}`,
  }));
}

/** What speaks against the expectation that is met best. */
function checkExpected(
  task: StoredTask,
  expected: Scenario['expected'],
  effects: readonly string[],
  blame: Blame,
): void {
  const complaints = [expected].flat().map((one) => {
    const found: Violation[] = [];
    const note: Blame = (kind, detail) => void found.push({ kind, detail });
    checkEnd(task, one, note);
    checkRuns(task, one, effects, note);
    return found;
  });
  const [fewest = []] = complaints.toSorted((a, b) => a.length - b.length);
  for (const { kind, detail } of fewest) blame(kind, detail);
}

function checkEnd(task: StoredTask, expected: Expected, blame: Blame): void {
  if (!isTerminal(task.state)) return blame('stuck', `is ${task.state}`);
  const [is, should] = [task, expected].map(({ state, reason }) => `${state} ${reason ?? ''}`);
  if (is !== should) blame('exit_lost', `ended as ${is}, not as ${should}`);
}

/** An attempt that was void never ran; every other ran at most once, and exactly once if it has an exit code. */
function checkRuns(
  task: StoredTask,
  { runs, codes }: Expected,
  effects: readonly string[],
  blame: Blame,
): void {
  const ran = effects.filter((line) => line.startsWith(`${task.id} `));
  const [least, most] = typeof runs === 'number' ? [runs, runs] : runs;
  if (new Set(ran).size < ran.length) blame('ran_twice', `one attempt ran again: ${ran.join()}`);
  else if (ran.length > most) blame('ran_twice', `ran ${ran.length} times: ${ran.join()}`);
  if (ran.length < least) blame('task_lost', `ran ${ran.length} times instead of ${least}`);
  const ended = task.attempts.filter(({ outcome }) => outcome?.kind === 'exited');
  const found = ended.flatMap(({ exit }) => (exit !== null && 'code' in exit ? [exit.code] : []));
  if (codes !== undefined && found.join() !== codes.join())
    blame('exit_lost', `exit codes ${found.join()} instead of ${codes.join()}`);
}

/** What the wrapper wrote is what the database says; what the command wrote is still there. */
function checkRecords(home: Home, task: StoredTask, blame: Blame): void {
  for (const { number, exit, outcome, output } of task.attempts) {
    const folder = join(home.state, 'tasks', task.id, String(number));
    const record = read(join(folder, 'exit')).trim();
    if (outcome === null) blame('stuck', `attempt ${number} has no outcome`);
    if (exit !== null && 'code' in exit && record !== String(exit.code))
      blame('exit_lost', `attempt ${number} exited with "${record}", stored is ${exit.code}`);
    if (exit === null && outcome?.kind === 'lost' && record !== '')
      blame('exit_lost', `attempt ${number} exited with "${record}", stored is nothing`);
    const streams = STREAMS.map((stream) => join(folder, stream));
    const bytes = streams.reduce((sum, path) => sum + sizeOf(path), 0);
    if (bytes < output.bytes && !output.truncated)
      blame('work_deleted', `attempt ${number} has ${bytes} of ${output.bytes} bytes of output`);
    const isDone = outcome?.kind === 'exited' || outcome?.kind === 'ok';
    if (isDone && !streams.some((path) => existsSync(path)))
      blame('work_deleted', `the output of attempt ${number} is gone`);
  }
}

const STREAMS = ['output', 'stdout', 'stderr'];

const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/** The history is a walk on the lifecycle that ends once, and attempts only grow. */
function checkHistory(task: StoredTask, blame: Blame): void {
  let at: State | null = null;
  for (const { event, state } of task.history) {
    const { from, to }: { from: readonly State[]; to: readonly State[] } = LIFECYCLE[event];
    const begins = at === null && from.length === 0;
    if (!(begins || (at !== null && from.includes(at))) || !to.includes(state))
      blame('history_broken', `${event} from ${at ?? 'nothing'} to ${state}`);
    at = state;
  }
  if (at !== task.state) blame('history_broken', `ends in ${at}, the task is ${task.state}`);
  const numbers = task.attempts.map(({ number }) => number);
  if (numbers.some((number, index) => number !== index + 1))
    blame('history_broken', `attempts are numbered ${numbers.join()}`);
}

/** Each subscriber was told of the end, under one id. */
function checkDeliveries(
  task: StoredTask,
  memory: Memory,
  told: readonly Told[] | null,
  blame: Blame,
): void {
  const pulled = [...memory.seen].flatMap(([id, taskId]) => (taskId === task.id ? [id] : []));
  const pushed = told?.filter(({ taskId }) => taskId === task.id).map(({ id }) => id);
  for (const [who, ids] of [
    ['the owner', pulled],
    ['the webhook', pushed],
  ] as const) {
    if (ids === undefined) continue;
    const different = new Set(ids).size;
    if (different === 0) blame('delivery_lost', `${who} was not told of the end`);
    if (different > 1) blame('delivery_doubled', `${who} was told under ${different} ids`);
  }
}
