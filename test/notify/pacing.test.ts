/** What people are told, when: quiet hours, rates, and many at once; with a real store and real receivers. */
import { describe, expect, test } from 'vitest';
import { UTC } from '../../src/domain/civil.ts';
import { NOON } from '../conformance/sample.ts';
import { HOUR, openPushing, PACE, type Pushing } from './pushing.ts';
import { type Receiver, receiver, until } from './receiver.ts';

const NIGHT = {
  hours: { from: 22 * 60, to: 7 * 60 },
  zone: UTC,
  letThrough: ['question'],
} as const;

/** A phone that gets texts as slack does. */
async function phone(pushing: Pushing, answer?: Parameters<typeof receiver>[0]): Promise<Receiver> {
  const opened = await receiver(answer);
  pushing.receivers.channels['phone'] = {
    kind: 'slack',
    events: 'all',
    url: { kind: 'value', value: opened.url },
  };
  pushing.notices.paces['phone'] = PACE;
  return opened;
}
const texts = ({ received }: Receiver): string[] =>
  received.map(({ body }) => (JSON.parse(body) as { text: string }).text);
const titles = (of: Receiver): string[] => texts(of).map((text) => text.split('\n')[0] ?? '');

/** Resolves once nothing of this is due any more, or can go out now. */
const settled = async ({ store, wake }: Pushing, pending: number): Promise<void> => {
  wake();
  let left = -1;
  await until(() => {
    void store.receivers().then((all) => (left = all.reduce((sum, one) => sum + one.pending, 0)));
    return left === pending;
  });
};

describe('quiet hours', () => {
  test('hold what is for people, let questions through, and end in one message', async () => {
    const pushing = openPushing();
    const mine = await phone(pushing);
    const machine = await receiver();
    pushing.receivers.webhooks = {
      ci: { url: machine.url, secret: null, events: 'all', publicOnly: false },
    };
    pushing.notices.quiet = NIGHT;
    pushing.later(11 * HOUR); // 23:00
    await pushing.end('t-1');
    const task = await pushing.end('t-2', 1);
    pushing.wake();
    await until(() => machine.received.length === 2);
    await pushing.ask(task, 'Which one?', 'channel:phone');
    await until(() => mine.received.length === 1);
    expect(titles(mine)).toEqual(['Waits for you: make test']);
    pushing.later(7 * HOUR); // 06:00
    await settled(pushing, 2);
    expect(mine.received).toHaveLength(1);
    expect(await pushing.verbs.awaited()).toBe(true);
    expect(await pushing.verbs.channels()).toMatchObject([
      { subscriber: 'channel:phone', pending: 2, quietUntil: NOON + 19 * HOUR },
      { subscriber: 'webhook:ci', pending: 0, quietUntil: null },
    ]);
    pushing.later(1.1 * HOUR); // 07:06
    await settled(pushing, 0);
    expect(titles(mine)).toEqual(['Waits for you: make test', '2 messages: 1 went wrong, 1 done']);
    expect(await pushing.verbs.awaited()).toBe(false);
    expect(pushing.faults).toEqual([]);
  });

  test('let failures through where that is said, and all where a channel is never quiet', async () => {
    const pushing = openPushing();
    const mine = await phone(pushing);
    pushing.notices.quiet = { ...NIGHT, letThrough: ['failure'] };
    pushing.later(11 * HOUR);
    await pushing.end('t-1');
    await pushing.end('t-2', 1);
    await settled(pushing, 1);
    expect(titles(mine)).toEqual(['Failed (exit_code, code 1): make test']);
    pushing.notices.paces['phone'] = { ...PACE, quiet: false };
    await settled(pushing, 0);
    expect(titles(mine)).toHaveLength(2);
  });

  test('hold everything where nothing is let through, and a restart changes nothing', async () => {
    const pushing = openPushing();
    const mine = await phone(pushing);
    pushing.notices.quiet = { ...NIGHT, letThrough: [] };
    pushing.later(11 * HOUR);
    await pushing.ask(await pushing.end('t-1'), 'Which?', 'channel:phone');
    await settled(pushing, 2);
    await pushing.restart();
    await settled(pushing, 2);
    expect(mine.received).toEqual([]);
    // The hours are dropped from the configuration: nothing is left that waits for them.
    pushing.notices.quiet = null;
    await settled(pushing, 0);
    expect(mine.received).toHaveLength(2);
  });
});

