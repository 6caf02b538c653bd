import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentCatalog } from '../../src/adapters/agents/catalog.ts';
import { cronerCalendar } from '../../src/adapters/calendar/croner.ts';
import { createClassifier } from '../../src/adapters/classifier/classifier.ts';
import { createGit } from '../../src/adapters/git/git.ts';
import { openMemory } from '../../src/adapters/memory/store.ts';
import { StoredEnvironments } from '../../src/adapters/process/environments.ts';
import { FileOutput } from '../../src/adapters/process/output.ts';
import { ProcessSupervisor } from '../../src/adapters/process/supervisor.ts';
import { systemChance } from '../../src/adapters/process/system-chance.ts';
import { systemClock } from '../../src/adapters/process/system-clock.ts';
import { workerTokens } from '../../src/adapters/tokens/worker-tokens.ts';
import type { Limits } from '../../src/domain/admission.ts';
import { ANYBODY } from '../../src/domain/choice.ts';
import { RESUME_AT_ONCE } from '../../src/domain/holds.ts';
import { isTerminal, STATES } from '../../src/domain/lifecycle.ts';
import { NO_RETRY } from '../../src/domain/retry.ts';
import type { Task, TaskId } from '../../src/domain/task.ts';
import type { Ports, Settings } from '../../src/engine/context.ts';
import type { StopOptions, SubmitRequest } from '../../src/engine/facade.ts';
import { Node } from '../../src/engine/node.ts';

export type Spec = SubmitRequest['spec'];

