import type { Database } from 'better-sqlite3';
import { initial } from './0001-initial.ts';
import { agents } from './0002-agents.ts';
import { lanes } from './0003-lanes.ts';
import { spending } from './0004-spending.ts';
import { schedules } from './0005-schedules.ts';
import { agentHistory } from './0006-agent-history.ts';
import { checks } from './0007-checks.ts';
import { merges } from './0008-merges.ts';
import { workTrees } from './0009-work-trees.ts';
import { questions } from './0010-questions.ts';
import { notices } from './0011-notices.ts';
import { watches } from './0012-watches.ts';
import { groups } from './0013-groups.ts';

/** Statements, or what needs to read the rows, too. */
type Migration = string | ((db: Database) => void);

/** In order; the database's `user_version` counts those it has seen. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  agents,
  lanes,
  spending,
  schedules,
  agentHistory,
  checks,
  merges,
  workTrees,
  questions,
  notices,
  watches,
  groups,
];
