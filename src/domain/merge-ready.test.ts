import { describe, expect, test } from 'vitest';
import { type EndedAttempt, NO_OUTPUT } from './attempt.ts';
import type { Checks } from './checks.ts';
import { type Merge, mergeable, needsCheck, newMerge } from './merge.ts';
import type { Product, VerificationFacts } from './product.ts';
import { NO_RETRY } from './retry.ts';
import type { Task, TaskSpec } from './task.ts';

const CHANGE = { files: 1, insertions: 2, deletions: 3, commits: 1 };

const VERIFIED: VerificationFacts = {
  result: 'passed',
  tree: 'tree',
  flaky: false,
  detail: null,
  tail: '',
  failing: [],
  runs: [],
};
const SAVED = {
  at: 1,
  commit: 'work',
  tree: 'tree',
  ref: 'r',
  snapshot: 'work',
  on: 'branch' as const,
  change: CHANGE,
  since: CHANGE,
  outside: [],
  suspects: [],
  honest: null,
  touched: [],
};
const CHECKS: Checks = {
  verify: { command: 'make test', timeout: 1, from: 'saved', found: null },
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
const SPEC: TaskSpec = {
  work: { kind: 'command', argv: ['true'] },
  title: 't',
  cwd: '/r',
  environment: null,
  owner: 'me',
  group: null,
  parent: null,
  depth: 0,
  labels: {},
  priority: 0,
  streams: 'merged',
  timeout: 1,
  idleTimeout: null,
  queueTimeout: null,
  grace: 1,
  retry: NO_RETRY,
  after: [],
  workspace: {
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
  },
  checks: CHECKS,
  notify: 'always',
  remind: 0,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};
const PRODUCT: Product = { saved: SAVED, unsaved: null, verification: VERIFIED };

function completed(product: Product | undefined, spec: Partial<TaskSpec> = {}): Task {
  const attempt: EndedAttempt = {
    number: 1,
    node: 'n',
    claimedAt: 1,
    process: null,
    startedAt: null,
    deadlineAt: null,
    endedAt: 1,
    outcome: { kind: 'exited', code: 0 },
    exit: { code: 0 },
    output: NO_OUTPUT,
    survivors: [],
    ...(product && { product }),
  };
  const core = { id: 't-1', version: 1, node: 'n', createdAt: 1, spec: { ...SPEC, ...spec } };
  return { ...core, state: 'completed', attempt, endedAt: 2 };
}

describe('what may be merged', () => {
  const verified = (changes: Partial<VerificationFacts>): Product => ({
    ...PRODUCT,
    verification: { ...VERIFIED, ...changes },
  });
  const check = { of: 't-0', attempt: 1, what: 'verify', nth: 1, commit: 'c' } as const;
  const task = completed(PRODUCT);
  const accepted = { decision: 'accepted', at: 1, feedback: null } as const;
  const {
    attempt: _attempt,
    endedAt: _endedAt,
    ...core
  } = task as Extract<Task, { endedAt: number }>;
  const failed = { ...core, state: 'failed', attempt: null, endedAt: 2 } as const;
  const queued = { ...core, state: 'queued', queuedAt: 1, attempt: null } as const;

  test.each<[string, Task, boolean, string]>([
    ['verified', task, false, 'work'],
    ['delivered', completed({ saved: SAVED, unsaved: null }, { checks: null }), false, 'work'],
    [
      'of the best attempt',
      completed({ ...PRODUCT, saved: null, best: { number: 1, product: PRODUCT } }),
      false,
      'work',
    ],
    [
      'timed out',
      completed(verified({ result: 'timed_out' })),
      false,
      'protected: it is not verified: the verification is timed out',
    ],
    ['timed out, with a reason', completed(verified({ result: 'timed_out' })), true, 'work'],
    [
      'unobserved',
      completed(verified({ result: 'unobserved', detail: 'the base fails' })),
      false,
      'protected: it is not verified: the base fails',
    ],
    [
      'unobserved, accepted',
      completed({ ...verified({ result: 'unobserved' }), review: accepted }),
      false,
      'work',
    ],
    [
      'of another tree',
      completed(verified({ tree: 'other' })),
      false,
      'protected: it is not verified: the verification is unobserved',
    ],
    [
      'failed',
      { ...failed, reason: 'verify_failed' },
      true,
      'protected: it has not completed: failed (verify failed)',
    ],
    ['queued', queued, true, 'not_ended: it is queued, not ended'],
    [
      'a check',
      completed(PRODUCT, { check }),
      true,
      'unsupported: it only checks the work of another task',
    ],
    [
      'without a work tree',
      completed(undefined, { workspace: null }),
      true,
      'unsupported: it worked in no work tree of its own',
    ],
    ['without work', completed(undefined), true, 'unsupported: no work of it is saved'],
  ])('%s', (_, given, unverified, expected) => {
    const found = mergeable(given, unverified);
    expect('commit' in found ? found.commit : `${found.why}: ${found.refusal}`).toBe(expected);
  });

  test.each<[string, Product, Partial<TaskSpec>, string, boolean, boolean]>([
    ['the tree that passed', PRODUCT, {}, 'tree', false, false],
    ['another tree', PRODUCT, {}, 'merged', false, true],
    ['another tree, with a reason', PRODUCT, {}, 'merged', true, false],
    ['nothing was asked', PRODUCT, { checks: null }, 'merged', false, false],
    [
      'no verification was asked',
      PRODUCT,
      { checks: { ...CHECKS, verify: null } },
      'x',
      false,
      false,
    ],
    ['never verified', { saved: SAVED, unsaved: null }, {}, 'tree', false, true],
    ['not passed', verified({ result: 'timed_out' }), {}, 'tree', false, true],
  ])('is it verified again: %s', (_, product, spec, tree, unverified, expected) => {
    expect(needsCheck(completed(product, spec), product, tree, unverified)).toBe(expected);
  });

  test.each<[string, Product, string | null, Partial<TaskSpec>, Merge['proof']]>([
    ['verified', PRODUCT, null, {}, 'same'],
    ['with a reason', PRODUCT, 'no time', {}, 'none'],
    ['nothing to verify', PRODUCT, null, { checks: null }, 'none'],
    ['not verified', { saved: SAVED, unsaved: null }, null, {}, 'none'],
  ])('a new one: %s', (_, product, unverified, spec, proof) => {
    const given = completed(product, spec);
    const ready = { commit: 'work', repository: '/r/.git', product };
    const asked = { target: 'main', how: 'squash', unverified } as const;
    expect(newMerge(given, ready, asked, 1)).toEqual({
      taskId: 't-1',
      repository: '/r/.git',
      commit: 'work',
      ...asked,
      state: 'queued',
      from: null,
      to: null,
      change: null,
      proof,
      check: null,
      runs: 0,
      checks: 0,
      moves: 0,
      detail: null,
      paths: [],
      createdAt: 1,
      endedAt: null,
    });
  });
});