/** An engine on real processes and files, with a clock that tests can move and settings they can change. */
export interface Ground {
  node: Node;
  ports: Ports;
  settings: Omit<Settings, 'limits'> & {
    limits: { -readonly [K in keyof Limits]: Limits[K] };
    limit: number;
    floor: number;
  };
  /** Moves the wall clock: what a suspension, or somebody setting the time, looks like. */
  jump(ms: number): void;
  submit(command: string, spec?: Partial<Spec>, id?: string, runAt?: number): Promise<Task>;
  settled(...ids: TaskId[]): Promise<Task[]>;
  /** Resolves once the task is in `state`. */
  reaches(id: TaskId, state: Task['state']): Promise<Task>;
  stop(id: TaskId, options?: Partial<StopOptions>): Promise<Task>;
  faults: unknown[];
  /** Another daemon takes over: what runs now runs on, and is adopted. `between` = while there is none. */
  reopen(between?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const nowhere = async (): Promise<never> => {
  throw new Error('no project is trusted here');
};
const NO_TRUST = { look: nowhere, trust: nowhere, distrust: nowhere };

/** Longest wait for anything here, ms. */
const CAP = 20_000;

export async function openGround(
  wrap: (ports: Ports) => Ports = (ports) => ports,
): Promise<Ground> {
  const state = mkdtempSync(join(tmpdir(), 'tend-engine-'));
  let offset = 0;
  const faults: unknown[] = [];
  const settings = makeSettings();
  const ports = wrap({
    store: openMemory(),
    environments: new StoredEnvironments(state),
    ...createGit(state),
    supervisor: new ProcessSupervisor({ state }),
    output: new FileOutput(state),
    agents: new AgentCatalog([], () => ({ overrides: {}, custom: [] })),
    tokens: workerTokens('a secret of this test'),
    calendar: cronerCalendar,
    notifier: { push: async () => undefined, test: async () => undefined },
    hooks: { beforeRun: async () => null },
    classifier: createClassifier(),
    clock: { now: () => systemClock.now() + offset, monotonic: () => systemClock.monotonic() },
    chance: systemChance,
  });
  const opened = async (on: Ports): Promise<Node> => {
    const node = new Node(on, {
      info: { ...INFO, stateFolder: state },
      settings,
      report: (error) => void faults.push(error),
      configuration: () => ({ path: '', values: {} }),
      configure: async () => ({ path: '', values: {} }),
      findings: async () => [],
      trust: NO_TRUST,
      shutdown: () => undefined,
    });
    await node.start();
    return node;
  };
  let node = await opened(ports);
  const settle = async (until: (task: Task) => boolean, ids: TaskId[]): Promise<Task[]> => {
    const tasks = await Promise.all(ids.map((id) => node.find(id)));
    if (tasks.every(until)) return tasks;
    for await (const _ of node.changes(0, null, AbortSignal.timeout(CAP))) {
      const now = await Promise.all(ids.map((id) => node.find(id)));
      if (now.every(until)) return now;
    }
    const last = await Promise.all(ids.map((id) => node.find(id)));
    throw new Error(`not settled in ${CAP} ms: ${JSON.stringify(last)} ${String(faults)}`);
  };
  return {
    get node() {
      return node;
    },
    ports,
    settings,
    faults,
    jump: (ms) => void (offset += ms),
    submit: async (command, spec = {}, id, runAt) => {
      const request = {
        id: id ?? null,
        environment: { PATH: '/usr/bin:/bin' },
        runAt: runAt ?? null,
      };
      const work = { kind: 'command', command, shell: '/bin/sh' } as const;
      return (await node.submit({ ...request, spec: { ...SPEC, work, ...spec } })).task;
    },
    settled: (...ids) => settle((task) => 'endedAt' in task, ids),
    reaches: async (id, wanted) => {
      const [task] = await settle((one) => one.state === wanted, [id]);
      if (task === undefined) throw new Error(`no task ${id}`);
      return task;
    },
    stop: (id, options = {}) =>
      node.stop(id, { reason: 'user', grace: null, tree: false, ...options }),
    reopen: async (between = async () => undefined) => {
      await node.close();
      await between();
      node = await opened({ ...ports, supervisor: new ProcessSupervisor({ state }) });
    },
    close: async () => {
      const states = STATES.filter((state) => !isTerminal(state));
      const { tasks } = await node.list({ limit: 1_000, states });
      await Promise.all(
        tasks.map((task) => node.stop(task.id, { reason: 'user', grace: 0, tree: false })),
      );
      await settle(
        (task) => 'endedAt' in task,
        tasks.map((task) => task.id),
      );
      const all = (await node.list({ limit: 1_000 })).tasks;
      const checks = (await Promise.all(all.map(({ id }) => ports.store.checksOf(id)))).flat();
      await settle(
        (task) => 'endedAt' in task,
        checks.map((task) => task.id),
      );
      await node.close();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

function makeSettings(): Ground['settings'] {
  return {
    limits: { slots: 4, checks: 2, agents: {}, groups: {}, labels: {} },
    memoryFloor: () => 0,
    resume: () => RESUME_AT_ONCE,
    budgets: [],
    choice: ANYBODY,
    limit: 1e9,
    floor: 0,
    outputKeep: 1e8,
    skills: {},
    templates: {},
    questionDeadline: null,
    workerTools: null,
    permissions: () => [],
    gcAfter: 0,
    gcAutomatic: false,
    trashAfter: 0,
    workspace: () => NO_WORKSPACE,
    outputLimit() {
      return this.limit;
    },
    diskFloor() {
      return this.floor;
    },
    targets: () => ({ webhooks: [], onDone: false }),
    defaults: () => ({ timeout: 60_000, grace: 1_000, remind: 0, notify: 'always', retry: 0 }),
  };
}

/** Nothing is configured. */
const NO_WORKSPACE: ReturnType<Settings['workspace']> = {
  agents: 'none',
  setup: null,
  links: [],
  keepIgnored: [],
  verify: 'none',
  verifyTimeout: 60_000,
  review: false,
  denied: [],
  mergeMessage: null,
};

export const SPEC: Omit<Spec, 'work'> = {
  title: 'test',
  cwd: '/',
  owner: 'cli:1000',
  group: null,
  parent: null,
  labels: {},
  priority: 0,
  streams: 'merged',
  timeout: 60_000,
  idleTimeout: null,
  queueTimeout: null,
  grace: 1_000,
  retry: NO_RETRY,
  after: [],
  notify: 'always',
  remind: 0,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};

const INFO = {
  version: '0.0.0',
  protocol: 1,
  node: 'n-test',
  owner: 'cli:1000',
  pid: process.pid,
  startedAt: 0,
  stateFolder: '',
  socket: '',
  configPath: '',
  logPath: '',
};
