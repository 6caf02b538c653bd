import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createNotifier } from '../../src/adapters/notify/notifier.ts';
import type { Webhook } from '../../src/adapters/notify/webhook.ts';
import { systemChance } from '../../src/adapters/process/system-chance.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { Deliver } from '../../src/engine/deliver.ts';
import type { Store } from '../../src/ports/store.ts';
import { atMost, type Bench, type Figure, type Row, row } from '../figure.ts';
import { endedFor } from '../fixtures/store.ts';
import type { Arrival } from '../fixtures/push-receivers.ts';
import { until } from '../rounds.ts';

const SUBSCRIBERS = 50;
const GOOD = SUBSCRIBERS - 2;
const TASKS = 200;
/** Ends that come while the dead and the slow one have everything before them. */
const FRESH = 60;
/** Ms. */
const FRESH_EVERY = 100;
/** A subscriber has room for this many at a time. */
const ROOM = 4;

const now = (): number => performance.timeOrigin + performance.now();

/**
 * Of the 48 good ones: `from when it was due` to the arrival at the receiver; `from when there was room`, which is when it
 * was due and its receiver had answered all but three of those before it.
 */
export const pushes: Figure = {
  name: 'pushes',
  title: `${TASKS * SUBSCRIBERS} undelivered deliveries to ${SUBSCRIBERS} subscribers, one of them dead, one slow`,
  async run(bench) {
    const backlog: Measured[] = [];
    const fresh: Measured[] = [];
    for (let round = 0; round < bench.rounds; round++) {
      const world = await openWorld(bench, round);
      try {
        backlog.push(await drained(world));
        fresh.push(await arriving(world));
      } finally {
        await world.close();
      }
    }
    return [...rowsOf('backlog', backlog), ...rowsOf('fresh', fresh)];
  },
};

function rowsOf(name: string, rounds: readonly Measured[]): Row[] {
  const all = (pick: (one: Measured) => readonly number[]): number[] => rounds.flatMap(pick);
  return [
    row(
      `${name}: there, from when there was room`,
      'ms',
      all((one) => one.fromRoom),
      {
        goal: atMost(1_000, 'p99'),
      },
    ),
    name === 'fresh'
      ? row(
          'fresh: there, from when it was due',
          'ms',
          all((one) => one.fromDue),
          {
            goal: atMost(1_000, 'p99'),
          },
        )
      : row(
          'backlog: there, from when it was due',
          'ms',
          all((one) => one.fromDue),
        ),
    row(
      `${name}: all there after`,
      'ms',
      all((one) => [one.total]),
    ),
    row(
      `${name}: CPU for each`,
      'ms',
      all((one) => [one.cpu]),
    ),
  ];
}

interface Measured {
  fromDue: number[];
  fromRoom: number[];
  total: number;
  cpu: number;
}

interface World {
  store: Store;
  deliver: Deliver;
  webhooks: string[];
  arrivals: () => Promise<Arrival[]>;
  close: () => Promise<void>;
}

async function openWorld({ folder }: Bench, round: number): Promise<World> {
  const home = join(folder, `pushes.${round}`);
  mkdirSync(home);
  const store = openSqlite(join(home, 'tend.db'));
  const child = fork(join(import.meta.dirname, '../fixtures/push-receivers.ts'), [String(GOOD)]);
  const [addresses] = (await once(child, 'message')) as [Addresses];
  const webhooks = receiversAt(addresses);
  const end = new AbortController();
  const deliver = new Deliver(
    {
      store,
      clock: { now: Date.now, monotonic: () => performance.now() },
      chance: systemChance,
      notifier: createNotifier({
        receivers: () => ({ webhooks, onDone: null }),
        clock: { now: Date.now, monotonic: () => performance.now() },
        environment: {},
        log: () => undefined,
        signal: end.signal,
      }),
    } as never,
    () => undefined,
  );
  return {
    store,
    deliver,
    webhooks: Object.keys(webhooks),
    arrivals: async () => {
      child.send('arrivals');
      const [found] = (await once(child, 'message')) as [Arrival[]];
      return found;
    },
    close: async () => {
      end.abort();
      await deliver.close();
      await store.close();
      await ended(child);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

interface Addresses {
  goods: string[];
  slow: string;
  dead: string;
}

function receiversAt({ goods, slow, dead }: Addresses): Record<string, Webhook> {
  const hook = (url: string): Webhook => ({ url, secret: null, events: 'all', publicOnly: false });
  return Object.fromEntries([
    ['dead', hook(dead)],
    ['slow', hook(slow)],
    ...goods.map((url, nth) => [`good-${String(nth).padStart(2, '0')}`, hook(url)] as const),
  ]);
}

async function ended(child: ChildProcess): Promise<void> {
  const over = once(child, 'exit');
  child.disconnect();
  await over;
}

/** Everything is due when the deliverer starts. */
async function drained(world: World): Promise<Measured> {
  const at = Date.now();
  for (let nth = 0; nth < TASKS; nth++) await endedFor(world.store, nth, at, world.webhooks);
  const start = now();
  const cpu = process.cpuUsage();
  world.deliver.wake();
  return measured(world, { count: TASKS * GOOD, dueAt: () => start, start, cpu });
}

/** Tasks end one after the other, and what the dead and the slow one have not taken yet stays due all the time. */
async function arriving(world: World): Promise<Measured> {
  const due = new Map<string, number>();
  const start = now();
  const cpu = process.cpuUsage();
  const one = async (nth: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, nth * FRESH_EVERY));
    const task = await endedFor(world.store, TASKS + nth, Date.now(), world.webhooks);
    due.set(task, now());
    world.deliver.wake();
  };
  const sent = Promise.all(Array.from({ length: FRESH }, (_, nth) => one(nth)));
  const dueAt = ({ id }: Arrival): number =>
    [...due].find(([task]) => id.startsWith(`d-${task}.`))?.[1] ?? Number.NaN;
  const result = measured(world, { count: FRESH * GOOD, dueAt, start, cpu });
  await sent;
  return result;
}

async function measured(
  world: World,
  {
    count,
    dueAt,
    start,
    cpu,
  }: {
    count: number;
    dueAt: (arrival: Arrival) => number;
    start: number;
    cpu: NodeJS.CpuUsage;
  },
): Promise<Measured> {
  const found: Arrival[] = [];
  await until('the arrival of every delivery', async () => {
    found.push(...(await world.arrivals()));
    return found.length >= count;
  });
  const { user, system } = process.cpuUsage(cpu);
  const dues = new Map(found.map((one) => [one, dueAt(one)]));
  const due = (one: Arrival): number => dues.get(one) ?? Number.NaN;
  const fromRoom = Array.from({ length: GOOD }, (_, to) => {
    const own = found.filter((one) => one.to === to).toSorted((a, b) => a.at - b.at);
    const answers = own.map(({ answeredAt }) => answeredAt).toSorted((a, b) => a - b);
    return own.map((one, nth) => one.at - Math.max(due(one), answers[nth - ROOM] ?? 0));
  }).flat();
  return {
    fromDue: found.map((one) => one.at - due(one)),
    fromRoom,
    total: Math.max(...found.map(({ at }) => at)) - start,
    cpu: (user + system) / 1e3 / found.length,
  };
}
