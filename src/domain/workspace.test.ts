import { expect, test } from 'vitest';
import { attemptRefOf, branchOf, type WorkspaceKind, workspaceKey } from './workspace.ts';
import { WORKSPACE } from './work-sample.ts';

test.each<[WorkspaceKind, string | null, boolean, string | null]>([
  ['worktree', null, false, 'tend/t-1'],
  ['worktree', 'mine', false, 'mine'],
  ['worktree', null, true, 'tend/t-1-3'],
  ['worktree', 'mine', true, 'mine-3'],
  ['checkout', 'mine', false, null],
])('%s, branch %s, competing %s: %s', (kind, branch, compete, expected) => {
  expect(branchOf({ kind, branch }, 't-1', 3, compete)).toBe(expected);
});

test('each attempt has a ref of its own', () => {
  expect(attemptRefOf('t-1', 3)).toBe('refs/tend/attempts/t-1/3');
});

test('those that would work in the same files have the same key', () => {
  expect(workspaceKey(null)).toBeNull();
  expect(workspaceKey(undefined)).toBeNull();
  expect(workspaceKey({ ...WORKSPACE, kind: 'checkout', branch: 'x' })).toBeNull();
  expect(workspaceKey({ ...WORKSPACE, kind: 'in_place' })).toBe('/r');
  expect(workspaceKey({ ...WORKSPACE, branch: 'x' })).toBe('/r/.git#x');
  expect(workspaceKey(WORKSPACE)).toBeNull();
});
