/** A queue of pushes for each subscriber, and what is known of those that are pushed to. */
export const notices = `
DROP INDEX delivery_push;
CREATE INDEX delivery_queue ON delivery (subscriber, next_at, id) WHERE next_at IS NOT NULL;
CREATE TABLE receiver (
  subscriber TEXT NOT NULL PRIMARY KEY,
  delivered_at REAL,
  failed_at REAL,
  last_error TEXT,
  sent TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
