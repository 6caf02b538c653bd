/** The engine with hooks that tests can change. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hook } from '../../src/adapters/notify/hook-process.ts';
import { createHooks, type HookSet } from '../../src/adapters/notify/hooks.ts';
import { createNotifier } from '../../src/adapters/notify/notifier.ts';
import { systemClock } from '../../src/adapters/process/system-clock.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import {
  HOOK_SOURCES,
  type HookName,
  type HookSource,
  hookSubscriber,
} from '../../src/domain/hook.ts';
import { type Ground, openGround, SPEC } from './ground.ts';

interface Told {
  id: string;
  kind: string;
  task: { id: string };
}

export interface HookGround {
  ground: Ground;
  /** Where hooks run. */
  folder: string;
  hooks(source: HookSource, commands: Partial<Record<HookName, Hook['command']>>): void;
  /** What was written to a file there by hooks that say `cat >>file`. */
  told(file?: string): Told[];
  completions(id: string): Promise<Delivery[]>;
  /** Another daemon; hooks that run are ended as the old one ends. */
  reopen(): Promise<void>;
  faults(): unknown[];
  close(): Promise<void>;
}

export async function openHookGround(): Promise<HookGround> {
  const folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'tend-hooks-')));
  const sets: Record<HookSource, HookSet> = { person: {}, project: {} };
  let end = new AbortController();
  const hooks = () =>
    createHooks({
      hooks: () => sets,
      clock: systemClock,
      environment: { PATH: '/usr/bin:/bin' },
      log: () => undefined,
      signal: end.signal,
      timeout: 1_000,
    });
  const ground = await openGround((ports) => ({
    ...ports,
    hooks: { beforeRun: (task) => hooks().beforeRun(task) },
    notifier: createNotifier({
      receivers: () => ({ webhooks: {}, onDone: null }),
      hooks: { tell: (...told) => hooks().tell(...told) },
      clock: systemClock,
      environment: {},
      log: () => undefined,
    }),
  }));
  const named = (name: HookName) =>
    HOOK_SOURCES.filter((source) => sets[source][name] !== undefined);
  ground.settings.beforeRun = () => named('before_run').length > 0;
  ground.settings.targets = () => ({
    webhooks: [],
    onDone: false,
    hooks: (['after_end', 'on_fail', 'on_question'] as const).flatMap((name) =>
      named(name).map((source) => hookSubscriber(name, source)),
    ),
  });
  return {
    ground,
    folder,
    hooks: (source, commands) => {
      sets[source] = Object.fromEntries(
        Object.entries(commands).map(([name, command]) => [name, { command, cwd: folder }]),
      );
    },
    told: (file = 'told') => {
      const path = join(folder, file);
      if (!fs.existsSync(path)) return [];
      const lines = fs.readFileSync(path, 'utf8').split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line) as Told);
    },
    completions: async (id) => {
      const query = { owner: SPEC.owner, limit: 99, wait: 0 };
      const found = await ground.node.inbox(query, new AbortController().signal);
      return found.map(({ delivery }) => delivery).filter(({ taskId }) => taskId === id);
    },
    reopen: async () => {
      end.abort();
      await ground.reopen(async () => {
        end = new AbortController();
      });
    },
    // A hook that was ended with its daemon is told of as a job that failed.
    faults: () => ground.faults.filter((fault) => !String(fault).includes('was interrupted by')),
    close: async () => {
      await ground.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
