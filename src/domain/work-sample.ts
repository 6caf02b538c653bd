/** Finishing tasks for the tests of what becomes of their work: the second attempt, which made commit `c2`. */
import { EMPTY_REPORT } from './agent-report.ts';
import { type EndedAttempt, NO_OUTPUT } from './attempt.ts';
import type { CheckKind, Checks } from './checks.ts';
import type { CheckSeen } from './evidence.ts';
import { judgeMarker } from './judging.ts';
import { look } from './pipeline.ts';
import type { Product, Saved } from './product.ts';
import type { AgentWork } from './agent-work.ts';
import { NO_RETRY } from './retry.ts';
import type { TaskIn, TaskSpec } from './task.ts';
import type { Prepared, WorkspaceSpec } from './workspace.ts';

export const VERIFY = {
  command: 'npm test',
  timeout: 600_000,
  from: 'saved',
  found: null,
} as const;
export const CHECKS: Checks = {
  verify: VERIFY,
  fix: 0,
  template: null,
  judge: null,
  review: false,
  scope: [],
  denied: [],
  checklist: [],
  bestOf: 1,
  metric: null,
};
export const JUDGE = { work: {} as AgentWork, rounds: 1 };
export const WORKSPACE: WorkspaceSpec = {
  kind: 'worktree',
  repository: '/r/.git',
  checkout: '/r',
  subfolder: '',
  branch: null,
  base: 'base',
  target: 'main',
  setup: null,
  links: [],
  keepIgnored: [],
};
const PREPARED: Prepared = {
  at: 1,
  base: 'base',
  head: 'base',
  before: null,
  checkout: null,
  refusal: null,
};
const SAVED: Saved = {
  at: 40,
  commit: 'c2',
  tree: 'tree',
  ref: 'refs/tend/attempts/t-1/2',
  snapshot: 'c2',
  on: 'branch',
  change: { files: 1, insertions: 2, deletions: 0, commits: 1 },
  since: { files: 1, insertions: 1, deletions: 0, commits: 1 },
  outside: [],
  suspects: [],
  honest: null,
  touched: [],
};
export const saved = (given: Partial<Saved> = {}): Product => ({
  saved: { ...SAVED, ...given },
  unsaved: null,
});

type Given = Partial<EndedAttempt> & { says?: string; prepared?: Partial<Prepared> | null };
export const attempt = ({ says, prepared = {}, ...given }: Given = {}): EndedAttempt => ({
  number: 2,
  node: 'n',
  claimedAt: 10,
  process: null,
  startedAt: 20,
  deadlineAt: 90,
  endedAt: 36,
  outcome: { kind: 'exited', code: 0 },
  exit: null,
  output: NO_OUTPUT,
  survivors: [],
  workspace: {
    path: '/w',
    cwd: '/w',
    branch: 'tend/t-1',
    prepared: prepared === null ? null : { ...PREPARED, ...prepared },
  },
  ...(says !== undefined && {
    agent: {
      sessionId: null,
      resumed: null,
      before: null,
      settledAt: null,
      report: { ...EMPTY_REPORT, text: says },
    },
  }),
  product: saved(),
  ...given,
});
/** As it is before anything of it was saved. */
export const without = (given: Given): EndedAttempt => {
  const { product: _product, ...rest } = attempt(given);
  return rest;
};

export const finishing = (
  of: EndedAttempt,
  spec: Pick<TaskSpec, 'checks' | 'workspace'>,
): TaskIn<'finishing'> => ({
  id: 't-1',
  version: 3,
  node: 'n',
  createdAt: 5,
  state: 'finishing',
  attempt: of,
  spec: {
    work: { kind: 'command', argv: ['true'] },
    title: 'true',
    cwd: '/r',
    environment: null,
    owner: 'cli:1',
    group: null,
    parent: null,
    depth: 0,
    labels: {},
    priority: 0,
    streams: 'merged',
    timeout: 60_000,
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
    workspace: WORKSPACE,
    ...spec,
  },
});

const answer = (decision: string): string =>
  JSON.stringify({ decision, reasons: [`why ${decision}`], marker: judgeMarker('c2', 36) });
const ENDS: Record<string, CheckSeen['ended']> = {
  open: null,
  passed: { kind: 'exited', code: 0 },
  failed: { kind: 'exited', code: 1 },
  missing: { kind: 'exited', code: 127 },
  late: { kind: 'stopped', reason: 'timed_out' },
  cancelled: 'cancelled',
  approve: { kind: 'ok' },
  revise: { kind: 'ok' },
  escalate: { kind: 'ok' },
  lost: { kind: 'lost', how: 'vanished' },
};
const COMMIT: Partial<Record<CheckKind, string>> = { honest: 'h2', baseline: 'base' };
/** `verify 1 failed FAIL b`: what, the how manieth, how it ended, and what it wrote. */
export const run = (line: string, at: number): CheckSeen => {
  const [what, nth, end = '', ...text] = line.split(' ');
  const kind = what as CheckKind;
  return {
    of: 't-1',
    id: `t-c${at + 1}`,
    attempt: kind === 'baseline' ? 1 : 2,
    what: kind,
    nth: Number(nth),
    commit: COMMIT[kind] ?? 'c2',
    ended: ENDS[end] ?? null,
    text: what === 'judge' ? answer(end) : text.join(' '),
  };
};

export interface Asked {
  checks?: Partial<Checks> | null;
  attempt?: EndedAttempt;
  runs?: string[];
  earlier?: EndedAttempt[];
  workspace?: Partial<WorkspaceSpec> | null;
}
export const looked = ({
  checks = {},
  attempt: of = attempt(),
  runs = [],
  earlier = [],
  workspace = {},
}: Asked) =>
  look(
    finishing(of, {
      checks: checks === null ? null : { ...CHECKS, ...checks },
      workspace: workspace === null ? null : { ...WORKSPACE, ...workspace },
    }),
    { checks: runs.map(run), earlier },
  );

/** What a look came to, in a line. */
export function told(asked: Asked): string {
  const seen = looked(asked);
  switch (seen.kind) {
    case 'act':
      return seen.act.kind === 'save'
        ? 'save'
        : `${seen.act.what} ${seen.act.nth} ${seen.act.commit}`;
    case 'wait':
      return `wait ${seen.for.id}`;
    case 'over':
      return 'over';
    default: {
      const { verification, concerns = [] } = seen.product;
      const result = verification && `${verification.result}${verification.flaky ? ' flaky' : ''}`;
      const detail = verification?.detail && `(${verification.detail})`;
      const reason = seen.kind === 'bad' ? seen.reason : undefined;
      return [seen.kind, reason, result, detail, ...concerns.map((one) => `! ${one}`)]
        .filter(Boolean)
        .join(' ');
    }
  }
}
