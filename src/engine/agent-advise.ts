import { type Block, type Capacity, placeFor } from '../domain/admission.ts';
import type { Heard } from '../domain/advice.ts';
import type { Seat } from '../domain/agent-work.ts';
import { AUTO, type LeftOut, ruleInWords } from '../domain/choice.ts';
import type { Permissions, Tier } from '../domain/envelope.ts';
import type { Lane } from '../domain/lane.ts';
import { autoChoice } from './agent-choice.ts';
import type { Ports, Settings } from './context.ts';

/** A prompt that nobody is to do yet. */
export interface AdviseRequest {
  prompt: string;
  cwd: string;
  labels: Readonly<Record<string, string>>;
  environment: Readonly<Record<string, string>>;
  model: string | null;
  tier: Tier | null;
  permissions: Permissions | null;
}

/** Whom `auto` would take for it, and why. */
export interface Advised {
  candidates: readonly Seat[];
  leftOut: readonly LeftOut[];
  rule: { number: number; words: string } | null;
  /** Null = there is none. */
  classifier: Heard;
  /** In a line; null = nobody can do it. */
  chosen: string | null;
  /** The one that a task would get now; null = none, see `wait`. */
  now: Seat | null;
  /** Why it would wait; null = it would not, or nobody can do it. */
  wait: Block | null;
}

/** Chooses as a submit would; runs nothing but the classifier, and stores nothing. */
export async function advise(
  ports: Ports,
  { choice }: Pick<Settings, 'choice'>,
  capacity: () => Promise<Capacity>,
  request: AdviseRequest,
): Promise<Advised> {
  const { prompt, cwd, labels, environment, model, tier, permissions } = request;
  const ask = {
    kind: 'ask' as const,
    agent: AUTO,
    prompt,
    model,
    tier,
    wish: {},
    permissions,
    isolated: null,
    onQuota: null,
    context: [],
    skills: [],
    template: null,
    resume: null,
  };
  const made = await autoChoice(ports, choice, ask, { cwd, labels, environment });
  const { seats, leftOut, rule, heard, chosen, pick } = made;
  const told = {
    candidates: seats,
    leftOut,
    rule: rule === null ? null : { number: rule.number, words: ruleInWords(rule.rule) },
    classifier: heard,
  };
  if (seats.length === 0) return { ...told, chosen: null, now: null, wait: null };
  const place = placeFor(laneFor(seats, labels, pick), await capacity(), ports.clock.now());
  if ('reason' in place) return { ...told, chosen, now: null, wait: place };
  const now = seats.find(
    ({ agent, account }) => agent === place.seat?.agent && account === place.seat.account,
  );
  return { ...told, chosen, now: now ?? null, wait: null };
}

const laneFor = (
  seats: readonly Seat[],
  labels: AdviseRequest['labels'],
  pick: Lane['pick'],
): Lane => ({
  owner: '',
  group: null,
  groupSlots: null,
  labels,
  exclusive: null,
  priority: 0,
  foreground: false,
  seats: seats.map(({ agent, account, envelope }) => ({
    agent,
    account,
    costUsd: envelope.costUsd,
  })),
  pick,
});
