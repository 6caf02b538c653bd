import type { DeliveryStatus, Subscriber } from '../../domain/delivery.ts';
import type { LetThrough } from '../../domain/pacing.ts';
import { isEnded } from '../../domain/task.ts';
import type { NoticeStore, PushResult, Receiver } from '../../ports/notice-store.ts';
import { addDelivery, by, copy, type Records } from './records.ts';

type Pushing = 'pushQueues' | 'duePushes' | 'settlePush' | 'recordPush' | 'pushTimes';

export function pushVerbs(records: Records): Pick<NoticeStore, Pushing> {
  const { deliveries, tasks, receivers } = records;
  const pending = (): Pending[] => [...deliveries.values()].filter(isPending).sort(earliest);
  const passes = ({ kind, taskId }: DeliveryStatus, only: readonly LetThrough[]): boolean =>
    (only.includes('question') && kind === 'question') ||
    (only.includes('failure') && kind === 'completion' && tasks.get(taskId)?.state === 'failed');
  return {
    pushQueues: async () => {
      const first = new Map<Subscriber, number>();
      for (const { subscriber, nextAt } of pending())
        if (!first.has(subscriber)) first.set(subscriber, nextAt);
      return [...first]
        .map(([subscriber, nextAt]) => ({ subscriber, nextAt }))
        .sort(byName(({ subscriber }) => subscriber));
    },
    duePushes: async (subscriber, now, limit, only) =>
      copy(
        pending()
          .filter((one) => one.subscriber === subscriber && one.nextAt <= now)
          .filter((one) => only === undefined || passes(one, only))
          .slice(0, limit),
      ),
    settlePush: async (ids, result) => {
      for (const id of typeof ids === 'string' ? [ids] : ids) {
        const one = deliveries.get(id);
        if (one !== undefined && one.nextAt !== null) deliveries.set(id, settled(one, result));
      }
    },
    recordPush: async ({ subscriber, at, error }, keep) => {
      const before = receivers.get(subscriber);
      receivers.set(subscriber, {
        deliveredAt: error === null ? at : (before?.deliveredAt ?? null),
        failedAt: error === null ? (before?.failedAt ?? null) : at,
        lastError: error ?? before?.lastError ?? null,
        sent: keep === 0 ? [] : [...(before?.sent ?? []), at].slice(-keep),
      });
    },
    pushTimes: async (subscriber) => [...(receivers.get(subscriber)?.sent ?? [])],
  };
}

export function noticeVerbs(records: Records): Omit<NoticeStore, Pushing> {
  const { deliveries, tasks, settings } = records;
  const all = (): DeliveryStatus[] => [...deliveries.values()];
  const latest = (): number | null => {
    const value = settings.get('digest');
    return value === undefined ? null : Number(value);
  };
  const lost = (): DeliveryStatus[] => all().filter(({ deadAt }) => deadAt !== null);
  return {
    receivers: async () => receiversOf(records, all()),
    dead: async (limit) =>
      copy(
        lost()
          .sort(by(({ deadAt }) => deadAt ?? 0))
          .slice(0, limit),
      ),
    resend: async (ids, now) => {
      const dead = lost().map(({ id }) => id);
      const asked = ids === 'all' ? dead.sort() : ids;
      return [...new Set(asked)].filter((id) => {
        const one = deliveries.get(id);
        if (one === undefined || (one.nextAt === null && one.deadAt === null)) return false;
        deliveries.set(id, { ...one, nextAt: now, deadAt: null, tries: 0 });
        return true;
      });
    },
    endedIn: async ({ from, to, owner }, limit) =>
      copy(
        [...tasks.values()]
          .filter(isEnded)
          .filter(({ endedAt }) => endedAt >= from && endedAt < to)
          .filter(({ spec }) => (spec.check ?? null) === null)
          .filter(({ spec }) => owner === null || spec.owner === owner)
          .sort(by(({ endedAt }) => endedAt))
          .toReversed()
          .slice(0, limit),
      ),
    putDigest: async (at, told) => {
      if ((latest() ?? -Infinity) >= at) return false;
      for (const delivery of told) addDelivery(records, delivery);
      settings.set('digest', String(at));
      return true;
    },
    digestedAt: async () => latest(),
  };
}

type Pending = DeliveryStatus & { nextAt: number };

const isPending = (one: DeliveryStatus): one is Pending => one.nextAt !== null;
const earliest = by<Pending>(({ nextAt }) => nextAt);

function receiversOf({ receivers }: Records, all: readonly DeliveryStatus[]): Receiver[] {
  const counted = new Map<Subscriber, Receiver>();
  const of = (subscriber: Subscriber): Receiver => {
    const { deliveredAt, failedAt, lastError } = receivers.get(subscriber) ?? NOTHING_KNOWN;
    const fresh = { subscriber, pending: 0, dead: 0, deliveredAt, failedAt, lastError };
    const one = counted.get(subscriber) ?? fresh;
    counted.set(subscriber, one);
    return one;
  };
  for (const subscriber of receivers.keys()) of(subscriber);
  for (const one of all) {
    if (one.nextAt !== null) of(one.subscriber).pending++;
    if (one.deadAt !== null) of(one.subscriber).dead++;
  }
  return [...counted.values()].sort(byName(({ subscriber }) => subscriber));
}

const NOTHING_KNOWN = { deliveredAt: null, failedAt: null, lastError: null };

const byName =
  <T>(name: (item: T) => string) =>
  (a: T, b: T): number =>
    name(a) < name(b) ? -1 : 1;

function settled(one: DeliveryStatus, result: PushResult): DeliveryStatus {
  const tried = { ...one, tries: one.tries + 1, nextAt: null };
  switch (result.kind) {
    case 'delivered':
      return { ...tried, deliveredAt: result.at, lastError: null };
    case 'retry':
      return { ...tried, nextAt: result.nextAt, lastError: result.error };
    case 'dead':
      return { ...tried, deadAt: result.at, lastError: result.error };
    default:
      return result satisfies never;
  }
}
