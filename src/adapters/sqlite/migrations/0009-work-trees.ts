/** Which tasks work in the same work tree: it stays until the last of them is forgotten. */
export const workTrees = `
CREATE INDEX task_by_work_tree ON task (
  spec ->> '$.workspace.repository',
  coalesce(spec ->> '$.workspace.branch', 'tend/' || id),
  id
) WHERE spec ->> '$.workspace.kind' = 'worktree';
`;
