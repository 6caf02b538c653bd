import type { Usage } from './agent-event.ts';
import type { AgentReport } from './agent-report.ts';
import type { Envelope, Permissions, Tier } from './envelope.ts';

/**
 * What becomes of a task whose account is refused for a while: it waits for the account, goes to the next agent that it
 * names, asks its owner and waits, or fails.
 */
export const QUOTA_POLICIES = ['wait', 'fallback', 'ask', 'fail'] as const;
export type QuotaPolicy = (typeof QUOTA_POLICIES)[number];

/** An agent as a task would use it: everything that differs from one agent to another. */
export interface Seat {
  /** Name of the agent. */
  agent: string;
  model: string | null;
  tier: Tier;
  envelope: Envelope;
  permissions: Permissions;
  isolated: boolean;
  /** Whose limits count: agent, provider and model family. */
  account: string;
}

/** A prompt for an agent, with everything that was resolved before the first side effect. */
export interface AgentWork extends Seat {
  kind: 'agent';
  /** What the person wrote. */
  brief: string;
  /** What a first attempt is given: the brief with its context, skills and template. */
  prompt: string;
  onQuota: QuotaPolicy;
  /** Its end counts only when it told its result through `finish`. */
  requireFinish?: boolean;
  /** A person is asked for what would be refused it. */
  askPermissions?: boolean;
  /** Other agents that may do it. */
  others?: readonly Seat[];
  /** Which of them: the first whose account may be used, or the least busy one. */
  pick?: 'in_order' | 'least_busy';
  /** Why this agent, model and tier, when they were chosen for the person; one line. */
  chosen?: string | null;
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
  /** The other agent that this attempt uses; left out = the one of the work. */
  seat?: Seat;
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
  /** What its prompt tells of its group and its project; left out = nothing. */
  shared?: string;
}

/** The seat alone, out of whatever has one. */
export const seatOf = ({
  agent,
  model,
  tier,
  envelope,
  permissions,
  isolated,
  account,
}: Seat): Seat => ({ agent, model, tier, envelope, permissions, isolated, account });

/** A session belongs to an agent and an account: elsewhere nobody knows it. */
export const isSameSeat = (
  a: Pick<Seat, 'agent' | 'account'>,
  b: Pick<Seat, 'agent' | 'account'>,
): boolean => a.agent === b.agent && a.account === b.account;

/** The seats of the work, the preferred one first. */
export const seatsOf = (work: AgentWork): readonly Seat[] => [work, ...(work.others ?? [])];

/** Those that its attempts may take: without a policy that says so, no other than the one it was given. */
export const usableSeats = (work: AgentWork): readonly Seat[] =>
  work.pick === 'least_busy' || work.onQuota === 'fallback' ? seatsOf(work) : [work];

/** The work as the attempt with these facts does it: with its own agent, model, envelope and account. */
export const seated = (work: AgentWork, facts: Pick<AgentFacts, 'seat'> | undefined): AgentWork =>
  facts?.seat === undefined ? work : { ...work, ...facts.seat };
