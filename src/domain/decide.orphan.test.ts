import { expect, test } from 'vitest';
import { decideAll } from './decide.ts';
import { type AttemptEvidence, type Evidence, NO_CHILDREN } from './evidence.ts';
import type { Task } from './task.ts';
import { attempt, finishing } from './work-sample.ts';

const NOW = 100;
const PROCESS = { pid: 7, startTime: '1', bootId: 'b' };
const { state: _state, attempt: _attempt, ...core } = finishing(attempt(), { workspace: null });
const open = {
  number: 1,
  node: 'n',
  claimedAt: 10,
  process: null,
  startedAt: null,
  deadlineAt: null,
  endedAt: null,
  outcome: null,
};
const started = { ...open, process: PROCESS, startedAt: 20, deadlineAt: 60_020, idleFrom: 20 };
const TASKS: Record<string, Task> = {
  waiting: { ...core, state: 'waiting', runAt: null, attempt: null },
  queued: { ...core, state: 'queued', queuedAt: 5, attempt: null },
  claimed: { ...core, state: 'claimed', attempt: open },
  running: { ...core, state: 'running', attempt: started },
};
const NONE: AttemptEvidence = { kind: 'none' };
const ALIVE: AttemptEvidence = { kind: 'alive', process: PROCESS, startedAt: 20 };

const steps = (task: Task, seen: AttemptEvidence, orphaned: boolean): string => {
  const evidence: Evidence = {
    checks: [],
    attempt: seen,
    agent: null,
    readiness: { kind: 'pending' },
    children: NO_CHILDREN,
    earlier: [],
    vitals: null,
    outputLimit: 1,
    overBudget: false,
    orphaned,
    chance: 0,
  };
  return decideAll(task, evidence, NOW)
    .map(({ event, next }) => {
      if ('stop' in next) return `${event} ${next.stop.reason}`;
      return 'reason' in next ? `${event} ${next.reason}` : event;
    })
    .join(', ');
};

test.each<[string, AttemptEvidence, string, string]>([
  ['waiting', NONE, '', 'cancel parent'],
  ['queued', NONE, '', 'cancel parent'],
  ['claimed', NONE, '', 'requestStop parent'],
  ['claimed', ALIVE, 'start', 'start, requestStop parent'],
  ['running', ALIVE, '', 'requestStop parent'],
])('a check that is %s (%j) ends when its task has ended', (state, seen, kept, orphaned) => {
  const task = TASKS[state] as Task;
  expect(steps(task, seen, false)).toBe(kept);
  expect(steps(task, seen, true)).toBe(orphaned);
});
