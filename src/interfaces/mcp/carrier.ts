import type { Calls } from './calls.ts';
import { type News, newsOf } from './words.ts';

/** Carries what an owner has not been told yet on the answers of one client. */
export interface Carrier {
  /** A further request has come: what answers before it carried has arrived, and is acknowledged. */
  arrived(): void;
  /** The answer to `request` is written. */
  sent(request: string | number): void;
  /** The answer to `request` will not be written: what it carried was not told. */
  lost(request: string | number): void;
  /**
   * What to tell with the answer to `request`, each once to this client, and how much more there is. What is told by
   * the answer itself (the end of the tasks `shown`) counts as told.
   */
  take(owner: string, request: string | number, shown: readonly string[]): Promise<Taken>;
  /** The same of deliveries that the answer is about: those that the inbox tool shows. */
  hand(owner: string, request: string | number, ids: readonly string[]): void;
}

interface Taken {
  news: News[];
  more: boolean;
}

/** Most news on one answer, and how many deliveries a client's memory holds. */
const MOST_NEWS = 3;
const LONGEST_MEMORY = 2_000;
const LONGEST_PAGE = 200;

interface Handed {
  owner: string;
  request: string | number;
  state: 'handed' | 'sent' | 'acked';
}

/** `onFault` is told what kept deliveries from being read or acknowledged: they come again. */
export function openCarrier(calls: Calls, onFault: (error: unknown) => void): Carrier {
  const told = new Map<string, Handed>();
  let acking: Promise<void> = Promise.resolve();

  const hand: Carrier['hand'] = (owner, request, ids) => {
    for (const id of ids)
      if (told.get(id)?.state !== 'acked') told.set(id, { owner, request, state: 'handed' });
  };

  return {
    hand,
    arrived() {
      if (![...told.values()].some(({ state }) => state === 'sent')) return;
      acking = acking.then(() => acknowledge(calls, told)).catch(onFault);
    },
    sent(request) {
      for (const handed of told.values())
        if (handed.request === request && handed.state === 'handed') handed.state = 'sent';
    },
    lost(request) {
      for (const [id, handed] of told)
        if (handed.request === request && handed.state === 'handed') told.delete(id);
    },
    async take(owner, request, shown) {
      try {
        await acking;
        const known = [...told.values()].filter(({ state }) => state !== 'acked').length;
        const limit = Math.min(known + shown.length + MOST_NEWS + 1, LONGEST_PAGE);
        const { deliveries } = await calls.call('inbox', { owner, limit });
        const fresh = deliveries.filter(({ id }) => !told.has(id));
        const here = fresh.filter(
          ({ kind, taskId }) => kind === 'completion' && shown.includes(taskId),
        );
        const others = fresh.filter((one) => !here.includes(one));
        const carried = others.slice(0, MOST_NEWS);
        hand(
          owner,
          request,
          [...here, ...carried].map(({ id }) => id),
        );
        return { news: carried.map(newsOf), more: others.length > carried.length };
      } catch (error) {
        onFault(error);
        return { news: [], more: false };
      }
    },
  };
}

/** Acknowledges what has arrived, and forgets the oldest of it. */
async function acknowledge(calls: Calls, told: Map<string, Handed>): Promise<void> {
  const owners = Map.groupBy(
    [...told].filter(([, handed]) => handed.state === 'sent'),
    ([, handed]) => handed.owner,
  );
  for (const [owner, handed] of owners) {
    await calls.call('ack', { owner, ids: handed.map(([id]) => id) });
    for (const [, one] of handed) one.state = 'acked';
  }
  for (const [id, { state }] of told)
    if (told.size > LONGEST_MEMORY && state === 'acked') told.delete(id);
}
