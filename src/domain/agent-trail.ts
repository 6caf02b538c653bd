import type { AgentEvent } from './agent-event.ts';
import { endOf } from './cut.ts';

/** What is left of an attempt for whoever goes on with its work. */
export interface Trail {
  /** The end of what it had said before its last tool; left out = nothing. */
  said?: string;
  /** Files that it changed, the first ones; left out = none. */
  changed?: readonly string[];
}

/** Longest words that are kept, in characters, and most files. */
export const LONGEST_SAID = 2_000;
export const MOST_CHANGED = 30;

/** Notes what an event leaves, before the report forgets the text that came before it. */
export function noteTrail(report: Trail & { text: string }, event: AgentEvent): void {
  if (event.kind === 'tool_started' && report.text.trim() !== '')
    report.said = endOf(report.text.trim(), LONGEST_SAID);
  if (event.kind !== 'file_changed') return;
  const { changed = [] } = report;
  if (changed.length < MOST_CHANGED && !changed.includes(event.path))
    report.changed = [...changed, event.path];
}
