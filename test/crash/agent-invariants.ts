import type { AgentRecord, Moment, Ran, Told } from './agent-record.ts';
import { ranIn, recordOf, sessionsOf } from './agent-record.ts';
import type { Call, Played } from './agents.ts';
import { readExpenses, readHolds, type StoredTask } from './database.ts';
import type { Home } from './home.ts';
import type { Blame } from './invariants.ts';

/** What a task of an agent was, as far as the owner and a listener were told. */
export interface Heard {
  told: Told;
  /** What the listener was told over all lives of the daemon; null = nobody listened. */
  live: readonly Moment[] | null;
  /** What the same task left where nothing was killed; null = there is nothing to compare it with. */
  unkilled: AgentRecord | null;
  /** Which session each attempt had when a daemon died, by `<task>.<number>`. */
  sessions: ReadonlyMap<string, string>;
}

/** Everything that is wrong with the ended task of an agent; answers what it left. */
export function checkAgent(
  home: Home,
  task: StoredTask,
  played: Played,
  { told, live, unkilled, sessions }: Heard,
  blame: Blame,
): AgentRecord {
  const ran = ranIn(home, task);
  checkSessions(ran, played, blame);
  checkGiven(task, ran, sessions, blame);
  const isHeld = readHolds(home).includes(task.account ?? '');
  if (isHeld !== (played.held ?? false))
    blame('hold_wrong', `its account is ${isHeld ? 'still' : 'not'} held`);
  const outcomes = ran.map(({ attempt }) => attempt.outcome.kind);
  if (outcomes.join() !== played.outcomes.join())
    blame('exit_lost', `its attempts came to ${outcomes.join()}`);
  checkExpenses(home, task, blame);
  checkMoments(told.events, live, blame);
  const record = recordOf(home, task, told);
  if (unkilled !== null) compare(record, unkilled, blame);
  return record;
}

/** The ledger has one settled line for each attempt that began, with the cost that was told of it. */
function checkExpenses(home: Home, { id, attempts }: StoredTask, blame: Blame): void {
  const lines = readExpenses(home)
    .filter(({ task }) => task === id)
    .map(({ attempt, ended, cost }) => `${attempt} ${ended} ${cost}`);
  const due = attempts
    .filter(({ outcome }) => outcome.kind !== 'voided')
    .map(({ number, agent }) => {
      const told = agent?.report?.usage?.costUsd ?? null;
      return `${number} 1 ${told === null ? null : Math.round(told * 1e6)}`;
    });
  if (lines.join() !== due.join())
    blame('money_wrong', `the ledger has ${lines.join()} instead of ${due.join()}`);
}

/** Each attempt has the session that its program was given, and they follow one another as they must. */
function checkSessions(ran: readonly Ran[], { sessions }: Played, blame: Blame): void {
  const known = sessionsOf(ran);
  const stored = ran.map(({ attempt }) => attempt.agent?.sessionId ?? '');
  const found = stored.map((id) => known.indexOf(id) + 1);
  if (found.join() !== sessions.join())
    blame('session_lost', `its attempts were in the sessions ${found.join()}`);
  for (const [nth, { attempt, call }] of ran.entries()) {
    const given = sessionsGiven(call);
    if (given.some((id) => id !== stored[nth]))
      blame(
        'session_lost',
        `attempt ${attempt.number} was given ${given.join()}, not ${stored[nth]}`,
      );
    const printed = attempt.agent?.report?.sessionId ?? stored[nth];
    if (printed !== stored[nth])
      blame('session_lost', `attempt ${attempt.number} was in ${printed}, not ${stored[nth]}`);
  }
}

/** What the program was given is what was stored before it began, not only what it told. */
function checkGiven(
  { id }: StoredTask,
  ran: readonly Ran[],
  sessions: Heard['sessions'],
  blame: Blame,
): void {
  for (const { attempt, call } of ran) {
    const before = sessions.get(`${id}.${attempt.number}`);
    const given = sessionsGiven(call);
    if (before !== undefined && given.length > 0 && !given.includes(before))
      blame('session_lost', `attempt ${attempt.number} was given ${given.join()}, not ${before}`);
  }
}

const sessionsGiven = (call: Call | undefined): string[] =>
  call?.argv.filter((word) => UUID.test(word)) ?? [];

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Every event was told once, with its time, and to whoever listened all the time as well. */
function checkMoments(
  events: readonly Moment[],
  live: readonly Moment[] | null,
  blame: Blame,
): void {
  const ids = events.map(({ id }) => id);
  if (new Set(ids).size < ids.length) blame('events_changed', `told twice: ${ids.join()}`);
  const timeless = events.filter(({ at }) => at === null).map(({ id }) => id);
  if (timeless.length > 0) blame('events_changed', `have no time: ${timeless.join()}`);
  const heard = live?.map(({ id }) => id) ?? ids;
  if (heard.join() !== ids.join())
    blame('events_changed', `the listener heard ${heard.join()} and not ${ids.join()}`);
}

function compare(record: AgentRecord, unkilled: AgentRecord, blame: Blame): void {
  const kinds = {
    events: 'events_changed',
    reports: 'report_changed',
    calls: 'prompt_changed',
    prompts: 'prompt_changed',
  } as const;
  for (const name of ['events', 'reports', 'calls', 'prompts'] as const) {
    const [is, should] = [record[name], unkilled[name]];
    if (is.length !== should.length)
      blame(kinds[name], `${is.length} ${name} instead of ${should.length}`);
    const nth = should.findIndex((line, index) => line !== is[index]);
    if (nth !== -1) blame(kinds[name], `${name}: ${is[nth]} instead of ${should[nth]}`);
  }
}
