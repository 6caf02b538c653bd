import type { Figure } from '../figure.ts';
import { agentsFollow } from './agents-follow.ts';
import { agentsLoad } from './agents-load.ts';
import { agentsParse } from './agents-parse.ts';
import { agentsStart } from './agents-start.ts';

/** What agents cost: in order of what they need, from one process to twenty. */
export const agents: readonly Figure[] = [agentsParse, agentsStart, agentsFollow, agentsLoad];
