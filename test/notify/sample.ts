import type { DeliveryStatus, Subscriber } from '../../src/domain/delivery.ts';
import type { EndedTask } from '../../src/domain/task.ts';
import { NO_RETRY } from '../../src/domain/retry.ts';
import type { Receivers } from '../../src/adapters/notify/notifier.ts';
import type { Webhook } from '../../src/adapters/notify/webhook.ts';

const ATTEMPT = {
  number: 1,
  node: 'here',
  claimedAt: 1_000,
  process: null,
  startedAt: 1_100,
  deadlineAt: 9_000,
  endedAt: 2_000,
  output: { bytes: 9, truncated: false, preview: 'all green', errorTail: '' },
  survivors: [],
} as const;

const SPEC: EndedTask['spec'] = {
  work: { kind: 'command', command: 'make test', shell: '/bin/sh' },
  title: 'make test',
  cwd: '/',
  environment: 'e-secret',
  owner: 'cli:1000',
  group: null,
  parent: null,
  depth: 0,
  labels: { branch: 'main' },
  priority: 0,
  streams: 'merged',
  timeout: 1_000,
  idleTimeout: null,
  queueTimeout: null,
  grace: 5_000,
  retry: NO_RETRY,
  after: [],
  notify: 'always',
  remind: 0,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};

const CORE = { id: 't-7k2m9q4x', version: 5, node: 'here', createdAt: 900, endedAt: 2_000 };

/** A task whose command exited with `code`. */
export function endedTask(code: number, spec: Partial<EndedTask['spec']> = {}): EndedTask {
  const attempt = { ...ATTEMPT, outcome: { kind: 'exited', code } as const, exit: { code } };
  const core = { ...CORE, spec: { ...SPEC, ...spec }, attempt: { ...attempt, survivors: [] } };
  return code === 0
    ? { ...core, state: 'completed' }
    : { ...core, state: 'failed', reason: 'exit_code' };
}

export function deliveryTo(subscriber: Subscriber, preview = 'all green'): DeliveryStatus {
  return {
    id: 'd-t-7k2m9q4x.c',
    kind: 'completion',
    taskId: 't-7k2m9q4x',
    owner: 'cli:1000',
    subscriber,
    createdAt: 2_000,
    preview,
    truncated: false,
    tries: 0,
    nextAt: 2_000,
    deliveredAt: null,
    ackedAt: null,
    deadAt: null,
    lastError: null,
  };
}

/** A configuration with one webhook named `ci`. */
export const receiversWith = (webhook: Partial<Webhook>): Receivers => ({
  webhooks: {
    ci: { url: 'http://127.0.0.1:9', secret: null, events: 'all', publicOnly: false, ...webhook },
  },
  onDone: null,
});