describe('a rate', () => {
  test('holds over restarts, and what waited goes together', async () => {
    const pushing = openPushing();
    const mine = await phone(pushing);
    pushing.notices.paces['phone'] = { ...PACE, coalesce: 9, rate: { most: 2, within: HOUR } };
    await pushing.end('t-1');
    await settled(pushing, 0);
    await pushing.end('t-2');
    await settled(pushing, 0);
    for (const id of ['t-3', 't-4', 't-5']) await pushing.end(id);
    await settled(pushing, 3);
    await pushing.restart();
    await settled(pushing, 3);
    expect(mine.received).toHaveLength(2);
    pushing.later(1.1 * HOUR);
    await settled(pushing, 0);
    expect(titles(mine).slice(2)).toEqual(['3 messages: 3 done']);
  });

  test('counts messages that were refused, and test messages', async () => {
    const pushing = openPushing();
    const mine = await phone(pushing, (response) => response.writeHead(500).end());
    pushing.notices.receivers = [
      { subscriber: 'channel:phone', kind: 'slack', where: '', events: 'all' },
    ];
    pushing.notices.paces['phone'] = { ...PACE, rate: { most: 2, within: HOUR } };
    expect(await pushing.verbs.test('phone')).toEqual([
      {
        subscriber: 'channel:phone',
        took: false,
        answer: expect.stringMatching(/^127\.0\.0\.1:\d+ answered 500$/),
      },
    ]);
    await pushing.end('t-1');
    await settled(pushing, 1);
    await until(() => mine.received.length === 2);
    pushing.later(60_000);
    await settled(pushing, 1);
    expect(mine.received).toHaveLength(2);
    expect(await pushing.verbs.channels()).toMatchObject(
      [
        { subscriber: 'channel:phone', pending: 1, deliveredAt: null, lastError: /answered 500$/ },
      ].map((one) => ({ ...one, lastError: expect.stringMatching(one.lastError) as string })),
    );
  });
});

describe('many at once', () => {
  test('are one message, though each is delivered by itself', async () => {
    const pushing = openPushing();
    const mine = await phone(pushing);
    for (let nth = 0; nth < 25; nth++) await pushing.end(`t-${nth}`, nth === 20 ? 1 : 0);
    await settled(pushing, 0);
    expect(mine.received).toHaveLength(1);
    const [text = ''] = texts(mine);
    expect(text.split('\n')).toHaveLength(22);
    expect(text).toMatch(
      /^25 messages: 1 went wrong, 24 done\nFailed \(exit_code, code 1\): make test – t-20\n/,
    );
    expect(text).toMatch(/\n… and 5 more: tend digest$/);
    for (const id of ['t-0', 't-20', 't-24'])
      expect(await pushing.store.deliveries(id)).toContainEqual(
        expect.objectContaining({ subscriber: 'channel:phone', tries: 1, lastError: null }),
      );
  });

  test('few are apart, and a channel gathers as long as it is told to', async () => {
    const pushing = openPushing();
    const mine = await phone(pushing);
    pushing.notices.paces['phone'] = { ...PACE, gather: 60_000 };
    pushing.later(50);
    await pushing.ask(await pushing.end('t-1'), 'One?', 'channel:phone');
    await settled(pushing, 2);
    expect(mine.received).toHaveLength(0);
    pushing.later(61_000);
    await settled(pushing, 0);
    expect(mine.received).toHaveLength(2);
  });

  test('are refused together, and each has its own tries', async () => {
    const pushing = openPushing();
    let up = false;
    const mine = await phone(pushing, (response) => response.writeHead(up ? 200 : 503).end());
    for (const id of ['t-1', 't-2', 't-3']) await pushing.end(id);
    pushing.wake();
    await until(() => mine.received.length === 1);
    await settled(pushing, 3);
    up = true;
    pushing.later(20_000);
    await settled(pushing, 0);
    expect(titles(mine)).toEqual(['3 messages: 3 done', '3 messages: 3 done']);
    expect(await pushing.store.deliveries('t-2')).toContainEqual(
      expect.objectContaining({ subscriber: 'channel:phone', tries: 2 }),
    );
  });
});

test('a service that says for how long it wants nothing gets nothing for so long', async () => {
  const pushing = openPushing();
  let up = false;
  const mine = await phone(pushing, (response) =>
    response.writeHead(up ? 200 : 429, { 'retry-after': '600' }).end(),
  );
  await pushing.end('t-1');
  pushing.wake();
  await until(() => mine.received.length === 1);
  await settled(pushing, 1);
  up = true;
  await pushing.end('t-2');
  pushing.later(60_000); // by itself it would have been tried again by now
  await settled(pushing, 2);
  expect(mine.received).toHaveLength(1);
  pushing.later(600_000);
  await settled(pushing, 0);
});
