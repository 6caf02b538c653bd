import { expect, test } from 'vitest';
import { workspaceAgain } from './again.ts';
import type { Checks } from './checks.ts';
import type { EndedTask } from './task.ts';
import type { WorkspaceFacts, WorkspaceSpec } from './workspace.ts';

const SPEC: WorkspaceSpec = {
  kind: 'worktree',
  repository: '/r/.git',
  checkout: '/r',
  subfolder: '',
  branch: null,
  base: 'old',
  target: 'main',
  setup: null,
  links: [],
  keepIgnored: [],
};

const FACTS = {
  path: '/w',
  cwd: '/w',
  branch: 'tend/t-1',
  prepared: { at: 1, base: 'merged', head: 'h', before: null, checkout: null, refusal: null },
} satisfies WorkspaceFacts;

const ended = (
  workspace: WorkspaceSpec | null | undefined,
  facts: WorkspaceFacts | undefined | null,
  checks: Partial<Checks> | null = null,
): EndedTask =>
  ({
    spec: { ...(workspace !== undefined && { workspace }), checks },
    attempt: facts === null ? null : { ...(facts && { workspace: facts }) },
  }) as unknown as EndedTask;

test.each([
  ['none', ended(undefined, undefined), null],
  ['none was said', ended(null, undefined), null],
  ['its own branch, from what it began on', ended(SPEC, FACTS), ['tend/t-1', 'merged']],
  ['never prepared', ended(SPEC, { ...FACTS, prepared: null }), ['tend/t-1', 'old']],
  ['never started', ended({ ...SPEC, branch: 'mine' }, null), ['mine', 'old']],
  ['an attempt without a place', ended(SPEC, undefined), [null, 'old']],
  ['competing attempts', ended({ ...SPEC, branch: 'x' }, FACTS, { bestOf: 3 }), [null, 'old']],
  ['alone', ended(SPEC, FACTS, { bestOf: 1 }), ['tend/t-1', 'merged']],
  ['in place', ended({ ...SPEC, kind: 'in_place' }, FACTS), [null, 'old']],
])('the place of the same work again: %s', (_, task, expected) => {
  const found = workspaceAgain(task);
  expect(found === null ? null : [found.branch, found.base]).toEqual(expected);
});
