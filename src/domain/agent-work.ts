import type { Usage } from './agent-event.ts';
import type { AgentReport } from './agent-report.ts';
import type { Envelope, Permissions, Tier } from './envelope.ts';

/** What becomes of a task whose account is refused for a while: it waits for the account, or it fails. */
export const QUOTA_POLICIES = ['wait', 'fail'] as const;
export type QuotaPolicy = (typeof QUOTA_POLICIES)[number];

/** A prompt for an agent, with everything that was resolved before the first side effect. */
export interface AgentWork {
  kind: 'agent';
  /** Name of the agent. */
  agent: string;
  /** What the person wrote. */
  brief: string;
  /** What a first attempt is given: the brief with its context, skills and template. */
  prompt: string;
  model: string | null;
  tier: Tier;
  envelope: Envelope;
  permissions: Permissions;
  isolated: boolean;
  onQuota: QuotaPolicy;
  /** Whose limits count: agent, provider and model family. */
  account: string;
  /** The session to go on with; null = a new one. */
  resume: {
    sessionId: string;
    /** Totals of that session so far. */
    before: Usage | null;
    /** The prompt of a new session, when that one cannot be loaded. */
    fresh: string;
  } | null;
}

/** What belongs to one attempt of an agent: fixed at its claim, but for what its output tells. */
export interface AgentFacts {
  /** Chosen by us, or as the agent printed it; null = not known yet. */
  sessionId: string | null;
  /** The session that this attempt goes on with; null = a new one. */
  resumed: string | null;
  /** That session's totals when this attempt began. */
  before: Usage | null;
  /** As far as it was read; the final one once the attempt has ended. */
  report: AgentReport | null;
  /** When the protocol said that the work is over, or refused, while the process lived on; null = it did not. */
  settledAt: number | null;
}
