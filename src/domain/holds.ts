import type { HoldClass, Limit, LimitFailure } from './agent-outcome.ts';
import { contentHash } from './submission.ts';

/** Whose limit it is: `agent/provider/model family`; `agent/*` stands for all accounts of an agent. */
export type Account = string;

/** Why an account may not be used now. */
export interface Hold {
  account: Account;
  agent: string;
  class: HoldClass;
  /** The reset as it was told, epoch ms; null = none was told. */
  until: number | null;
  /** When the account may be used again: the reset, or the next probe; null = not before a person acts. */
  retryAt: number | null;
  since: number;
  /** Refusals in a row. */
  count: number;
  /** One line. */
  reason: string;
  failure: LimitFailure | null;
  /** Whose attempt was refused; null = a person laid the agent aside. */
  taskId: string | null;
  /** When the first of these refusals came; left out where there was none. */
  began?: number;
}

/** A reset is rarely to the second, and all who wait for it come at once (ms). */
export const RESET_BUFFER = 75_000;
/** No hold by a told reset is longer (ms): a clock may be wrong, and a probe costs little. */
export const LONGEST_HOLD = 24 * 3_600_000;
/** First wait and longest one (ms) before an account whose reset nobody told is tried again; doubled each time. */
const PROBES = {
  transient: [60_000, 15 * 60_000],
  windowed: [15 * 60_000, 5 * 3_600_000],
} as const;
const LONGEST_REASON = 300;

/**
 * The hold after a refusal. Refused once more after the wait, it grows; while the account is held, only attempts that
 * had begun before are refused: they count as one with it, and do not make it shorter.
 */
export function holdAfter(
  previous: Hold | null,
  { account, agent, taskId }: Pick<Hold, 'account' | 'agent' | 'taskId'>,
  { kind, limit }: { kind: LimitFailure; limit: Limit },
  now: number,
): Hold {
  const standing = previous !== null && isHeld(previous, now) ? previous : null;
  const count = standing?.count ?? (previous?.count ?? 0) + 1;
  const hold: Hold = {
    account,
    agent,
    class: limit.class,
    until: limit.until,
    retryAt: retryAt(limit, count, now),
    since: now,
    count,
    reason: oneLine(limit.message) || kind.replaceAll('_', ' '),
    failure: kind,
    taskId,
    began: previous?.began ?? now,
  };
  return standing !== null && freeAt(standing) >= freeAt(hold) ? standing : hold;
}

const freeAt = (hold: Hold): number => hold.retryAt ?? Infinity;

/** A text as the reason of a hold. */
export const oneLine = (text: string): string =>
  text.replace(/\s+/g, ' ').trim().slice(0, LONGEST_REASON);

function retryAt(limit: Limit, count: number, now: number): number | null {
  switch (limit.class) {
    case 'until':
      return Math.min(Math.max(limit.until ?? now, now) + RESET_BUFFER, now + LONGEST_HOLD);
    case 'needs_person':
      return null;
    case 'windowed':
    case 'transient': {
      const [first, longest] = PROBES[limit.class];
      return now + Math.min(first * 2 ** (count - 1), longest);
    }
  }
}

/** A person lays all accounts of an agent aside, for so long (ms) or until they are released. */
export const manualHold = (
  agent: string,
  time: number | null,
  reason: string,
  now: number,
): Hold => ({
  account: everyAccount(agent),
  agent,
  class: time === null ? 'needs_person' : 'until',
  until: time === null ? null : now + time,
  retryAt: time === null ? null : now + time,
  since: now,
  count: 1,
  reason: oneLine(reason),
  failure: null,
  taskId: null,
});

const everyAccount = (agent: string): Account => `${agent}/*`;

/** Under this name the failures of an agent in a row are kept, which hold all its accounts. */
export const drainOf = (agent: string): Account => `${agent}/drained`;

/** The names under which a hold concerns the account. */
export function accountsOf(account: Account): readonly [Account, Account, Account] {
  const agent = account.slice(0, account.indexOf('/'));
  return [account, everyAccount(agent), drainOf(agent)];
}

export const isHeld = ({ retryAt: free }: Hold, now: number): boolean =>
  free === null || free > now;

/** A success tells nothing of a refusal that came after its start. */
export const clears = ({ since }: Hold, startedAt: number): boolean => since <= startedAt;

/**
 * The account that an agent uses with these variables (keys, addresses, folders; none of them empty). Values do not
 * show in it: only the host of an address does. With HOME alone it is the person's own account.
 */
