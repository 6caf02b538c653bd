/** Generators of what agents add to tasks, attempts and evidence: any of it, whether or not it fits together. */
import fc, { type Arbitrary } from 'fast-check';
import type { Usage } from '../../src/domain/agent-event.ts';
import {
  AGENT_FAILURES,
  type AgentOutcome,
  HOLD_CLASSES,
  isLimit,
  type Limit,
  LIMIT_CLASSES,
  LIMIT_FAILURES,
} from '../../src/domain/agent-outcome.ts';
import type { AgentReport } from '../../src/domain/agent-report.ts';
import { LONGEST_RETRY_WAIT, SETTLED_GRACE } from '../../src/domain/agent-watch.ts';
import { type AgentFacts, type AgentWork, QUOTA_POLICIES } from '../../src/domain/agent-work.ts';
import { PERMISSIONS, TIERS } from '../../src/domain/envelope.ts';
import type { AgentEvidence } from '../../src/domain/evidence.ts';
import type { Hold } from '../../src/domain/holds.ts';
import { moment, name, orNull } from './values.ts';

const cents = fc.integer({ min: 0, max: 8 }).map((quarters) => quarters / 4);
const turns = fc.nat({ max: 4 });
const usage: Arbitrary<Usage> = fc.record({
  inputTokens: orNull(fc.nat()),
  outputTokens: orNull(fc.nat()),
  cachedTokens: orNull(fc.nat()),
  costUsd: orNull(cents),
});

const agent = fc.constantFrom('claude', 'codex');
const account = fc
  .tuple(agent, fc.constantFrom('default', 'own-1'), fc.constantFrom('opus', 'default'))
  .map((parts) => parts.join('/'));

/** With an envelope so small that it is often used up. */
export const agentWork: Arbitrary<AgentWork> = fc.record({
  kind: fc.constant('agent' as const),
  agent,
  brief: fc.string(),
  prompt: fc.string(),
  model: orNull(name),
  tier: fc.constantFrom(...TIERS),
  envelope: fc.record({ turns, costUsd: cents, minutes: fc.nat({ max: 9 }) }),
  permissions: fc.constantFrom(...PERMISSIONS),
  isolated: fc.boolean(),
  onQuota: fc.constantFrom(...QUOTA_POLICIES),
  account,
  resume: orNull(fc.record({ sessionId: name, before: orNull(usage), fresh: fc.string() })),
});

const limit: Arbitrary<Limit> = fc.record({
  class: fc.constantFrom(...LIMIT_CLASSES),
  until: orNull(moment),
  message: fc.string(),
});
const limitFailure = fc.constantFrom(...LIMIT_FAILURES);
const failure = fc.constantFrom(...AGENT_FAILURES);

export const agentOutcome: Arbitrary<AgentOutcome> = fc.oneof(
  fc.constant({ kind: 'ok' as const }),
  fc.record({ kind: limitFailure, limit, message: fc.string() }),
  fc.record({
    kind: fc.constantFrom(...AGENT_FAILURES.filter((kind) => !isLimit(kind))),
    message: fc.constantFrom('', 'boom', 'bang'),
  }) as Arbitrary<AgentOutcome>,
);

export const agentReport: Arbitrary<AgentReport> = fc.record({
  sessionId: orNull(name),
  model: orNull(name),
  version: orNull(name),
  turns,
  usage: orNull(usage),
  session: orNull(usage),
  text: fc.string(),
  final: orNull(
    fc.record({
      ok: fc.boolean(),
      text: orNull(fc.string()),
      failure: orNull(failure),
      message: orNull(fc.string()),
    }),
  ),
  limit: orNull(fc.record({ result: limitFailure, limit })),
  error: orNull(fc.record({ message: fc.string(), failure: orNull(failure) })),
  retries: fc.nat({ max: 9 }),
  wait: orNull(fc.nat({ max: 2 * LONGEST_RETRY_WAIT })),
  denied: fc.nat({ max: 9 }),
  events: fc.nat({ max: 9 }),
  unknownLines: fc.nat({ max: 9 }),
});

/** So long ago that its grace is over at some moment, or just now. */
const settledAt = fc.oneof(
  moment.map((at) => at - SETTLED_GRACE),
  moment,
);
export const agentFacts: Arbitrary<AgentFacts> = fc.record({
  sessionId: orNull(name),
  resumed: orNull(name),
  before: orNull(usage),
  report: orNull(agentReport),
  settledAt: orNull(settledAt),
});

export const agentEvidence: Arbitrary<AgentEvidence> = fc.record({
  report: agentReport,
  outcome: orNull(agentOutcome),
});

export const hold: Arbitrary<Hold> = fc.record({
  account,
  agent,
  class: fc.constantFrom(...HOLD_CLASSES),
  until: orNull(moment),
  retryAt: orNull(moment),
  since: moment,
  count: fc.integer({ min: 1, max: 9 }),
  reason: fc.string(),
  failure: orNull(limitFailure),
  taskId: orNull(name),
});
