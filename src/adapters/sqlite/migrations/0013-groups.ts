/** What the tasks of a group share, what they found, and what is known of projects, with the words of it to be searched. */
export const groups = `
CREATE TABLE task_group (
  name TEXT NOT NULL PRIMARY KEY,
  facts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE finding (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  group_name TEXT NOT NULL REFERENCES task_group (name) ON DELETE CASCADE,
  key TEXT NOT NULL,
  task_id TEXT,
  facts TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX finding_by_key ON finding (group_name, key);
CREATE INDEX finding_newest ON finding (group_name, seq);

CREATE TABLE memory (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  folder TEXT,
  created_at REAL NOT NULL,
  over_at REAL,
  facts TEXT NOT NULL
) STRICT;
CREATE INDEX memory_by_folder ON memory (folder, created_at DESC, id);
CREATE INDEX memory_newest ON memory (created_at DESC, id);
CREATE VIRTUAL TABLE memory_words USING fts5 (words, tokenize = 'ascii');
`;
