import { describe, expect, test } from 'vitest';
import type { Block } from './admission.ts';
import { whyQueued } from './explain.ts';

const say = (at: number): string => `moment ${at}`;
const block = (reason: Block['reason'], given: Partial<Block> = {}): Block => ({
  reason,
  what: null,
  until: null,
  detail: null,
  ...given,
});

describe('a queued task waits', () => {
  test.each<[Block, number | null, string]>([
    [block('paused'), 3, ': the queue is paused until it is unpaused'],
    [block('paused', { what: 'group g' }), null, ': group g is paused until it is unpaused'],
    [block('disk'), 1, ': free disk space is below its floor'],
    [block('memory'), 1, ': free memory is below its floor'],
    [
      block('held', { what: 'claude/default/opus', until: 7, detail: 'weekly limit' }),
      2,
      ': claude/default/opus is held until moment 7 (weekly limit); 2 tasks ahead',
    ],
    [
      block('held', { what: 'claude/*', detail: 'holidays' }),
      0,
      ': claude/* is held until it is released (holidays); it is next',
    ],
    [
      block('held', { what: 'codex/drained', detail: 'failed twice in a row' }),
      0,
      ': codex is drained until a person has seen it, with: tend agents ack codex (failed twice in a row); it is next',
    ],
    [
      block('held', { what: 'claude/default/opus', detail: 'limit reached; one task tries first' }),
      null,
      ': claude/default/opus was held (limit reached; one task tries first)',
    ],
    [block('checks'), 1, ' for another check to end: as many run as may; 1 task ahead'],
    [block('held'), null, ': its account is held until it is released'],
    [
      block('budget', { what: 'daily', until: 9 }),
      null,
      ': there is no room in the budget daily until moment 9',
    ],
    [block('budget'), null, ': there is no room in the budget  until it is raised'],
    [block('exclusive', { what: 'db' }), 0, ' for the running task that holds db; it is next'],
    [block('workspace_busy'), null, ' for the running task that holds its workspace'],
    [
      block('group_limit', { what: 'g' }),
      1,
      ' for a running task of group g: as many run as may; 1 task ahead',
    ],
    [block('group_limit'), null, ' for a running task of group : as many run as may'],
    [
      block('label_limit', { what: 'gpu' }),
      null,
      ' for a running task labelled gpu: as many run as may',
    ],
    [block('label_limit'), null, ' for a running task labelled : as many run as may'],
    [block('agent_limit', { what: 'amp' }), null, ' for a running task of amp: as many run as may'],
    [block('agent_limit'), null, ' for a running task of its agent: as many run as may'],
    [block('slots'), 12, ' for a free slot: as many tasks run as may; 12 tasks ahead'],
  ])('%j with %j ahead', (given, ahead, sentence) => {
    expect(whyQueued(given, ahead, say)).toBe(sentence);
  });
});
