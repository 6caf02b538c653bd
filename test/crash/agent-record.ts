import type { EndedAttempt } from '../../src/domain/attempt.ts';
import type { Item } from '../../src/interfaces/client/index.ts';
import { type Call, callsIn } from './agents.ts';
import type { StoredTask } from './database.ts';
import type { Home } from './home.ts';

/** An event of an agent as a client is told it. */
export type Moment = Item<'agentEvents'>;

/** What the daemon tells of an agent's task after its end. */
export interface Told {
  events: readonly Moment[];
  /** By number of the attempt. */
  prompts: ReadonlyMap<number, string>;
}

/** An attempt that ran, and the call of the agent's program that it was. */
export interface Ran {
  attempt: EndedAttempt;
  call: Call | undefined;
}

/** The attempts of a task that were more than a number, in order. */
export function ranIn(home: Home, task: StoredTask): Ran[] {
  const calls = callsIn(home).filter(({ taskId }) => taskId === task.id);
  return task.attempts
    .filter(({ outcome }) => outcome?.kind !== 'voided')
    .map((attempt) => ({
      attempt,
      call: calls.find(({ attemptId }) => attemptId === `${task.id}.${attempt.number}`),
    }));
}

/** What an agent's task left, without what differs from run to run: one line each. */
export interface AgentRecord {
  /** In the order in which they were told. */
  events: readonly string[];
  /** What each attempt came to, and what it cost. */
  reports: readonly string[];
  /** How its program was called. */
  calls: readonly string[];
  /** What the daemon says that its program was told. */
  prompts: readonly string[];
}

export function recordOf(home: Home, task: StoredTask, { events, prompts }: Told): AgentRecord {
  const ran = ranIn(home, task);
  const plain = inPlaceOf(home, task, ran);
  const nth = (number: number): number =>
    ran.findIndex(({ attempt }) => attempt.number === number) + 1;
  return {
    events: events.map(({ id: _id, at: _at, attempt, ...event }) =>
      plain({ attempt: nth(attempt), ...event }),
    ),
    reports: ran.map(({ attempt: { outcome, agent } }) => {
      const { resumed, before, report } = agent ?? {};
      return plain({ outcome, resumed, before, report });
    }),
    calls: ran.map(({ call }) => plain({ argv: call?.argv, stdin: call?.stdin })),
    prompts: ran.map(({ attempt }) => plain(prompts.get(attempt.number))),
  };
}

/** Puts words of its own in the place of every id, path and time. */
function inPlaceOf(home: Home, task: StoredTask, ran: readonly Ran[]): (value: unknown) => string {
  const sessions = sessionsOf(ran);
  return (value) => {
    let text = JSON.stringify(value) ?? 'nothing';
    text = text
      .replaceAll(home.folder, '~')
      .replaceAll(task.id, 'TASK')
      .replaceAll(/TASK\.[0-9a-z]{6,}/g, 'TASK.BORN');
    for (const [nth, id] of sessions.entries()) text = text.replaceAll(id, `SESSION ${nth + 1}`);
    return text
      .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/\b1\d{9}(?:\d{3})?\b/g, 'TIME');
  };
}

/** The sessions of the attempts, each one once, in the order in which they began. */
export const sessionsOf = (ran: readonly Ran[]): string[] => [
  ...new Set(ran.flatMap(({ attempt }) => attempt.agent?.sessionId ?? [])),
];
