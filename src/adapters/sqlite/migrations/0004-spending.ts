/** What attempts of agents cost: no foreign key, a row outlives its task. Money in millionths of a dollar. */
export const spending = `
CREATE TABLE spending (
  task_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  agent TEXT NOT NULL,
  account TEXT NOT NULL,
  group_name TEXT,
  owner TEXT NOT NULL,
  at REAL NOT NULL,
  ended INTEGER NOT NULL CHECK (ended IN (0, 1)),
  reserved INTEGER NOT NULL,
  cost INTEGER,
  tokens INTEGER,
  PRIMARY KEY (task_id, attempt)
) STRICT, WITHOUT ROWID;
CREATE INDEX spending_at ON spending (at, agent, group_name, owner, ended, reserved, cost, tokens);
`;
