/** An agent's task from claim to end: limits, sessions that cannot be loaded and silence thrown at it at random. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessionToResume } from '../../src/domain/agent-again.ts';
import { type AgentOutcome, isLimit, limitFor } from '../../src/domain/agent-outcome.ts';
import { EMPTY_REPORT } from '../../src/domain/agent-report.ts';
import type { AgentWork } from '../../src/domain/agent-work.ts';
import { type EndedAttempt, NO_OUTPUT } from '../../src/domain/attempt.ts';
import { decideAll, requestStop } from '../../src/domain/decide.ts';
import {
  type AgentEvidence,
  type AttemptEvidence,
  type Evidence,
  NO_CHILDREN,
} from '../../src/domain/evidence.ts';
import { apply, step, type Task, type TaskIn, type TaskSpec } from '../../src/domain/task.ts';
import { agentWork } from './agent-arbitraries.ts';
import { spec } from './arbitraries.ts';

const FATES = [
  'answers',
  'fails',
  'vanishes',
  'is voided',
  'is refused',
  'is silent',
  'cannot resume',
] as const;
type Fate = (typeof FATES)[number];

const PROCESS = { pid: 1, startTime: '1', bootId: 'b' };

/** Numbers do not tell one failure from another. */
const inLetters = (count: number): string =>
  String(count).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');

const outcomeOf = (fate: Fate, now: number): AgentOutcome | null => {
  switch (fate) {
    case 'answers':
      return { kind: 'ok' };
    case 'fails':
      return { kind: 'agent_error', message: `error ${inLetters(now)}` };
    case 'is refused':
      return { kind: 'rate_limited', limit: limitFor('rate_limited', 'no'), message: 'no' };
    case 'cannot resume':
      return { kind: 'resume_unavailable', message: `no session at ${now}` };
    default:
      return null;
  }
};

const shown = (fate: Fate, now: number): AttemptEvidence => {
  const at = { process: PROCESS, startedAt: now, at: now, output: NO_OUTPUT, survivors: [] };
  if (fate === 'is voided') return { kind: 'voided' };
  if (fate === 'vanishes') return { kind: 'gone', how: 'vanished', ...at };
  return { kind: 'exited', exit: { code: 1 }, ...at };
};

/** A session that could not be loaded is there only where one was to be. */
const fitting = (fate: Fate, resumed: string | null): Fate =>
  fate === 'cannot resume' && resumed === null ? 'fails' : fate;

type AgentSpec = TaskSpec & { work: AgentWork };
const agentSpec: fc.Arbitrary<AgentSpec> = fc.tuple(spec, agentWork).map(([asked, work]) => ({
  ...asked,
  work: { ...work, onQuota: 'wait' },
  queueTimeout: null,
}));

/** Plays the engine for one task until it ends, or until the fates are used up. */
function live(asked: AgentSpec, fates: readonly Fate[]): { task: Task; ended: EndedAttempt[] } {
  const ended: EndedAttempt[] = [];
  const core = { id: 't-1', version: 1, node: 'n', createdAt: 0, spec: asked };
  let task: Task = { ...core, state: 'queued', queuedAt: 0, attempt: null };
  let now = 0;
  const pass = (attempt: AttemptEvidence, agent: AgentEvidence | null = null): void => {
    const rest = {
      readiness: { kind: 'ready' },
      children: NO_CHILDREN,
      vitals: null,
      outputLimit: 0,
      overBudget: false,
      chance: 0,
    } as const;
    const evidence: Evidence = {
      attempt,
      agent,
      earlier: [...ended],
      checks: [],
      orphaned: false,
      ...rest,
    };
    task = decideAll(task, evidence, now).reduce(apply, task);
  };
  for (const given of fates) {
    if (task.state === 'waiting') now = Math.max(now, task.runAt ?? 0);
    pass({ kind: 'none' });
    if (task.state !== 'queued') break;
    const claimed = claim(task, ended.length + 1, now);
    task = claimed;
    const resumed = claimed.attempt.agent?.resumed ?? null;
    const fate = fitting(given, resumed);
    now += 1;
    if (fate === 'is silent')
      task = apply(claimed, requestStop(claimed, 'no_first_output', 0, now));
    const sessionId = fate === 'is silent' ? null : (resumed ?? `s-${claimed.attempt.number}`);
    pass(shown(fate, now), {
      report: { ...EMPTY_REPORT, sessionId },
      outcome: outcomeOf(fate, now),
    });
    if (task.attempt?.outcome) ended.push(task.attempt);
  }
  return { task, ended };
}

