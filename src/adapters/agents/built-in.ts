import type { Agent } from '../../ports/agent.ts';
import { amp } from './amp.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { cursor } from './cursor.ts';
import { droid } from './droid.ts';
import { gemini } from './gemini.ts';
import { grok } from './grok.ts';
import { kilo } from './kilo.ts';
import { opencode } from './opencode.ts';
import { qwen } from './qwen.ts';

/** Every agent that needs no configuration, in the order of `tend agents`: the verified ones first. */
export const BUILT_IN: readonly Agent[] = [
  claude,
  codex,
  gemini,
  opencode,
  qwen,
  copilot,
  cursor,
  droid,
  amp,
  kilo,
  grok,
];
