/** What a session has not been told yet, and one waiter for it while it is idle. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isTendError } from '../../domain/errors.ts';
import { type Client, connect, resolvePaths } from '../client/index.ts';
import { verifySocket } from '../client/folder.ts';
import type { Context } from './context.ts';
import { LOUD, type News, newsOf } from './hosts/news.ts';
import { dropWaiterAt, openWaiter, type Waiter, waiterPath } from './hook-waiter.ts';

/** One call by a host, for the session that owns tasks under this key. */
export interface Call {
  context: Context;
  owner: string;
}

/** Writes news for the host; true = its agent is told with that. */
type Tell = (news: News) => Promise<boolean>;

/** Longest time (ms) for a daemon that does not answer: the host's agent stands still meanwhile. */
const PATIENCE = 2_000;
/** More than fit into one telling. */
const MOST = 50;

/** Where the daemon listens: what it says itself counts more than the runtime folder of this host. */
function socketOf({ context: { env } }: Call): string {
  const { socket, stateFolder } = resolvePaths(env);
  try {
    return readFileSync(join(stateFolder, 'daemon.socket'), 'utf8').trim();
  } catch {
    return socket;
  }
}

/** Never starts a daemon. */
function open(call: Call): Client {
  const socket = socketOf(call);
  verifySocket(socket);
  return connect({ socket });
}

/** So long (ms) a daemon that died is waited for: the host's own server of Tend brings it back at the same time. */
const REVIVAL = 1_500;
const PAUSE = 50;

/** One that was stopped leaves no socket behind, and is not waited for. */
async function revived<T>(call: Call, ask: () => Promise<T>): Promise<T> {
  for (let waited = 0; ; waited += PAUSE) {
    try {
      return await ask();
    } catch (error) {
      const isAway = isTendError(error) && AWAY.includes(error.code);
      if (!isAway || waited >= REVIVAL || !existsSync(socketOf(call))) throw error;
      await pause(PAUSE);
    }
  }
}

const AWAY: readonly string[] = ['daemon_unreachable', 'daemon_stopping'];

/** Tells what waits, and acknowledges it once `tell` has written it. */
export async function tellPending(call: Call, loud: boolean, tell: Tell): Promise<void> {
  const client = open(call);
  const limits = { signal: AbortSignal.timeout(PATIENCE) };
  try {
    const query = { owner: call.owner, limit: MOST, ...(loud && { kinds: [...LOUD] }) };
    const { deliveries } = await revived(call, () => client.inbox(query, limits));
    const news = newsOf(deliveries);
    if (news === null) return;
    if (await tell(news)) await client.ack({ owner: call.owner, ids: news.ids }, limits);
  } finally {
    client.close();
  }
}

/** The host's agent has been told these. */
export async function acknowledge(call: Call, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const client = open(call);
  try {
    await client.ack(
      { owner: call.owner, ids: [...ids] },
      { signal: AbortSignal.timeout(PATIENCE) },
    );
  } finally {
    client.close();
  }
}

/** Nobody waits for news of this session any more: it is busy. */
export function dropWaiter({ context: { env }, owner }: Call): void {
  dropWaiterAt(waiterPath(resolvePaths(env).stateFolder, owner));
}

/** A wait of the daemon, after which is looked whether anything is left to wait for. */
const SPAN = '10m';
const LIVE = [
  'waiting',
  'queued',
  'claimed',
  'running',
  'stopping',
  'finishing',
  'awaiting_input',
  'awaiting_children',
  'awaiting_review',
] as const;

/** Waits, while the session has tasks that have not ended, and tells what comes. At most one waits for a session. */
export async function waitForNews(call: Call, tell: Tell): Promise<void> {
  const { context, owner } = call;
  const waiter = openWaiter(
    waiterPath(resolvePaths(context.env).stateFolder, owner),
    context.signal,
  );
  try {
    while (!waiter.signal.aborted) {
      const outcome = await watchOnce(call, waiter, tell);
      if (outcome === 'over') return;
      if (outcome === 'away') await waiter.daemon(socketOf(call));
    }
  } finally {
    waiter.close();
  }
}

async function watchOnce(
  call: Call,
  waiter: Waiter,
  tell: Tell,
): Promise<'over' | 'again' | 'away'> {
  const { owner } = call;
  let client: Client | null = null;
  try {
    client = open(call);
    const { signal } = waiter;
    const kinds = [...LOUD];
    // In this order: what ends after the look at the tasks is in the inbox.
    const { tasks } = await client.list({ owner, state: [...LIVE], limit: 1 }, { signal });
    const now = await client.inbox({ owner, kinds, limit: MOST }, { signal });
    if (now.deliveries.length === 0 && tasks.length === 0) return 'over';
    const query = { owner, kinds, limit: MOST, wait: SPAN };
    const news = newsOf((await client.inbox(query, { signal })).deliveries);
    if (news === null) return 'again';
    if (!waiter.isCurrent()) return 'over';
    const isTold = await tell(news);
    if (isTold)
      await client.ack({ owner, ids: news.ids }, { signal: AbortSignal.timeout(PATIENCE) });
    return 'over';
  } catch {
    return waiter.signal.aborted ? 'over' : 'away';
  } finally {
    client?.close();
  }
}
