import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installAgents } from './agents.ts';
import { readDatabase } from './database.ts';
import { Driver, Memory } from './driver.ts';
import { type Home, linesOf, newHome } from './home.ts';
import { check, checkProcesses, type Unkilled, type Violation } from './invariants.ts';
import { type End, type Life, type Orders, startLife } from './life.ts';
import type { Host } from './pool.ts';
import { endAll } from './processes.ts';
import type { Receiver } from './receiver.ts';
import type { Scenario } from './scenarios.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/** Longest time from the start of a life to its end (ms). */
const CAP = 45_000;

export interface Setup {
  scenarios: readonly Scenario[];
  receiver: Receiver;
  /** What there is besides the state folder. */
  world?: World | undefined;
  /** By default a new one. */
  home?: Home;
  /** What the first life is told. */
  orders?: (home: Home) => Partial<Orders>;
  /** What the later ones are told; by default nothing. */
  later?: (home: Home) => Partial<Orders>;
  /** Where the next life takes place; by default in a process of its own. */
  host?: Host | undefined;
  /** Called once the first life listens; a rejection is a violation. */
  disturb?: ((life: Life, home: Home) => unknown) | undefined;
  /** Called between two lives. */
  between?: (home: Home) => void | Promise<void>;
  /** Ms after which the first, the second, … life is killed. */
  instants?: readonly number[];
  /** Longest time that the driver waits for anything (ms). */
  patience?: number;
  /** What agents leave where nothing is killed; by default nobody knows. */
  unkilled?: Unkilled;
}

export interface Result {
  /** Labels of the points at which something was killed. */
  died: string[];
  /** Lives that were killed. */
  kills: number;
  violations: Violation[];
  /** What the agents left. */
  left: Unkilled;
}

export const complaints = (where: string, { violations }: Pick<Result, 'violations'>): string[] =>
  violations.map(({ kind, detail }) => `${where}: ${kind}: ${detail}`);

/** What the agents of these scenarios leave where nothing is killed. Throws where that is not what it must be. */
export async function unkilledRun(
  scenarios: readonly Scenario[],
  receiver: Receiver,
): Promise<Unkilled> {
  if (scenarios.every(({ agent }) => agent === undefined)) return new Map();
  const result = await run({ scenarios, receiver });
  const broken = complaints('where nothing was killed', result);
  if (broken.length > 0) throw new Error(broken.join('\n'));
  return result.left;
}

/** One home from its first daemon to the end of all its tasks, over as many daemons as it takes. */
export async function run(setup: Setup): Promise<Result> {
  const home = setup.home ?? newHome(setup.receiver.url);
  try {
    const memory = new Memory();
    installAgents(home, setup.scenarios);
    setup.world?.install(home);
    const first = startLife(home, setup.orders?.(home));
    let end = await live(first, home, setup, memory, 0);
    let kills = 0;
    while (end === 'killed') {
      kills += 1;
      memory.noteSessions(home);
      await setup.between?.(home);
      const calm = setup.instants?.[kills] === undefined;
      const next =
        (calm ? setup.host?.start(home) : undefined) ?? startLife(home, setup.later?.(home));
      end = await live(next, home, setup, memory, kills);
    }
    // A launcher ends a moment after its daemon.
    await until('nothing runs', () => checkProcesses(home).length === 0, { cap: 2_000 }).catch(
      () => null,
    );
    const violations = [...memory.violations, ...checkProcesses(home)];
    return { died: linesOf(home.died), kills, violations, left: memory.records };
  } finally {
    endAll(home.folder);
    home.remove();
  }
}

/** One life of the daemon, with its owner and its consumer at work. */
async function live(
  life: Life,
  home: Home,
  setup: Setup,
  memory: Memory,
  nth: number,
): Promise<End> {
  let driver: Driver | null = null;
  const gone = new AbortController();
  const noteEnd = (): void => gone.abort();
  life.end.then(noteEnd, noteEnd);
  const late = setTimeout(() => life.abort(), CAP);
  const instant = setup.instants?.[nth];
  const blow =
    instant === undefined
      ? undefined
      : setTimeout(() => process.kill(life.pid, 'SIGKILL'), instant);
  try {
    if (!(await life.ready)) return await life.end;
    driver = new Driver(home, setup, memory, gone.signal);
    const disturbed = nth === 0 ? setup.disturb?.(life, home) : null;
    await Promise.all([disturbed, memory.checked ? null : driver.play()]);
    if (!memory.checked) await checkAll(home, setup, memory, gone.signal);
    await removeAll(driver, home, memory);
    gone.signal.throwIfAborted();
    memory.violations.push(...(setup.world?.left(home) ?? []));
    return await life.close();
  } catch (error) {
    if (!gone.signal.aborted) life.abort();
    const end = await life.end.catch((why: unknown) => why);
    if (end === 'killed') return 'killed';
    memory.blame('stuck', `${String(error)}; ${String(end)}\n${dump(home)}`);
    return 'ended';
  } finally {
    clearTimeout(late);
    clearTimeout(blow);
    driver?.close();
  }
}

async function checkAll(
  home: Home,
  { scenarios, receiver, unkilled = new Map(), world }: Setup,
  memory: Memory,
  gone: AbortSignal,
): Promise<void> {
  const isSettled = (): boolean => world?.isSettled(home) ?? true;
  await until('all is let go of', isSettled, { cap: 10_000, signal: gone }).catch(() => null);
  // What a daemon that died meanwhile has left is for the next one to let go of.
  gone.throwIfAborted();
  const told = receiver.told(home.folder);
  memory.violations.push(...check(home, scenarios, memory, told, unkilled));
  if (world !== undefined) memory.violations.push(...world.check(home, scenarios));
  memory.checked = true;
}

/** All was told to whom it concerns: nothing protects it any more. */
async function removeAll(driver: Driver, home: Home, memory: Memory): Promise<void> {
  await driver.remove();
  const kept = readDatabase(home).map(({ id, state }) => `${id} (${state})`);
  if (kept.length > 0) memory.blame('stuck', `cannot be removed: ${kept.join()}`);
  // A daemon that died while it removed files goes on with that in its next life, beside everything else.
  const tasks = join(home.state, 'tasks');
  const isEmpty = (): boolean => !existsSync(tasks) || readdirSync(tasks).length === 0;
  await until('no files of removed tasks are left', isEmpty, { cap: 5_000 });
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
