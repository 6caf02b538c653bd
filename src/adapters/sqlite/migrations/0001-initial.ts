/** Never edited after a release: what changes later is a migration of its own. Times are epoch ms. */
export const initial = `
CREATE TABLE task (
  id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN (
    'waiting', 'queued', 'claimed', 'running', 'stopping', 'finishing', 'awaiting_input',
    'awaiting_children', 'awaiting_review', 'completed', 'failed', 'cancelled', 'skipped'
  )),
  node TEXT NOT NULL,
  created_at REAL NOT NULL,
  owner TEXT NOT NULL,
  group_name TEXT,
  parent TEXT,
  retry_of TEXT,
  resume_of TEXT,
  environment TEXT,
  key TEXT,
  content_hash TEXT NOT NULL,
  priority REAL NOT NULL,
  queued_at REAL,
  due_at REAL,
  ended_at REAL,
  search TEXT NOT NULL,
  facts TEXT NOT NULL,
  spec TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX task_by_key ON task (key) WHERE key IS NOT NULL;
CREATE INDEX task_newest ON task (created_at, id, search);
CREATE INDEX task_by_state ON task (state, created_at, id);
CREATE INDEX task_by_owner ON task (owner, state, created_at, id);
CREATE INDEX task_by_group ON task (group_name, created_at, id) WHERE group_name IS NOT NULL;
CREATE INDEX task_by_parent ON task (parent, created_at, id) WHERE parent IS NOT NULL;
CREATE INDEX task_by_environment ON task (environment) WHERE environment IS NOT NULL;
CREATE INDEX task_to_claim ON task (state, priority DESC, queued_at) WHERE state = 'queued';
CREATE INDEX task_live ON task (node, created_at, id)
  WHERE state IN ('claimed', 'running', 'stopping', 'finishing');
CREATE INDEX task_due ON task (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX task_ended ON task (ended_at, id) WHERE ended_at IS NOT NULL;

CREATE TABLE attempt (
  task_id TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  facts TEXT NOT NULL,
  PRIMARY KEY (task_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE dependency (
  task_id TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  on_task TEXT NOT NULL,
  condition TEXT NOT NULL CHECK (condition IN ('success', 'failure', 'always')),
  PRIMARY KEY (task_id, on_task, condition)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependency_on ON dependency (on_task, task_id);

CREATE TABLE history (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  at REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX history_of_task ON history (task_id, version);

CREATE TABLE delivery (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('completion', 'question', 'reminder', 'match', 'digest')),
  task_id TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  owner TEXT NOT NULL,
  subscriber TEXT NOT NULL,
  created_at REAL NOT NULL,
  preview TEXT NOT NULL,
  truncated INTEGER NOT NULL CHECK (truncated IN (0, 1)),
  tries INTEGER NOT NULL,
  next_at REAL,
  delivered_at REAL,
  acked_at REAL,
  dead_at REAL,
  last_error TEXT
) STRICT;
CREATE INDEX delivery_inbox ON delivery (subscriber, created_at, id) WHERE acked_at IS NULL;
CREATE INDEX delivery_push ON delivery (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX delivery_of_task ON delivery (task_id, created_at, id);
CREATE INDEX delivery_open ON delivery (task_id, dead_at) WHERE delivered_at IS NULL;
CREATE INDEX delivery_dead ON delivery (dead_at, id) WHERE dead_at IS NOT NULL;

CREATE TABLE uncleared (
  id TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
