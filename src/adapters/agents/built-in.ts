import type { Agent } from '../../ports/agent.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { gemini } from './gemini.ts';
import { kilo } from './kilo.ts';
import { opencode } from './opencode.ts';
import { qwen } from './qwen.ts';

/** Every agent that needs no configuration, in the order of `tend agents`. */
export const BUILT_IN: readonly Agent[] = [claude, codex, gemini, opencode, qwen, copilot, kilo];
