import { spawn, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { connect } from '../../src/interfaces/client/index.ts';
import { forgeClaims, hasRun, wrapperOf } from './claim.ts';
import { DATABASE, type Home, newFolder } from './home.ts';
import type { Matrix } from './matrix.ts';
import { endAll, processesOf } from './processes.ts';
import type { Receiver } from './receiver.ts';
import { complaints, run, type Setup } from './run.ts';
import { EFFECT, type Expected, type Scenario, SCENARIOS } from './scenarios.ts';
import { until } from './until.ts';

type Fault = Omit<Setup, 'receiver'>;

const HOUR = 3_600_000;

const task = (
  id: string,
  request: Scenario['request'],
  expected: Expected,
  act?: Scenario['act'],
): Scenario => ({ key: id, request: { id, ...request }, expected, ...(act && { act }) });

const COMPLETED: Expected = { state: 'completed', runs: 1, codes: [0] };
const EXITED: Expected = { state: 'failed', reason: 'exit_code', runs: 1, codes: [7] };

async function halt(home: Home, id: string): Promise<number> {
  await hasRun(home, id);
  const wrapper = wrapperOf(home, id);
  if (wrapper === null) throw new Error(`${id} has no wrapper`);
  process.kill(wrapper, 'SIGSTOP');
  return wrapper;
}

/** Kills the daemon once these tasks run and are known to. */
const killOnceRunning =
  (...ids: string[]): Fault['disturb'] =>
  async ({ pid }, home) => {
    await Promise.all(ids.map((id) => hasRun(home, id)));
    const client = connect({ socket: home.paths.socket });
    await until('they are known to run', async () => {
      const tasks = await Promise.all(ids.map((id) => client.show({ id })));
      return tasks.every(({ state }) => state === 'running');
    });
    client.close();
    process.kill(pid, 'SIGKILL');
  };

const daemonHalted: Fault = {
  scenarios: SCENARIOS,
  disturb: async ({ pid }, home) => {
    await until('something runs', () => processesOf(home.state).length > 3);
    process.kill(pid, 'SIGSTOP');
    await pause(1_500);
    process.kill(pid, 'SIGCONT');
  },
};

const wrappersHalted: Fault = {
  scenarios: [
    task('for-a-while', { command: `${EFFECT}; sleep 0.3; exit 7` }, EXITED),
    task(
      'for-good',
      { command: `${EFFECT}; sleep 75`, grace: '150ms' },
      { state: 'cancelled', reason: 'user', runs: 1 },
      async (client, id, home) => {
        await halt(home, id);
        await client.stop({ id });
      },
    ),
    task(
      'command',
      { command: `${EFFECT}; kill -STOP $$`, timeout: '300ms', grace: '150ms' },
      { state: 'failed', reason: 'timed_out', runs: 1 },
    ),
  ],
  disturb: async (_, home) => {
    const wrapper = await halt(home, 'for-a-while');
    await pause(800);
    process.kill(wrapper, 'SIGCONT');
  },
};

const launcherKilled: Fault = {
  scenarios: SCENARIOS,
  disturb: async (_, home) => {
    const isLauncher = ({ command }: { command: string }): boolean =>
      command.includes('launcher.sh');
    await until('a launcher lives', () => processesOf(home.folder).some(isLauncher));
    for (const { pid } of processesOf(home.folder).filter(isLauncher).slice(0, 1))
      process.kill(pid, 'SIGKILL');
  },
};

const rebooted: Fault = {
  scenarios: [
    task(
      'ran-before',
      { command: `${EFFECT}; sleep 76` },
      { state: 'failed', reason: 'lost_rebooted', runs: 1, codes: [] },
    ),
    task(
      'again',
      {
        command: `${EFFECT}; test "$(grep -c "^$TEND_TASK_ID " "$EFFECTS")" -ge 2 || sleep 77`,
        retry: 1,
        backoff: ['20ms'],
      },
      { state: 'completed', runs: 2, codes: [0] },
    ),
    {
      ...task('afterwards', { command: EFFECT }, COMPLETED),
      after: [{ key: 'ran-before', when: 'always' }],
    },
  ],
  disturb: killOnceRunning('ran-before', 'again'),
  between: (home) =>
    forgeClaims(home, ['ran-before', 'again'], ({ pid, start }) => `${pid} ${start} another-boot`),
};

/** This very process now has the number that a wrapper had: it must not come to harm. */
const pidReused: Fault = {
  scenarios: [
    task(
      'reused',
      { command: `${EFFECT}; sleep 78` },
      { state: 'failed', reason: 'lost_vanished', runs: 1, codes: [] },
    ),
  ],
  disturb: killOnceRunning('reused'),
  between: (home) =>
    forgeClaims(home, ['reused'], ({ start, boot }) => `${process.pid} ${start} ${boot}`),
};

/**
 * A task that runs while the clock jumps is neither stopped early nor kept for ever. File times do not jump
 * along with this clock, so only the jump back says how the second one ended.
 */
const clockJump = (hours: number): Fault => ({
  scenarios: [
    task('outlasts', { command: `${EFFECT}; sleep 2`, timeout: '20s' }, COMPLETED),
    ...(hours > 0
      ? []
      : [
          task(
            'times-out',
            { command: `${EFFECT}; sleep 79`, timeout: '4s', grace: '150ms' },
            { state: 'failed', reason: 'timed_out', runs: 1 },
          ),
        ]),
  ],
  orders: (home) => {
    const clock = join(home.folder, 'clock');
    writeFileSync(clock, '0');
    return { clock };
  },
  disturb: async (_, home) => {
    await hasRun(home, 'outlasts');
    await pause(300);
    writeFileSync(join(home.folder, 'clock'), String(hours * HOUR));
    await pause(6_000);
    writeFileSync(join(home.folder, 'clock'), '0');
  },
});

const cwdDeleted: Fault = {
  scenarios: [
    task('first', { command: `${EFFECT}; rm -r ../gone` }, COMPLETED),
    {
      ...task(
        'homeless',
        { command: EFFECT, cwd: 'gone' },
        { state: 'failed', reason: 'spawn_failed', runs: 0 },
      ),
      after: [{ key: 'first', when: 'always' }],
    },
  ],
};

const socketRemoved: Fault = {
  scenarios: SCENARIOS,
  disturb: async (_, home) => {
    for (let nth = 0; nth < 3; nth++) {
      rmSync(home.paths.socket);
      await until('a new client gets through', async () => {
        const client = connect({ socket: home.paths.socket });
        const answer = await client.status().catch(() => null);
        client.close();
        return answer !== null;
      });
    }
  },
};

/** Somebody else writes to the database for so long (ms). */
const databaseLocked = (time: number): Fault => ({
  scenarios: SCENARIOS,
  disturb: async (_, home) => {
    const db = new Database(join(home.state, DATABASE));
    db.exec('BEGIN EXCLUSIVE');
    await pause(time);
    db.exec('COMMIT');
    db.close();
  },
});

const FAULTS: Readonly<Record<string, Fault>> = {
  'the daemon is halted for 1.5 s (SIGSTOP)': daemonHalted,
  'wrappers and a command are halted, for a while and for good': wrappersHalted,
  'the launcher is killed': launcherKilled,
  'the machine was rebooted (another boot id)': rebooted,
  'the pid of a dead wrapper belongs to another process': pidReused,
  'the clock jumps 2 h ahead and back': clockJump(2),
  'the clock jumps 2 h back and ahead': clockJump(-2),
  'the working folder is deleted before the start': cwdDeleted,
  'the socket file is removed, three times': socketRemoved,
  'the database is locked for 2 s': databaseLocked(2_000),
  'the database is locked for longer than the daemon waits (7 s)': databaseLocked(7_000),
};

const UNSHARE = '/usr/bin/unshare';
const OWN_MOUNTS = ['--mount', '--propagation', 'private'];

/** Mounting a small disk needs the right to make a mount namespace. */
const mayMount = (): boolean => spawnSync(UNSHARE, [...OWN_MOUNTS, 'true']).status === 0;

/** What broke on a disk that was full now and then. */
async function onFullDisk(): Promise<string[]> {
  const folder = newFolder();
  const script = join(import.meta.dirname, 'full-disk.ts');
  const args = [...OWN_MOUNTS, process.execPath, script, folder];
  try {
    const child = spawn(UNSHARE, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    return JSON.parse(await text(child.stdout)) as string[];
  } finally {
    endAll(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

export function faultRules(receiver: () => Receiver, matrix: Matrix): void {
  describe('a fault of the surroundings', () => {
    test.each(Object.entries(FAULTS))('%s', async (name, fault) => {
      const result = await run({ patience: 60_000, ...fault, receiver: receiver() });
      expect(complaints(name, result)).toEqual([]);
      matrix.noted('Faults', name, 'survived');
    });

    test('the disk is full, twice', async (context) => {
      if (!mayMount()) context.skip('no mount namespace may be made here');
      expect(await onFullDisk()).toEqual([]);
      matrix.noted('Faults', 'the disk is full, twice (ENOSPC)', 'survived');
    });
  });
}
