import { describe, expect, test } from 'vitest';
import { admit, type Capacity, closedBecause, holdOf, openings, queueReason } from './admission.ts';
import type { AgentWork } from './agent-work.ts';
import { ENVELOPES } from './envelope.ts';
import { type Hold, manualHold } from './holds.ts';
import { NO_RETRY } from './retry.ts';
import type { TaskIn } from './task.ts';

const queued = (id: string): TaskIn<'queued'> => ({
  id,
  version: 1,
  node: 'n',
  createdAt: 0,
  state: 'queued',
  queuedAt: 0,
  attempt: null,
  spec: {
    work: { kind: 'command', argv: ['true'] },
    title: 'true',
    cwd: '/',
    environment: null,
    owner: 'cli:1',
    group: null,
    parent: null,
    depth: 0,
    labels: {},
    priority: 0,
    streams: 'merged',
    timeout: 1,
    idleTimeout: null,
    queueTimeout: null,
    grace: 0,
    retry: NO_RETRY,
    after: [],
    notify: 'always',
    remind: 0,
    onDone: null,
    key: null,
    retryOf: null,
    resumeOf: null,
  },
});

const CANDIDATES = ['a', 'b', 'c', 'd'].map(queued);
const capacity = (given: Partial<Capacity>): Capacity => ({
  slots: 3,
  held: 0,
  diskLow: false,
  paused: false,
  ...given,
});

describe('what a node takes on', () => {
  test.each([
    // state of the node                                    closed because  claimed
    [{}, null, ['a', 'b', 'c']],
    [{ held: 1 }, null, ['a', 'b']],
    [{ held: 2 }, null, ['a']],
    [{ held: 3 }, 'slots', []],
    [{ held: 4 }, 'slots', []],
    [{ slots: 256 }, null, ['a', 'b', 'c', 'd']],
    [{ diskLow: true }, 'disk', []],
    [{ held: 3, diskLow: true }, 'disk', []],
    [{ paused: true }, 'paused', []],
    [{ paused: true, diskLow: true, held: 3 }, 'paused', []],
  ] as const)('%j: %s, claims %j', (given, reason, ids) => {
    const node = capacity(given);
    expect(closedBecause(node)).toBe(reason);
    expect(admit(CANDIDATES, node)).toEqual(ids);
    expect(openings(node)).toBe(reason === null ? node.slots - node.held : 0);
  });
});

test('a queued task says why, also when it is only not its turn yet', () => {
  expect(queueReason(queued('a'), capacity({ paused: true }))).toBe('paused');
  expect(queueReason(queued('a'), capacity({ held: 2 }))).toBe('slots');
});

test('no other task is queued for a reason', () => {
  const { queuedAt: _, ...core } = queued('a');
  const waiting = { ...core, state: 'waiting', runAt: null } as const;
  expect(queueReason(waiting, capacity({ paused: true }))).toBeNull();
});

describe('a queued task of an agent', () => {
  const work: AgentWork = {
    kind: 'agent',
    agent: 'claude',
    brief: 'mend it',
    prompt: 'mend it',
    model: 'opus',
    tier: 'standard',
    envelope: ENVELOPES.standard,
    permissions: 'workspace',
    isolated: false,
    onQuota: 'wait',
    account: 'claude/default/opus',
    resume: null,
  };
  const { spec, ...rest } = queued('a');
  const task: TaskIn<'queued'> = { ...rest, spec: { ...spec, work } };
  const laidAside = manualHold('claude', null, 'holidays', 0);
  const held = (account: string): Hold => ({ ...laidAside, account });
  const hold = held('claude/default/opus');

  test.each<[string, Hold[] | undefined, Hold | null]>([
    ['none is known', undefined, null],
    ['there is none', [], null],
    ['its account is held', [held('codex/default/default'), hold], hold],
    ['all accounts of its agent are', [laidAside], laidAside],
    [
      'other accounts are',
      [held('claude/default/sonnet'), held('claude/own-1/opus'), held('codex/*'), held('*')],
      null,
    ],
  ])('waits for a hold where %s', (_, holds, expected) => {
    const node = capacity(holds === undefined ? {} : { holds });
    expect(holdOf(task, node)).toEqual(expected);
    expect(queueReason(task, node)).toBe(expected === null ? 'slots' : 'held');
  });

  test('is held also where nothing would be claimed: that comes to an end sooner', () => {
    expect(queueReason(task, capacity({ paused: true, holds: [hold] }))).toBe('held');
    expect(queueReason(task, capacity({ paused: true, holds: [] }))).toBe('paused');
  });

  test('is held while it is queued, and a command never is', () => {
    const { queuedAt: _, ...core } = task;
    const waiting = { ...core, state: 'waiting', runAt: null } as const;
    expect(holdOf(waiting, capacity({ holds: [hold] }))).toBeNull();
    expect(queueReason(waiting, capacity({ holds: [hold] }))).toBeNull();
    expect(holdOf(queued('b'), capacity({ holds: [hold, laidAside] }))).toBeNull();
    expect(queueReason(queued('b'), capacity({ holds: [hold, laidAside] }))).toBe('slots');
  });
});
