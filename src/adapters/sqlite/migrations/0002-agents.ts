/** Agents: whose account a task uses, and which accounts may not be used now. */
export const agents = `
ALTER TABLE task ADD COLUMN account TEXT;

CREATE TABLE hold (
  account TEXT NOT NULL PRIMARY KEY,
  retry_at REAL,
  facts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
