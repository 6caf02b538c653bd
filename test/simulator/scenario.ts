import type { AgentWork, Seat } from '../../src/domain/agent-work.ts';
import { DEPENDENCY_CONDITIONS, type Dependency } from '../../src/domain/dependencies.ts';
import { NO_RETRY } from '../../src/domain/retry.ts';
import type { TaskId, TaskSpec, Work } from '../../src/domain/task.ts';
import type { WorkspaceSpec } from '../../src/domain/workspace.ts';
import type { Random } from './random.ts';

export const AGENTS = ['claude', 'codex', 'gemini'] as const;
export const GROUPS = ['g', 'h'] as const;
export const OWNERS = ['ann', 'bob', 'cyd'] as const;
const KEYS = ['db', 'port'] as const;
export const LABELS = ['gpu', 'gpu=a', 'net'] as const;
const LABELLED = [
  {},
  {},
  { gpu: 'a' },
  { gpu: 'b' },
  { net: 'x' },
  { gpu: 'a', net: 'x' },
] as const;
const MINUTE = 60_000;

/** What a world is like, drawn once for each run. */
export interface Scenario {
  /** `wild`: everything happens. `steady`: endless work of a few kinds, and nothing goes wrong. */
  kind: 'wild' | 'steady';
  slots: number;
  /** Tasks that have not ended, at most. */
  most: number;
  /** Longest run of a process that ends by itself (ms). */
  longest: number;
  /** How likely it is that a task is an agent's, has a dependency, is watched. */
  agents: number;
  dependent: number;
  watched: number;
  /** Kinds of work that never runs out; `steady` only. */
  streams: readonly Stream[];
  /** Limits of labels, `steady` only. */
  labels: Readonly<Record<string, number>>;
}

export interface Stream {
  owner: string;
  group: string | null;
  priority: number;
  labels: Readonly<Record<string, string>>;
  /** So many of it wait at any time. */
  waiting: number;
}

export function scenario(random: Random, kind?: Scenario['kind']): Scenario {
  const wild = kind === undefined ? random.once(0.7) : kind === 'wild';
  const crowded = !wild && random.once(0.25);
  return {
    kind: wild ? 'wild' : 'steady',
    slots: random.int(crowded ? 2 : 1, wild ? 6 : 5),
    most: random.int(8, 40),
    longest: random.pick([5_000, 60_000, 10 * MINUTE]),
    agents: random.pick([0, 0.6, 0.9]),
    dependent: random.pick([0, 0.2, 0.5]),
    watched: random.pick([0, 0.1]),
    streams: wild ? [] : crowded ? CROWD : streams(random),
    labels: crowded ? { gpu: 1, net: 1 } : {},
  };
}

/** One or the other of two limits is always taken by others, and one kind of work needs both. */
const CROWD: readonly Stream[] = [
  { owner: 'ann', group: null, priority: 0, labels: { gpu: 'a' }, waiting: 2 },
  { owner: 'bob', group: null, priority: 0, labels: { net: 'x' }, waiting: 2 },
  { owner: 'cyd', group: null, priority: 0, labels: { gpu: 'a', net: 'x' }, waiting: 1 },
];

function streams(random: Random): Stream[] {
  const plain = { group: null, labels: {}, priority: 0 };
  const sizes = (): number => random.pick([1, 3, 12]);
  switch (random.int(0, 2)) {
    case 0:
      // Owners of one priority, each with several lanes of several sizes.
      return OWNERS.slice(0, random.int(2, 3)).flatMap((owner) =>
        Array.from({ length: random.int(1, 3) }, (_, nth) => ({
          ...plain,
          owner,
          labels: { lane: `${nth}` },
          waiting: 6 + sizes(),
        })),
      );
    case 1:
      return GROUPS.map((group) => ({ ...plain, owner: 'ann', group, waiting: 6 + sizes() }));
    default:
      // Work that keeps coming, and a little that it must not keep from running.
      return [
        { ...plain, owner: 'ann', priority: random.int(1, 3), waiting: 3 },
        { ...plain, owner: 'bob', priority: random.int(1, 3), waiting: 3 },
        { ...plain, owner: random.pick(OWNERS), group: 'g', waiting: 1 },
      ];
  }
}

const BASE: TaskSpec = {
  work: { kind: 'command', argv: ['true'] },
  title: 'true',
  cwd: '/',
  environment: null,
  owner: 'ann',
  group: null,
  parent: null,
  depth: 0,
  labels: {},
  priority: 0,
  streams: 'merged',
  timeout: 20 * MINUTE,
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

export const specIn = ({ owner, group, priority, labels }: Stream): TaskSpec => ({
  ...BASE,
  owner,
  group,
  priority,
  labels,
});

/** Any task; `known` are those that it may depend on. */
export function anySpec(
  random: Random,
  { agents, dependent, watched }: Scenario,
  known: readonly TaskId[],
): TaskSpec {
  const group = random.pick([null, ...GROUPS]);
  return {
    ...BASE,
    work: random.once(agents) ? agentWork(random) : BASE.work,
    owner: random.pick(OWNERS),
    group,
    groupSlots: random.pick([null, null, 1, 2]),
    labels: random.pick<Readonly<Record<string, string>>>(LABELLED),
    exclusive: random.once(0.2) ? random.pick(KEYS) : null,
    workspace: random.once(0.2) ? anyWorkspace(random) : null,
    priority: random.int(-1, 2),
    foreground: random.once(watched),
    timeout: random.pick([20_000, 5 * MINUTE, 20 * MINUTE]),
    queueTimeout: random.pick([null, null, null, 10 * MINUTE]),
    grace: random.pick([0, 2_000, 10_000]),
    retry: random.pick([NO_RETRY, { attempts: 2, backoff: [1_000, 20_000] }]),
    after: random.once(dependent) ? dependencies(random, known) : [],
  };
}

/** Some work in the same files as others, some in files of their own. */
function anyWorkspace(random: Random): WorkspaceSpec {
  return {
    kind: random.pick(['in_place', 'in_place', 'worktree']),
    repository: '/repo/.git',
    checkout: random.pick(['/repo', '/repo/other']),
    subfolder: '',
    branch: random.pick([null, 'b', 'c']),
    base: 'base',
    target: null,
    setup: null,
    links: [],
    keepIgnored: [],
  };
}

const dependencies = (random: Random, known: readonly TaskId[]): Dependency[] =>
  Array.from({ length: random.int(1, 2) }, () => random.any(known)).flatMap((task) =>
    task === undefined ? [] : [{ task, when: random.pick(DEPENDENCY_CONDITIONS) }],
  );

const seat = (random: Random): Seat => {
  // Most want the same, so that they meet.
  const agent = random.once(0.5) ? 'claude' : random.pick(AGENTS);
  const model = random.once(0.8) ? 'large' : 'small';
  return {
    agent,
    model,
    tier: 'lite',
    envelope: { turns: 8, costUsd: random.pick([0.5, 2]), minutes: random.pick([1, 20]) },
    permissions: 'workspace',
    isolated: false,
    account: `${agent}/default/${model}`,
  };
};

function agentWork(random: Random): Work {
  const others = Array.from({ length: random.int(0, 2) }, () => seat(random));
  const work: AgentWork = {
    ...seat(random),
    kind: 'agent',
    brief: 'mend it',
    prompt: 'mend it',
    onQuota: random.pick(['wait', 'wait', 'fallback', 'ask', 'fail']),
    pick: random.pick(['in_order', 'in_order', 'least_busy']),
    others,
    resume: null,
  };
  return work;
}
