/** Merges of what tasks have made, numbered in the order in which they were asked for. */
export const merges = `
CREATE TABLE merge (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  target TEXT NOT NULL,
  ended_at REAL,
  facts TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX merge_of_task ON merge (task_id, target);
CREATE INDEX merge_open ON merge (seq) WHERE ended_at IS NULL;
`;
