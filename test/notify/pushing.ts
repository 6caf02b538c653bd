import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Channel } from '../../src/adapters/notify/channel.ts';
import { createNotifier, type Receivers } from '../../src/adapters/notify/notifier.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { UTC } from '../../src/domain/civil.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import type { Pace } from '../../src/domain/pacing.ts';
import type { Task } from '../../src/domain/task.ts';
import { Deliver } from '../../src/engine/deliver.ts';
import { NO_NOTICES, type NoticeSettings } from '../../src/engine/notice-settings.ts';
import { noticeVerbs } from '../../src/engine/notices.ts';
import type { Store } from '../../src/ports/store.ts';
import { NOON, submitEnded } from '../conformance/sample.ts';

export const HOUR = 3_600_000;

export interface Pushing {
  store: Store;
  receivers: Receivers & { channels: Record<string, Channel> };
  notices: NoticeSettings & { paces: Record<string, Pace> };
  faults: unknown[];
  now: () => number;
  /** Sets the clock on, and looks. */
  later: (ms: number) => void;
  /** Another daemon takes over. */
  restart: () => Promise<void>;
  wake: () => void;
  verbs: ReturnType<typeof noticeVerbs>;
  /** Ends a task now; everybody who is configured is to be told. */
  end: (id: string, code?: number) => Promise<Task>;
  /** Asks something about a task. */
  ask: (task: Task, text: string, to: Delivery['subscriber']) => Promise<void>;
}

/** A real store, real receivers and a clock that the test moves; it begins when the tasks of `end` end, at noon. */
export function openPushing(wrap: (store: Store) => Store = (store) => store): Pushing {
  const folder = mkdtempSync(join(tmpdir(), 'tend-pushing-'));
  const real = openSqlite(join(folder, 'tend.db'));
  const store = wrap(real);
  let offset = NOON - Date.now();
  const clock = { now: () => Date.now() + offset, monotonic: () => performance.now() };
  const receivers: Pushing['receivers'] = { webhooks: {}, channels: {}, onDone: null };
  const notices: Pushing['notices'] = { ...NO_NOTICES, paces: {} };
  const faults: unknown[] = [];
  const stop = new AbortController();
  const ports = {
    store,
    clock,
    chance: { next: () => 0, bytes: (count: number) => new Uint8Array(count) },
    notifier: createNotifier({
      receivers: () => receivers,
      clock,
      environment: { PATH: '/usr/bin:/bin' },
      log: () => undefined,
      signal: stop.signal,
      webhookTimeout: 15_000,
    }),
  };
  const opened = (): Deliver =>
    new Deliver(ports, (error) => void faults.push(error), { notices: () => notices });
  let deliver = opened();
  onTestFinished(async () => {
    stop.abort();
    await deliver.close();
    await real.close();
    rmSync(folder, { recursive: true });
  });
  const wake = (): void => deliver.wake();
  return {
    store,
    receivers,
    notices,
    faults,
    now: clock.now,
    later: (ms) => {
      offset += ms;
      wake();
    },
    restart: async () => {
      await deliver.close();
      deliver = opened();
      wake();
    },
    wake,
    verbs: noticeVerbs(ports, { notices: () => notices }, { budgets: { zone: UTC }, push: wake }),
    end: (id, code = 0) =>
      submitEnded(store, id, {
        code,
        targets: {
          webhooks: Object.keys(receivers.webhooks),
          channels: Object.keys(receivers.channels),
          onDone: false,
        },
      }),
    ask: async ({ id, spec: { owner } }, preview, subscriber) => {
      const kind = 'question';
      const core = { id: `d-${id}.q`, kind, taskId: id, owner, subscriber, preview } as const;
      await store.deliver({ ...core, createdAt: clock.now(), truncated: false });
      wake();
    },
  };
}

export const PACE: Pace = { quiet: true, rate: null, gather: 0, coalesce: 3 };
