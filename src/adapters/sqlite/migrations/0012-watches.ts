/** Watches over what tasks write, with where they stand. */
export const watches = `
CREATE TABLE watch (
  id TEXT NOT NULL PRIMARY KEY,
  task_id TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  created_at REAL NOT NULL,
  facts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_of_task ON watch (task_id);
`;
