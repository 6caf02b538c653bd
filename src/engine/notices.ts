import type { Subscriber } from '../domain/delivery.ts';
import { TendError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import type { Receiver } from '../ports/notice-store.ts';
import type { Budgets } from './budgets.ts';
import type { Ports, Report, Settings } from './context.ts';
import { askedDigest, Digests } from './digests.ts';
import type { Machine } from './machine.ts';
import type { ChannelStatus, NoticeVerbs, TestResult } from './notice-facade.ts';
import { MOST_OF_A_RATE } from '../domain/pacing.ts';
import { NO_NOTICES, type NoticeSettings, paceOf, quietNow } from './notice-settings.ts';

type Pushing = Pick<Ports, 'store' | 'clock' | 'notifier'>;

/** The verbs, and the digest of each day. */
export interface Notices extends NoticeVerbs {
  /** Looks what is due: at the start, and when the configuration may have changed. */
  wake(): void;
  close(): Promise<void>;
}

/** `owner` = the person, whose inbox gets the digest. */
export function notices(
  ports: Pushing,
  settings: Pick<Settings, 'notices'>,
  machine: Pick<Machine, 'budgets' | 'feed' | 'push'>,
  owner: string,
  report: Report,
): Notices {
  const digests = new Digests(ports, settings, machine.feed, owner, report);
  return {
    ...noticeVerbs(ports, settings, machine),
    wake: () => {
      machine.push();
      digests.wake();
    },
    close: () => digests.close(),
  };
}

/** What is told to whom, and whether it arrives. */
export function noticeVerbs(
  ports: Pushing,
  settings: Pick<Settings, 'notices'>,
  { budgets, push }: { budgets: Pick<Budgets, 'zone'>; push: () => void },
): NoticeVerbs {
  const { store, clock } = ports;
  const configured = (): NoticeSettings => settings.notices?.() ?? NO_NOTICES;
  return {
    channels: async () => channelsOf(configured(), await store.receivers(), clock.now()),
    test: async (name) => {
      const results: TestResult[] = [];
      for (const subscriber of namedIn(configured(), name))
        results.push(await tested(ports, configured(), subscriber));
      return results;
    },
    digest: (query) => askedDigest(ports, budgets.zone, query),
    dead: (limit) => store.dead(limit),
    awaited: async () => configured().digest !== null || (await store.pushQueues()).length > 0,
    resend: async (ids) => {
      const sent = await store.resend(ids, clock.now());
      if (sent.length > 0) push();
      const left = ids === 'all' ? undefined : ids.find((id) => !sent.includes(id));
      if (left === undefined) return sent;
      const others = sent.length === 0 ? '' : `; ${sent.join(', ')} will be sent again`;
      throw new TendError(
        'not_found',
        `${left} is no delivery that is yet to arrive${others}`,
        'List dead letters with: tend notify dead',
      );
    },
  };
}

const NOTHING_YET = { pending: 0, dead: 0, deliveredAt: null, failedAt: null, lastError: null };
const unknown = (subscriber: Subscriber) =>
  ({
    subscriber,
    kind: subscriber.startsWith('hook:') ? 'hook' : null,
    where: '',
    events: 'all',
  }) as const;

/** Those that are configured, in their order, then those of which something is left. */
function channelsOf(
  notices: NoticeSettings,
  stored: readonly Receiver[],
  now: number,
): ChannelStatus[] {
  const { receivers } = notices;
  const { until } = quietNow(notices, now);
  const others = stored.filter(
    ({ subscriber }) => !receivers.some((one) => one.subscriber === subscriber),
  );
  return [...receivers, ...others.map(({ subscriber }) => unknown(subscriber))].map(
    (configured) => {
      const known = stored.find((one) => one.subscriber === configured.subscriber);
      const pace = paceOf(notices, configured.subscriber);
      const quietUntil = pace?.quiet === true ? until : null;
      return { ...NOTHING_YET, ...known, ...configured, pace, quietUntil };
    },
  );
}

/** By `phone`, or, where several have the name, by `webhook:phone`. Throws TendError `not_found` or `invalid_input`. */
function namedIn({ receivers }: NoticeSettings, name: string | null): Subscriber[] {
  const all = receivers.map(({ subscriber }) => subscriber);
  // What the on_done command does is meant for an end: it is tried only by its name.
  const harmless = all.filter((subscriber) => subscriber !== 'command');
  if (name === null && harmless.length > 0) return harmless;
  if (name === null || all.length === 0)
    throw new TendError(
      'not_found',
      'no channel and no webhook is configured',
      all.length === 0
        ? 'Add one to the configuration: see docs/guides/notifications.md, and: tend config'
        : 'The on_done command is run with: tend notify test command',
    );
  const bare = (subscriber: Subscriber): string => subscriber.replace(/^[a-z]+:/, '');
  const found = all.filter((subscriber) => subscriber === name || bare(subscriber) === name);
  if (found.length === 1) return found;
  if (found.length > 1)
    throw new TendError(
      'invalid_input',
      `${name} is the name of several: ${found.join(', ')}`,
      'Write one of those.',
    );
  const near = nearest(name, all.map(bare));
  throw new TendError(
    'not_found',
    `there is no channel or webhook ${JSON.stringify(name)}`,
    near === null ? `There are: ${all.map(bare).join(', ')}.` : `Did you mean: ${near}`,
  );
}

/** A test counts for the rate of its channel, as every message does. */
async function tested(
  { notifier, store, clock }: Pushing,
  notices: NoticeSettings,
  subscriber: Subscriber,
): Promise<TestResult> {
  const keep = (paceOf(notices, subscriber)?.rate ?? null) === null ? 0 : MOST_OF_A_RATE;
  try {
    const answer = (await notifier.test(subscriber)) ?? 'nothing was sent';
    await store.recordPush({ subscriber, at: clock.now(), error: null }, keep);
    return { subscriber, took: true, answer };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    await store.recordPush({ subscriber, at: clock.now(), error: error.message }, keep);
    return { subscriber, took: false, answer: error.message };
  }
}
