import { describe, expect, test } from 'vitest';
import type { AgentEvent } from './agent-event.ts';
import { type AgentReport, EMPTY_REPORT, fold } from './agent-report.ts';
import { LONGEST_SAID, MOST_CHANGED } from './agent-trail.ts';

function after(...events: readonly AgentEvent[]): AgentReport {
  const report = { ...EMPTY_REPORT };
  for (const event of events) fold(report, event, null);
  return report;
}
const says = (text: string): AgentEvent => ({ kind: 'text', text });
const TOOL: AgentEvent = { kind: 'tool_started', tool: 'Bash', callId: null, summary: '' };
const changes = (path: string): AgentEvent => ({ kind: 'file_changed', path, change: 'update' });

describe('what is left for whoever goes on', () => {
  test('the words before the last tool, however many follow', () => {
    expect(after(says('One.'), TOOL, says(' Two. '), TOOL, TOOL)).toMatchObject({
      said: 'Two.',
      text: '',
    });
    expect(after(says('One.'), TOOL, says('Two.'))).toMatchObject({ said: 'One.', text: 'Two.' });
    expect(after(says(' '), TOOL)).not.toHaveProperty('said');
    const long = after(says(`${'x'.repeat(LONGEST_SAID)}end`), TOOL);
    expect(long.said?.length).toBeLessThanOrEqual(LONGEST_SAID);
    expect(long.said?.endsWith('end')).toBe(true);
  });

  test('the files that it changed, each once', () => {
    expect(after(changes('a'), changes('b'), changes('a')).changed).toEqual(['a', 'b']);
    expect(after(says('x'))).not.toHaveProperty('changed');
    const many = Array.from({ length: MOST_CHANGED + 5 }, (_, nth) => changes(`f${nth}`));
    expect(after(...many).changed).toHaveLength(MOST_CHANGED);
  });
});
