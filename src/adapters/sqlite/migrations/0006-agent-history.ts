/** What became of the accounts of agents: refused, held for longer, drained, laid aside, used again. */
export const agentHistory = `
CREATE TABLE agent_change (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at REAL NOT NULL,
  agent TEXT NOT NULL,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  task_id TEXT
) STRICT;
CREATE INDEX agent_change_by_agent ON agent_change (agent, seq);
`;
