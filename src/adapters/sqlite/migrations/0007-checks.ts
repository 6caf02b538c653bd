/** Tasks that check the work of another one: kept apart from those that are listed. */
export const checks = `
ALTER TABLE task ADD COLUMN check_of TEXT;
CREATE INDEX task_by_check ON task (check_of, created_at, id) WHERE check_of IS NOT NULL;

DROP INDEX task_newest;
DROP INDEX task_by_state;
DROP INDEX task_by_owner;
DROP INDEX task_by_group;
CREATE INDEX task_newest ON task (created_at, id, search) WHERE check_of IS NULL;
CREATE INDEX task_by_state ON task (state, created_at, id) WHERE check_of IS NULL;
CREATE INDEX task_by_owner ON task (owner, state, created_at, id) WHERE check_of IS NULL;
CREATE INDEX task_by_group ON task (group_name, created_at, id)
  WHERE group_name IS NOT NULL AND check_of IS NULL;
`;