function claim(task: TaskIn<'queued'>, number: number, now: number): TaskIn<'claimed'> {
  const resume = sessionToResume(task, true, task.spec.work as AgentWork);
  const agent = { sessionId: resume, resumed: resume, before: null, report: null, settledAt: null };
  const unstarted = { process: null, startedAt: null, deadlineAt: null } as const;
  const attempt = { number, node: 'n', claimedAt: now, ...unstarted, endedAt: null, outcome: null };
  const next = { state: 'claimed', attempt: { ...attempt, agent } } as const;
  return apply(task, step('claim', task, next, now)) as TaskIn<'claimed'>;
}

const fates = fc.array(fc.constantFrom(...FATES), { maxLength: 20 });
const isSilent = ({ outcome }: EndedAttempt): boolean =>
  outcome.kind === 'stopped' && outcome.reason === 'no_first_output';
/** An attempt that says nothing about the work. */
const isFree = ({ outcome: { kind } }: EndedAttempt): boolean =>
  kind === 'voided' || kind === 'resume_unavailable' || isLimit(kind);

test('a task ends once, after no more attempts than it was granted, and one chance for silence', () => {
  fc.assert(
    fc.property(agentSpec, fates, (asked, given) => {
      const { task, ended } = live(asked, given);
      const costly = ended.filter((one) => !isFree(one) && !isSilent(one));
      expect(costly.length).toBeLessThanOrEqual(asked.retry.attempts + 1);
      expect(ended.filter(isSilent).length).toBeLessThanOrEqual(2);
      expect(task.state === 'completed').toBe(ended.at(-1)?.outcome.kind === 'ok');
      expect(ended.map((attempt) => attempt.number)).toEqual(ended.map((_, n) => n + 1));
    }),
  );
});

test('refusals cost nothing, wherever they come: the same end after any number of them', () => {
  const both = fc.array(fc.constantFrom('is refused' as const, 'is voided' as const), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(agentSpec, both, fc.nat({ max: 5 }), (asked, free, at) => {
      const failing = Array.from<unknown, Fate>({ length: 10 }, () => 'fails');
      const { task, ended } = live(asked, failing.toSpliced(at, 0, ...free));
      expect(task).toMatchObject({ state: 'failed', reason: 'agent_error' });
      const reached = at <= asked.retry.attempts ? free.length : 0;
      expect(ended).toHaveLength(reached + asked.retry.attempts + 1);
    }),
  );
});

test('a task that is only ever refused never fails by it', () => {
  fc.assert(
    fc.property(agentSpec, fc.nat({ max: 30 }), (asked, times) => {
      const { task, ended } = live(
        asked,
        Array.from({ length: times }, () => 'is refused' as const),
      );
      expect(task.state).toBe('queued');
      expect(ended).toHaveLength(times);
    }),
  );
});

test('a session goes on exactly after what cut it off, whatever was voided in between', () => {
  fc.assert(
    fc.property(agentSpec, fates, (asked, given) => {
      const { ended } = live(asked, given);
      for (const [nth, { agent }] of ended.entries()) {
        const last = ended.slice(0, nth).findLast(({ outcome }) => outcome.kind !== 'voided');
        const wasCutOff =
          last !== undefined && (last.outcome.kind === 'lost' || isLimit(last.outcome.kind));
        const first = asked.work.resume?.sessionId ?? null;
        const seen = wasCutOff ? (last.agent?.report?.sessionId ?? null) : null;
        expect(agent?.resumed).toBe(last === undefined ? first : seen);
      }
    }),
  );
});
