import { SETTLED_GRACE } from '../../src/domain/agent-watch.ts';
import { type Hold, RESET_BUFFER } from '../../src/domain/holds.ts';
import type { Amendment } from '../../src/domain/task.ts';
import type { Ports } from '../../src/engine/context.ts';
import type { PushResult } from '../../src/ports/notice-store.ts';
import type { Store } from '../../src/ports/store.ts';

/** A refused push is due again after this (ms): the real wait of seconds would be waited thousands of times. */
const SOON = 20;
/** By so much (ms) an account is free earlier: at the reset that was told, and not more than a minute later. */
const EARLIER = RESET_BUFFER - SOON;
/** An agent that has answered and stays is ended after this (ms). */
const PATIENCE = 500;

export function hurried<K extends keyof Ports>(name: K, port: Ports[K]): Ports[K] {
  if (name !== 'store') return port;
  const store = port as Store;
  const quick: Store = {
    ...store,
    settlePush: (ids, result) => store.settlePush(ids, sooner(result)),
    holds: async () => (await store.holds()).map(shorter),
    amend: (amendment) => store.amend(impatient(amendment, Date.now())),
  };
  return quick as Ports[K];
}

const sooner = (result: PushResult): PushResult =>
  result.kind === 'retry' ? { ...result, nextAt: result.at + SOON } : result;

const shorter = (hold: Hold): Hold =>
  hold.retryAt === null ? hold : { ...hold, retryAt: hold.retryAt - EARLIER };

/** An agent has been settled for a while as soon as it is settled. */
function impatient(amendment: Amendment, now: number): Amendment {
  const { next } = amendment;
  if (next.state !== 'running') return amendment;
  const { agent } = next.attempt;
  if (agent === undefined || agent.settledAt === null) return amendment;
  // What was written here once comes here again with the next amendment.
  if (agent.settledAt < now - PATIENCE) return amendment;
  const settledAt = agent.settledAt - (SETTLED_GRACE - PATIENCE);
  const attempt = { ...next.attempt, agent: { ...agent, settledAt } };
  return { ...amendment, next: { ...next, attempt } };
}
