import type { Merging } from '../../ports/merging.ts';
import type { Trash } from '../../ports/trash.ts';
import type { Workspaces } from '../../ports/workspace.ts';
import { createMerging } from './merging.ts';
import { createTrash } from './trash.ts';
import { createWorkspaces } from './workspaces.ts';

/** Everything that is done with git, below one state folder (an absolute path). */
export interface Git {
  workspaces: Workspaces;
  merging: Merging;
  trash: Trash;
}

export const createGit = (state: string): Git => ({
  workspaces: createWorkspaces(state),
  merging: createMerging(),
  trash: createTrash(state),
});
