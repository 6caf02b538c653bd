import { initial } from './0001-initial.ts';
import { agents } from './0002-agents.ts';

/** In order; the database's `user_version` counts those it has seen. */
export const MIGRATIONS: readonly string[] = [initial, agents];
