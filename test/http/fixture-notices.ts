import { UTC } from '../../src/domain/civil.ts';
import type { NoticeVerbs } from '../../src/engine/facade.ts';
import { NO_NOTICES, type NoticeSettings } from '../../src/engine/notice-settings.ts';
import { noticeVerbs } from '../../src/engine/notices.ts';
import type { Store } from '../../src/ports/store.ts';

/** One channel that takes every message, on the store of the fixture; nothing is pushed by itself. */
export const fixtureNotices = (store: Store): NoticeVerbs =>
  noticeVerbs(
    {
      store,
      clock: { now: Date.now, monotonic: () => performance.now() },
      notifier: {
        push: async () => undefined,
        test: async (subscriber) => `${subscriber} answered 200`,
      },
    },
    { notices: () => SETTINGS },
    { budgets: { zone: UTC }, push: () => undefined },
  );

const SETTINGS: NoticeSettings = {
  ...NO_NOTICES,
  receivers: [{ subscriber: 'channel:phone', kind: 'ntfy', where: 'ntfy.sh', events: 'all' }],
};
