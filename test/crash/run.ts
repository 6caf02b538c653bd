import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDatabase } from './database.ts';
import { Driver, Memory } from './driver.ts';
import { type Home, linesOf, newHome } from './home.ts';
import { check, checkProcesses, type Violation } from './invariants.ts';
import { type End, endLife, type Life, type Orders, startLife } from './life.ts';
import { endAll } from './processes.ts';
import type { Receiver } from './receiver.ts';
import type { Scenario } from './scenarios.ts';
import { until } from './until.ts';

/** Longest time from the start of a life to its end (ms). */
const CAP = 45_000;

export interface Setup {
  scenarios: readonly Scenario[];
  receiver: Receiver;
  /** What the first life is told. */
  orders?: (home: Home) => Partial<Orders>;
  /** What the next one is told; by default nothing. */
  later?: (home: Home) => Partial<Orders>;
  /** Called once the first life listens; a rejection is a violation. */
  disturb?: (life: Life, home: Home) => unknown;
}

export interface Result {
  /** Labels of the points at which something was killed. */
  died: string[];
  first: End;
  violations: Violation[];
}

/** One home from its first daemon to the end of all its tasks, over as many daemons as it takes. */
export async function run(setup: Setup): Promise<Result> {
  const home = newHome(setup.receiver.url);
  try {
    const memory = new Memory();
    const first = await live(home, setup, memory, setup.orders?.(home), setup.disturb);
    if (first === 'killed') await live(home, setup, memory, setup.later?.(home));
    // A launcher ends a moment after its daemon.
    await until('nothing runs', () => checkProcesses(home).length === 0, 2_000).catch(() => null);
    const violations = [...memory.violations, ...checkProcesses(home)];
    return { died: linesOf(home.died), first, violations };
  } finally {
    endAll(home.folder);
    home.remove();
  }
}

/** One life of the daemon, with its owner and its consumer at work. */
async function live(
  home: Home,
  { scenarios, receiver }: Setup,
  memory: Memory,
  orders?: Partial<Orders>,
  disturb?: Setup['disturb'],
): Promise<End> {
  const life = startLife(home, orders);
  let driver: Driver | null = null;
  const late = setTimeout(() => life.child.kill('SIGABRT'), CAP);
  try {
    if (!(await life.ready)) return await life.end;
    driver = new Driver(home, scenarios, memory);
    await Promise.all([disturb?.(life, home), playAndCheck(driver, home, scenarios, memory, receiver)]);
    return await endLife(life);
  } catch (error) {
    if (life.child.exitCode === null && life.child.signalCode === null) life.child.kill('SIGABRT');
    const end = await life.end.catch((why: unknown) => why);
    if (end === 'killed') return 'killed';
    memory.blame('stuck', `${String(error)}; ${String(end)}\n${dump(home)}`);
    return 'ended';
  } finally {
    clearTimeout(late);
    driver?.close();
  }
}

async function playAndCheck(
  driver: Driver,
  home: Home,
  scenarios: readonly Scenario[],
  memory: Memory,
  receiver: Receiver,
): Promise<void> {
  if (!memory.checked) {
    await driver.play();
    memory.violations.push(...check(home, scenarios, memory, receiver.told(home.folder)));
    memory.checked = true;
  }
  await driver.remove();
  const kept = readDatabase(home).map(({ id, state }) => `${id} (${state})`);
  if (kept.length > 0) memory.blame('stuck', `cannot be removed: ${kept.join()}`);
}

/** What somebody needs who looks for the cause. */
function dump(home: Home): string {
  const tasks = readDatabase(home).map(
    ({ id, key, state, reason, attempts, history }) =>
      `${id} "${key}" ${state} ${reason ?? ''} ${JSON.stringify(attempts.map((one) => one.outcome))} ${history.map(({ event }) => event).join()}`,
  );
  const tail = (path: string): string[] =>
    existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(-20) : [];
  return [
    ...tasks,
    ...linesOf(home.died).map((label) => `died at ${label}`),
    ...tail(join(home.folder, 'daemon.err')),
    ...tail(home.paths.logPath),
  ].join('\n');
}
