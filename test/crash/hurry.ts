import { SETTLED_GRACE } from '../../src/domain/agent-watch.ts';
import { type Hold, RESET_BUFFER } from '../../src/domain/holds.ts';
import type { Amendment } from '../../src/domain/task.ts';
import type { Ports } from '../../src/engine/context.ts';
import type { PushResult, Store } from '../../src/ports/store.ts';

/** A refused push is due again after this (ms): the real wait of seconds would be waited thousands of times. */
const SOON = 20;

export function hurried<K extends keyof Ports>(name: K, port: Ports[K]): Ports[K] {
  if (name !== 'store') return port;
  const store = port as Store;
  const sooner = (result: PushResult): PushResult =>
    result.kind === 'retry' ? { ...result, nextAt: result.at + SOON } : result;
  const quick: Store = {
    ...store,
    settlePush: (id, result) => store.settlePush(id, sooner(result)),
  };
  return quick as Ports[K];
}
