import { describe, expect, test } from 'vitest';
import { completions, isLoud, NOTIFY_POLICIES, type NotifyPolicy, pushedTo } from './delivery.ts';
import type { EndedTask } from './task.ts';
import type { Finish } from './worker.ts';
import { attempt } from './work-sample.ts';

const finish = (given: Partial<Finish>): Finish => ({
  at: 1,
  result: 'x',
  summary: 'x',
  checks: [],
  significance: '',
  notify: false,
  ...given,
});
const FINISHES = {
  none: undefined,
  dull: finish({}),
  told: finish({ notify: true, significance: '1: it broke' }),
  vague: finish({ notify: true, significance: 'it is important' }),
  gaps: finish({ checks: [{ requirement: 'tests', met: false, evidence: '' }] }),
} as const;
type FinishName = keyof typeof FINISHES;

function ended(state: 'completed' | 'failed', notify: NotifyPolicy, told: FinishName): EndedTask {
  const worker = FINISHES[told];
  const spec = { notify, criteria: ['something broke'], owner: 'me', onDone: null };
  const of = { ...attempt(), ...(worker !== undefined && { worker: { finish: worker } }) };
  const core = { id: 't-1', createdAt: 1, endedAt: 9, spec, attempt: of };
  return { ...core, state, ...(state === 'failed' && { reason: 'exit_code' }) } as never;
}

// prettier-ignore
const LOUD: Record<NotifyPolicy, Record<FinishName, [completed: boolean, failed: boolean]>> = {
  always:         { none: [true, true],   dull: [true, true],   told: [true, true],   vague: [true, true],   gaps: [true, true] },
  on_failure:     { none: [false, true],  dull: [false, true],  told: [false, true],  vague: [false, true],  gaps: [false, true] },
  if_significant: { none: [true, true],   dull: [false, true],  told: [true, true],   vague: [false, true],  gaps: [true, true] },
  never:          { none: [false, false], dull: [false, false], told: [false, false], vague: [false, false], gaps: [false, false] },
};

describe.each(NOTIFY_POLICIES)('notify %s', (notify) => {
  test.each(Object.keys(FINISHES) as FinishName[])('with a finish that is %s', (told) => {
    expect([
      isLoud(ended('completed', notify, told)),
      isLoud(ended('failed', notify, told)),
    ]).toEqual(LOUD[notify][told]);
  });
});

test('an end is pushed to webhooks, channels and the command, and always there to be pulled', () => {
  const targets = { webhooks: ['ci'], channels: ['phone'], onDone: true };
  const to = (notify: NotifyPolicy) =>
    completions(ended('completed', notify, 'dull'), targets).map(({ subscriber }) => subscriber);
  expect(to('always')).toEqual(['owner:me', 'command', 'webhook:ci', 'channel:phone']);
  expect(to('if_significant')).toEqual(['owner:me']);
  expect(pushedTo({ webhooks: ['ci'], onDone: true })).toEqual(['webhook:ci']);
});
