import type { TaskId } from './task.ts';

/**
 * Where a task works, when it does not simply work in its folder: in a work tree of its own, in the person's own
 * checkout, or (a check) in a clean checkout that is thrown away afterwards.
 */
export const WORKSPACE_KINDS = ['worktree', 'in_place', 'checkout'] as const;
export type WorkspaceKind = (typeof WORKSPACE_KINDS)[number];

/** Resolved at submit, before anything of it exists, and fixed from then on. */
export interface WorkspaceSpec {
  kind: WorkspaceKind;
  /** Absolute path, links resolved, of git's common folder (`…/.git`, or a bare repository): names the repository. */
  repository: string;
  /** Root of the person's checkout that it was asked from, absolute; null = the repository is bare. */
  checkout: string | null;
  /** Folder below the root of the work tree in which the task works; '' = the root. */
  subfolder: string;
  /** Asked for by name; null = `tend/<task id>`. A checkout has none. */
  branch: string | null;
  /** Full id of the commit that the work starts from. */
  base: string;
  /** Branch that the work is meant for: the checked out one at submit; null = none was. */
  target: string | null;
  /** Line for the shell, run once in a new work tree before anything else. */
  setup: string | null;
  /** Ignored folders of the checkout that a new work tree is linked to, relative. */
  links: readonly string[];
  /** Ignored files that snapshots keep all the same: globs. */
  keepIgnored: readonly string[];
}

/** One work tree, as it follows from the task alone: nothing of it need exist. */
export interface Place {
  kind: WorkspaceKind;
  taskId: TaskId;
  /** Of the attempt. */
  number: number;
  repository: string;
  checkout: string | null;
  /** Root of the work tree, absolute. */
  path: string;
  /** Where the process starts, absolute. */
  cwd: string;
  /** Short name; null = no branch (a checkout). */
  branch: string | null;
}

/** What preparing a work tree came to: recorded before anything is launched in it. */
export interface Prepared {
  at: number;
  /** Commit that the task's work is compared with. */
  base: string;
  /** Commit that this attempt began on. */
  head: string;
  /** In place: commit with everything as it stood before, dirty or not; else null. */
  before: string | null;
  /** How the person's checkout looked, opaque; null = there is none to watch. */
  checkout: string | null;
  /** Why nothing can be started there; null = it can. */
  refusal: string | null;
}

/** Of an attempt that works in a workspace. */
export interface WorkspaceFacts {
  path: string;
  cwd: string;
  branch: string | null;
  /** Null = not yet. */
  prepared: Prepared | null;
}

/** A branch of the task's own, where none was asked for. Attempts that compete have one each. */
export const branchOf = (
  { kind, branch }: Pick<WorkspaceSpec, 'kind' | 'branch'>,
  taskId: TaskId,
  number: number,
  compete: boolean,
): string | null => {
  if (kind === 'checkout') return null;
  const name = branch ?? `tend/${taskId}`;
  return compete ? `${name}-${number}` : name;
};

/** Everything that is saved of an attempt is kept under this ref, whatever becomes of its branch. */
export const attemptRefOf = (taskId: TaskId, number: number): string =>
  `refs/tend/attempts/${taskId}/${number}`;

/** Tasks with the same key work in the same files: one at a time. Null = nobody else works there. */
export function workspaceKey(spec: WorkspaceSpec | null | undefined): string | null {
  if (!spec || spec.kind === 'checkout') return null;
  if (spec.kind === 'in_place') return spec.checkout;
  return spec.branch === null ? null : `${spec.repository}#${spec.branch}`;
}
