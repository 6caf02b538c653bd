import { describe, expect, onTestFinished, test } from 'vitest';
import { UTC } from '../../src/domain/civil.ts';
import { Digests } from '../../src/engine/digests.ts';
import { Feed } from '../../src/engine/feed.ts';
import { NOON } from '../conformance/sample.ts';
import { HOUR, openPushing, type Pushing } from './pushing.ts';
import { until } from './receiver.ts';

/** Looks each day at 13:00, in the stead of a daemon. */
function daily(pushing: Pushing): { look: () => Promise<void>; announced: string[] } {
  const announced: string[] = [];
  const feed = new Feed();
  feed.listen(({ id }) => announced.push(id));
  const faults: unknown[] = [];
  const ports = {
    store: pushing.store,
    clock: { now: pushing.now, monotonic: () => performance.now() },
  };
  pushing.notices.digest = { at: 13 * 60, zone: UTC, channels: ['phone'] };
  const open = (): Digests =>
    new Digests(ports, { notices: () => pushing.notices }, feed, 'me', (error) =>
      faults.push(error),
    );
  onTestFinished(() => expect(faults).toEqual([]));
  return {
    announced,
    look: async () => {
      const digests = open();
      digests.wake();
      await digests.close();
    },
  };
}

const inbox = async ({ store }: Pushing) => store.inbox({ owner: 'me', limit: 9 });

describe('the digest of each day', () => {
  test('tells once what ended since the one before', async () => {
    const pushing = openPushing();
    const { look, announced } = daily(pushing);
    await look(); // the first one begins here
    await pushing.end('t-1');
    await pushing.end('t-2', 1);
    await look();
    expect(await inbox(pushing)).toEqual([]);
    pushing.later(1.1 * HOUR); // 13:06
    await look();
    await look();
    const told = await inbox(pushing);
    expect(told).toMatchObject([{ kind: 'digest', taskId: 't-2', owner: 'me' }]);
    expect(told[0]?.preview).toMatch(/^Since 2026-06-01 12:00 UTC: 1 done, 1 failed\n/);
    expect(announced).toEqual(['t-2']);
    expect(await pushing.store.duePushes('channel:phone', pushing.now(), 9)).toMatchObject([
      { kind: 'digest', preview: told[0]?.preview },
    ]);
    pushing.later(24 * HOUR);
    await look();
    expect(await inbox(pushing)).toHaveLength(1); // nothing was since: nothing is told
  });

  test('is made up for by one, when no daemon ran', async () => {
    const pushing = openPushing();
    const { look } = daily(pushing);
    await look();
    await pushing.end('t-1');
    pushing.later(3 * 24 * HOUR);
    await look();
    expect(await inbox(pushing)).toHaveLength(1);
  });

  test('that nobody asks for is none', async () => {
    const pushing = openPushing();
    const { look } = daily(pushing);
    pushing.notices.digest = null;
    await look();
    expect(await pushing.store.digestedAt()).toBeNull();
  });

  test('comes by itself at its time', async () => {
    const pushing = openPushing();
    daily(pushing);
    const { hour, minute, second } = UTC(pushing.now() + 3_000);
    await pushing.store.putDigest(NOON - 1, []);
    await pushing.end('t-1');
    // In three seconds at most the next minute begins, by a clock that is set to just before.
    pushing.later(60_000 - second * 1_000 + 1_000);
    const at = UTC(pushing.now() + 3_000);
    pushing.notices.digest = { at: at.hour * 60 + at.minute, zone: UTC, channels: [] };
    expect(hour * 60 + minute).toBeLessThanOrEqual(at.hour * 60 + at.minute);
    const digests = new Digests(
      { store: pushing.store, clock: { now: pushing.now, monotonic: () => performance.now() } },
      { notices: () => pushing.notices },
      new Feed(),
      'me',
      () => undefined,
    );
    onTestFinished(() => digests.close());
    digests.wake();
    let told = 0;
    await until(() => {
      void inbox(pushing).then((all) => (told = all.length));
      return told === 1;
    }, 10_000);
  });
});

test('a digest that is asked for has what nobody was told of, of one owner or of all', async () => {
  const pushing = openPushing();
  await pushing.end('t-1');
  await pushing.end('t-2', 1);
  pushing.later(1_000);
  const all = await pushing.verbs.digest({ since: '1h', owner: null });
  expect(all.ended.map(({ id }) => id)).toEqual(['t-2', 't-1']);
  expect(all).toMatchObject({ more: false, waiting: [], cost: { attempts: 0 } });
  expect((await pushing.verbs.digest({ since: '1h', owner: 'nobody' })).ended).toEqual([]);
  await expect(pushing.verbs.digest({ since: 'soon', owner: null })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});
