import type { Database } from 'better-sqlite3';
import {
  AGENT_CHANGES_KEPT,
  type AgentChange,
  type StoredAgentChange,
} from '../../domain/agent-change.ts';
import type { Store } from '../../ports/store.ts';
import type { Core } from './core.ts';

/** Adds a line to the history of agents, and drops the one that is too old by now. */
export function agentChangeRow(db: Database): (change: AgentChange) => void {
  const insert = db.prepare<AgentChange>(
    `INSERT INTO agent_change (at, agent, account, kind, detail, task_id)
     VALUES (@at, @agent, @account, @kind, @detail, @taskId)`,
  );
  const trim = db.prepare<[number]>('DELETE FROM agent_change WHERE seq <= ?');
  return (change) => {
    const { lastInsertRowid } = insert.run(change);
    trim.run(Number(lastInsertRowid) - AGENT_CHANGES_KEPT);
  };
}

const SELECT = 'SELECT seq, at, agent, account, kind, detail, task_id AS taskId FROM agent_change';

export function agentHistoryVerbs({ db, read }: Core): Pick<Store, 'agentChanges'> {
  const all = db.prepare<[number], StoredAgentChange>(
    `${SELECT} WHERE seq > 0 ORDER BY seq DESC LIMIT ?`,
  );
  const ofAgent = db.prepare<[string, number], StoredAgentChange>(
    `${SELECT} WHERE agent = ? ORDER BY seq DESC LIMIT ?`,
  );
  return {
    agentChanges: (limit, agent = null) =>
      read(() => (agent === null ? all.all(limit) : ofAgent.all(agent, limit))),
  };
}
