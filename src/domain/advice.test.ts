import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adviceIn } from './advice.ts';
import { TIERS } from './envelope.ts';

const heard = (answer: string) => adviceIn(answer, ['claude', 'codex'], TIERS);
const NOTHING = { agent: null, model: null, tier: null, reason: null };

describe('what a classifier answered', () => {
  test.each([
    ['{"agent":"codex"}', { agent: 'codex' }],
    [
      '{"agent":" codex ","model":"mini","tier":"lite","reason":"small"}\n',
      { agent: 'codex', model: 'mini', tier: 'lite', reason: 'small' },
    ],
    ['Here it is:\n```json\n{"agent": "claude"}\n```\nDone.', { agent: 'claude' }],
    ['{not json} {"tier":"high"} {"tier":"lite"}', { tier: 'high' }],
    ['{"reason":"a } brace, a \\" quote and a \\\\"}', { reason: 'a } brace, a " quote and a \\' }],
    ['{"reason":"two\\nlines  and\\ttabs"}', { reason: 'two lines and tabs' }],
    ['{"agent":null,"model":7,"tier":"","reason":{"a":1}}', {}],
    ['{"model":"mini"}', {}],
    ['{}', {}],
    ['{ { {"agent":"codex"}', { agent: 'codex' }],
    ['{"a":{"agent":"x"},"agent":"claude"}', { agent: 'claude' }],
  ])('%s', (answer, advice) => {
    expect(heard(answer)).toEqual({ advice: { ...NOTHING, ...advice } });
  });

  test.each([
    ['', 'answered no JSON object'],
    ['codex', 'answered no JSON object'],
    ['["codex"]', 'answered no JSON object'],
    ['{"agent":"codex"', 'answered no JSON object'],
    ['}{', 'answered no JSON object'],
    ['{"a', 'answered no JSON object'],
    ['{'.repeat(1_000), 'answered no JSON object'],
    ['{"agent":"gemini"}', 'named "gemini", which is no candidate'],
    ['{"agent":"codex","tier":"huge"}', 'named the tier "huge", which there is not'],
    [`{"agent":"${'x'.repeat(99)}"}`, `named "${'x'.repeat(40)}", which is no candidate`],
  ])('%s is a failure', (answer, failure) => {
    expect(heard(answer)).toEqual({ failure });
  });

  test('a long reason is cut', () => {
    const answer = heard(JSON.stringify({ reason: 'long '.repeat(100) }));
    expect('advice' in answer && answer.advice.reason?.length).toBe(200);
  });

  test('an object is found wherever it stands, and nothing throws', () => {
    const around = fc.string({ unit: fc.constantFrom('a', ' ', '}', '"', '\\', '\n') });
    fc.assert(
      fc.property(around, around, (before, after) => {
        expect(heard(`${before}{"agent":"codex"}${after}`)).toEqual({
          advice: { ...NOTHING, agent: 'codex' },
        });
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void heard(text)));
  });
});
