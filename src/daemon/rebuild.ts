import { type Recorded, readSpecs } from '../adapters/process/read-specs.ts';
import { type Salvaged, salvage } from '../adapters/sqlite/salvage.ts';
import { salvageSchedules } from '../adapters/sqlite/salvage-schedules.ts';
import type { Attempt, OpenAttempt } from '../domain/attempt.ts';
import type { SqliteStore } from '../adapters/sqlite/open.ts';
import { NO_TARGETS } from '../domain/delivery.ts';
import { isTendError, TendError } from '../domain/errors.ts';
import { endAttempt } from '../domain/outcome.ts';
import type { Task } from '../domain/task.ts';
import { toldBy } from '../domain/told.ts';
import { type Paths, resolvePaths } from '../interfaces/client/index.ts';
import { beginDatabase, databaseIn, quarantinedBeside } from './database.ts';
import { holdLock } from './lock.ts';
import { restoreGroups } from './rebuild-groups.ts';

/** What a rebuild brought back; nothing of the old database or the folders is changed. */
interface Rebuilt {
  fromDatabase: string[];
  fromFolders: string[];
  schedules: string[];
  groups: string[];
  memories: string[];
  unreadable: { path: string; why: string }[];
  quarantined: string[];
}

type RecordedTask = Extract<Recorded, { kind: 'task' }>;

async function rebuild(paths: Paths): Promise<Rebuilt> {
  const { release, socket } = await holdLock(paths);
  if (release === undefined)
    throw new TendError(
      'protected',
      `the daemon at ${socket} is running and uses the database`,
      'A damaged database is noticed when the daemon starts; see: tend doctor',
    );
  const database = databaseIn(paths.stateFolder);
  const store = beginDatabase(database);
  const quarantined = quarantinedBeside(database);
  try {
    const salvaged = newest(quarantined.flatMap(salvage));
    const recorded: RecordedTask[] = [];
    const unreadable: Rebuilt['unreadable'] = [];
    for await (const one of readSpecs(paths.stateFolder)) {
      if (one.kind === 'task') recorded.push(one);
      else unreadable.push({ path: one.path, why: one.why });
    }
    const fromDatabase = await store.restore(salvaged);
    const fromFolders = await store.restore(recorded.map(salvagedFrom));
    const schedules = await restoreSchedules(store, quarantined);
    const { groups, memories } = await restoreGroups(store, quarantined);
    const node = salvaged[0]?.task.node ?? recorded[0]?.node;
    if (node !== undefined && (await store.setting('node')) === null)
      await store.setSetting('node', node);
    return {
      fromDatabase,
      fromFolders,
      schedules,
      groups,
      memories,
      unreadable,
      quarantined,
    };
  } finally {
    await store.close();
    release();
  }
}

/** Those of the latest copy that has them; answers the ids stored. */
async function restoreSchedules(
  store: SqliteStore,
  quarantined: readonly string[],
): Promise<string[]> {
  const found = new Map(quarantined.flatMap(salvageSchedules).map((one) => [one.id, one]));
  const known = new Set((await store.schedules()).map(({ id }) => id));
  const missing = [...found.values()].filter(({ id }) => !known.has(id));
  for (const schedule of missing) await store.putSchedule(schedule);
  return missing.map(({ id }) => id);
}

/** A task that several copies hold is taken as its latest version. */
function newest(all: readonly Salvaged[]): Salvaged[] {
  const byId = new Map<string, Salvaged>();
  for (const one of all) {
    const known = byId.get(one.task.id);
    if (known === undefined || known.task.version <= one.task.version) byId.set(one.task.id, one);
  }
  return [...byId.values()];
}

/**
 * The task as it was when its last attempt was claimed: the next daemon looks at the folder and decides, as
 * after any crash. A completion that was acknowledged before is told again, under its old id.
 */
function salvagedFrom({ id, node, createdAt, spec, attempts }: RecordedTask): Salvaged {
  const ended: Attempt[] = attempts.slice(0, -1).flatMap(({ evidence, ...claimed }) => {
    if (evidence.kind === 'none' || evidence.kind === 'alive') return [];
    return [endAttempt(opened(claimed), evidence, null, null, claimed.claimedAt)];
  });
  const attempt = opened(attempts.at(-1) ?? { number: 1, node, claimedAt: createdAt });
  const task: Task = { id, version: 1, node, createdAt, spec, state: 'claimed', attempt };
  return {
    task,
    contentHash: '',
    attempts: ended,
    deliveries: toldBy(null, task, createdAt, NO_TARGETS),
  };
}

const opened = (
  claimed: Pick<OpenAttempt, 'number' | 'node' | 'claimedAt' | 'agent' | 'workspace' | 'worker'>,
): OpenAttempt => ({
  number: claimed.number,
  node: claimed.node,
  claimedAt: claimed.claimedAt,
  ...(claimed.agent !== undefined && { agent: claimed.agent }),
  ...(claimed.workspace !== undefined && { workspace: claimed.workspace }),
  ...(claimed.worker !== undefined && { worker: claimed.worker }),
  process: null,
  startedAt: null,
  deadlineAt: null,
  endedAt: null,
  outcome: null,
});

rebuild(resolvePaths(process.env)).then(
  (rebuilt) => process.stdout.write(`${JSON.stringify(rebuilt)}\n`),
  (error: unknown) => {
    const { code, message, hint } = isTendError(error)
      ? error
      : { code: 'internal', message: String(error), hint: 'The old files were not changed.' };
    process.stdout.write(`${JSON.stringify({ error: { code, message, hint } })}\n`);
    process.exitCode = 1;
  },
);
