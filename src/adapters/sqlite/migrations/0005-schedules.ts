/** Schedules, whose captured environments are kept as those of tasks are. */
export const schedules = `
CREATE TABLE schedule (
  id TEXT NOT NULL PRIMARY KEY,
  created_at REAL NOT NULL,
  next_at REAL,
  environment TEXT NOT NULL,
  facts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_due ON schedule (next_at, id) WHERE next_at IS NOT NULL;
`;
