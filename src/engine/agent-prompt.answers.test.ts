import { describe, expect, test } from 'vitest';
import { EMPTY_REPORT } from '../domain/agent-report.ts';
import type { AgentFacts, AgentWork } from '../domain/agent-work.ts';
import { type EndedAttempt, NO_OUTPUT, type Outcome } from '../domain/attempt.ts';
import { ENVELOPES } from '../domain/envelope.ts';
import type { Question } from '../domain/question.ts';
import { ANSWER, QUESTION } from '../domain/worker-sample.ts';
import { promptOf } from './agent-prompt.ts';

const work: AgentWork = {
  kind: 'agent',
  agent: 'claude',
  model: null,
  tier: 'lite',
  envelope: ENVELOPES.lite,
  permissions: 'workspace',
  isolated: false,
  account: 'claude/default/default',
  brief: 'Fix it.',
  prompt: 'Fix it.',
  onQuota: 'wait',
  resume: null,
};
const facts = (of: Partial<AgentFacts> = {}): AgentFacts => ({
  sessionId: 's-1',
  resumed: null,
  before: null,
  report: { ...EMPTY_REPORT, text: 'I look.', turns: 1, sessionId: 's-1' },
  settledAt: null,
  ...of,
});
const attempt = (
  number: number,
  outcome: Outcome,
  question: Partial<Question> | null,
  agent: Partial<AgentFacts> = {},
): EndedAttempt => ({
  number,
  node: 'n',
  claimedAt: 10,
  process: null,
  startedAt: 20,
  deadlineAt: 60_020,
  endedAt: 30,
  outcome,
  exit: null,
  output: { ...NO_OUTPUT, preview: 'I look.' },
  survivors: [],
  agent: facts(agent),
  ...(question !== null && { worker: { question: { ...QUESTION, ...question } } }),
});
const asked = (number: number, text: string, answer: string, agent: Partial<AgentFacts> = {}) =>
  attempt(number, { kind: 'parked' }, { text, answer: { ...ANSWER, text: answer } }, agent);
const resuming = (number: number) => ({ number, agent: facts({ resumed: 's-1', report: null }) });
const fresh = (number: number) => ({ number, agent: facts({ sessionId: 's-2', report: null }) });

const FIRST = asked(1, 'Which parser?', 'The second.');
const RESUMED = 'You asked: Which parser?\n\nA person answered:\n\nThe second.';

describe('the answer', () => {
  test('is what the session that asked hears next', () => {
    expect(promptOf(work, resuming(2), [FIRST]).startsWith(RESUMED)).toBe(true);
  });

  test('is said again where nothing came of the first time', () => {
    const limit = { class: 'until', until: null, message: 'no' } as const;
    const refused = attempt(2, { kind: 'rate_limited', limit, message: 'no' }, null, {
      resumed: 's-1',
      report: EMPTY_REPORT,
    });
    expect(promptOf(work, resuming(3), [FIRST, refused])).toContain(RESUMED);
  });

  test('is said once', () => {
    const lost = attempt(2, { kind: 'lost', how: 'vanished' }, null, { resumed: 's-1' });
    expect(promptOf(work, resuming(3), [FIRST, lost])).toMatch(/^Go on where you stopped/);
  });

  test('is told to a session that was cut off after it had asked', () => {
    const { outcome: _outcome, ...rest } = FIRST;
    const late: EndedAttempt = { ...rest, outcome: { kind: 'stopped', reason: 'timed_out' } };
    expect(promptOf(work, resuming(2), [late])).toContain(RESUMED);
  });

  test('is folded into the prompt of a session that knows nothing of it, with all earlier ones', () => {
    const gone = attempt(3, { kind: 'resume_unavailable', message: 'gone' }, null);
    const second = asked(2, 'And which lexer?', 'None.', { resumed: 's-1' });
    const prompt = promptOf(work, fresh(4), [FIRST, second, gone]);
    expect(prompt).toMatch(/^Fix it\./);
    expect(prompt).toContain('Attempt 1 stopped to ask a person.');
    expect(prompt).toMatch(
      /Already answered[^]*Which parser\?[^]*The second\.[^]*which lexer\?[^]*None\./,
    );
  });

  test('is folded into the prompt of another agent', () => {
    const {
      resume: _resume,
      kind: _kind,
      brief: _brief,
      prompt: _prompt,
      onQuota: _q,
      ...own
    } = work;
    const seat = { ...own, agent: 'codex', account: 'codex/default/default' };
    const prompt = promptOf(
      { ...work, others: [seat], onQuota: 'fallback' },
      { number: 2, agent: facts({ seat, sessionId: null, report: null }) },
      [FIRST],
    );
    expect(prompt).toContain('Attempt 1: claude stopped to ask a person');
    expect(prompt).toMatch(/Already answered[^]*Which parser\?[^]*The second\./);
  });

  test('of a question that is open is none', () => {
    const open = attempt(1, { kind: 'exited', code: 1 }, {});
    expect(promptOf(work, fresh(2), [open])).not.toContain('Already answered');
  });
});