export function accountOf(
  agent: string,
  variables: Readonly<Record<string, string>>,
  model: string | null,
): Account {
  const entries = Object.entries(variables).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const isOwn = entries.every(([name]) => name === 'HOME');
  const provider = isOwn
    ? 'default'
    : `${hostIn(entries.map(([, value]) => value))}-${contentHash(JSON.stringify(entries)).slice(0, 8)}`;
  return `${agent}/${provider}/${familyOf(model)}`;
}

const hostIn = (values: readonly string[]): string =>
  values
    .map((value) => /^https?:\/\/(?:[^/@]*@)?([a-z0-9.-]{1,80})/i.exec(value)?.[1])
    .find((host) => host !== undefined)
    ?.toLowerCase() ?? 'own';

/** Words of a model's name that do not tell one family from another. */
const NOISE = new Set(['claude', 'latest', 'preview', 'exp']);

/**
 * Models of one family share their limits: the name without its maker (`anthropic/`, `us.anthropic.`), its version
 * and date (`4-5`, `6.1`, `v2`, `20260101`), its variant (`[1m]`, `:free`) and words that say nothing.
 */
export function familyOf(model: string | null): string {
  const name = (model ?? '').trim().toLowerCase();
  const bare = name
    .replace(/^.*\//, '')
    .replace(/^(?:[a-z]+\.)+(?=[a-z])/, '')
    .replace(/[[:@].*$/, '');
  const words = bare.split(/[^a-z0-9.]+/).filter((word) => word !== '' && !/^v?[\d.]+$/.test(word));
  const family = words.filter((word) => !NOISE.has(word)).join('-');
  return family || words.join('-') || bare.replace(/[^a-z0-9.]+/g, '-') || 'default';
}

/** Whether tasks that a limit had put back start again by themselves when it is over. */
export interface ResumePolicy {
  automatic: boolean;
  /** When the quiet hours that are now end, epoch ms; null = these are none. */
  quietUntil: number | null;
}

export const RESUME_AT_ONCE: ResumePolicy = { automatic: true, quietUntil: null };

/** A hold that keeps an account from being used now. */
export interface Standing extends Pick<Hold, 'account' | 'reason'> {
  hold: Hold;
  /** Epoch ms; null = not before a person acts. */
  freeAt: number | null;
}

/** How long, and in which words, the hold by itself keeps its account from being used; null = it does not. */
export function keptBy(
  { retryAt: free, failure, reason }: Hold,
  { automatic, quietUntil }: ResumePolicy,
  now: number,
): Pick<Standing, 'freeAt' | 'reason'> | null {
  if (free === null) return { freeAt: null, reason };
  const ended = free > now ? '' : 'it is over, but ';
  if (failure !== null && !automatic)
    return { freeAt: null, reason: `${reason}; ${ended}nothing resumes by itself` };
  if (failure !== null && quietUntil !== null && quietUntil > Math.max(free, now))
    return { freeAt: quietUntil, reason: `${reason}; ${ended}these are quiet hours` };
  return free > now ? { freeAt: free, reason } : null;
}

/**
 * What keeps the account from being used now, for the longest time if several do; null = nothing does. An account that
 * has been refused is not used again before the policy allows it, and then by one attempt first: `claimed` are the
 * claims of those that use it now.
 */
export function holdOn(
  holds: readonly Hold[],
  account: Account,
  policy: ResumePolicy,
  claimed: readonly number[],
  now: number,
): Standing | null {
  const names: readonly string[] = accountsOf(account);
  let longest: Standing | null = null;
  // Asked for each agent of thousands of lanes, few of which are held.
  for (const hold of holds) {
    if (!names.includes(hold.account)) continue;
    const kept = keptBy(hold, policy, now) ?? triedFirst(hold, claimed);
    if (kept === null) continue;
    const standing = { account: hold.account, hold, ...kept };
    if (longest === null || lasts(standing) > lasts(longest)) longest = standing;
  }
  return longest;
}

const lasts = ({ freeAt: free }: Standing): number => free ?? Infinity;

/** Ends the reason of a hold that is over, while the first attempt after it shows whether it is. */
export const TRIED_FIRST = 'one task tries first';

const triedFirst = ({ failure, since, reason }: Hold, claimed: readonly number[]) =>
  failure !== null && claimed.some((at) => at > since)
    ? { freeAt: null, reason: `${reason}; ${TRIED_FIRST}` }
    : null;
