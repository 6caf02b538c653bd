import type { EndedTask } from './task.ts';
import type { WorkspaceSpec } from './workspace.ts';

/**
 * Where the work of an ended task is gone on with: in its own work tree, compared with what it began on. Attempts that
 * compete begin anew, each on a branch of its own.
 */
export function workspaceAgain({ spec, attempt }: EndedTask): WorkspaceSpec | null {
  const { workspace, checks } = spec;
  if (!workspace) return null;
  if (workspace.kind !== 'worktree') return workspace;
  if ((checks?.bestOf ?? 1) > 1) return { ...workspace, branch: null };
  const facts = attempt?.workspace;
  return {
    ...workspace,
    branch: facts?.branch ?? workspace.branch,
    base: facts?.prepared?.base ?? workspace.base,
  };
}
