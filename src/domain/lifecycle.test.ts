import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  CANCEL_REASONS,
  type Event,
  FAIL_REASONS,
  type From,
  holdsSlot,
  isLive,
  isTerminal,
  LIFECYCLE,
  LIVE_STATES,
  SKIP_REASONS,
  SLOT_STATES,
  STATES,
  STOP_REASONS,
  type Terminal,
  TERMINAL,
  type To,
} from './lifecycle.ts';

const EVENTS = Object.keys(LIFECYCLE) as Event[];

/** The whole machine again, told from the states' side: where each state can go, and by what. */
const WAYS_OUT = {
  waiting: 'release→queued cancel→cancelled skip→skipped',
  queued: 'claim→claimed fail→failed cancel→cancelled skip→skipped',
  claimed: 'unclaim→queued start→running requestStop→stopping exit→finishing fail→failed',
  running: 'requestStop→stopping exit→finishing',
  stopping: 'exit→finishing',
  finishing:
    'requeue→waiting requeue→queued ask→awaiting_input awaitChildren→awaiting_children ' +
    'awaitReview→awaiting_review complete→completed fail→failed cancel→cancelled',
  awaiting_input: 'requeue→waiting requeue→queued fail→failed cancel→cancelled',
  awaiting_children: 'awaitReview→awaiting_review complete→completed fail→failed cancel→cancelled',
  awaiting_review: 'requeue→waiting requeue→queued complete→completed fail→failed cancel→cancelled',
  completed: '',
  failed: '',
  cancelled: '',
  skipped: '',
} satisfies Record<(typeof STATES)[number], string>;

describe('the table', () => {
  test.each(STATES)('ways out of %s', (state) => {
    const ways = EVENTS.filter((event) => LIFECYCLE[event].from.some((from) => from === state))
      .flatMap((event) => LIFECYCLE[event].to.map((to) => `${event}→${to}`))
      .join(' ');
    expect(ways).toBe(WAYS_OUT[state]);
  });

  test('only submit and schedule make a task', () => {
    const first = EVENTS.filter((event) => LIFECYCLE[event].from.length === 0);
    expect(first).toEqual(['submit', 'schedule']);
  });

  test('every state can be reached and every open one can end', () => {
    const next = (state: string): string[] =>
      EVENTS.filter((event) => LIFECYCLE[event].from.some((from) => from === state)).flatMap(
        (event) => [...LIFECYCLE[event].to],
      );
    const reach = (start: readonly string[]): Set<string> => {
      const seen = new Set(start);
      for (const state of seen) for (const to of next(state)) seen.add(to);
      return seen;
    };
    expect([...reach(['waiting', 'queued'])].toSorted()).toEqual([...STATES].toSorted());
    for (const state of STATES) {
      expect([...reach([state])].some((end) => TERMINAL.some((name) => name === end))).toBe(true);
    }
  });
});

test('the terminal states are those that nothing leaves', () => {
  expect(TERMINAL).toEqual(['completed', 'failed', 'cancelled', 'skipped']);
  expect(STATES.filter(isTerminal)).toEqual(TERMINAL);
  expectTypeOf<Terminal>().toEqualTypeOf<'completed' | 'failed' | 'cancelled' | 'skipped'>();
});

test('slots are held from the claim to the end of the process, and a node works on until the end', () => {
  expect(STATES.filter(holdsSlot)).toEqual(['claimed', 'running', 'stopping']);
  expect(STATES.filter(isLive)).toEqual(['claimed', 'running', 'stopping', 'finishing']);
  expect([...LIVE_STATES]).toEqual([...SLOT_STATES, 'finishing']);
});

test('a reason says in which terminal state it belongs', () => {
  const all = [...FAIL_REASONS, ...CANCEL_REASONS, ...SKIP_REASONS];
  expect(new Set(all).size).toBe(all.length);
  expect(
    STOP_REASONS.filter(
      (reason) => ![...FAIL_REASONS, ...CANCEL_REASONS].some((known) => known === reason),
    ),
  ).toEqual(['settled']);
});

test('types follow the table', () => {
  expectTypeOf<From<'claim'>>().toEqualTypeOf<'queued'>();
  expectTypeOf<From<'exit'>>().toEqualTypeOf<'claimed' | 'running' | 'stopping'>();
  expectTypeOf<From<'submit'>>().toEqualTypeOf<never>();
  expectTypeOf<To<'requeue'>>().toEqualTypeOf<'waiting' | 'queued'>();
  expectTypeOf<To<'complete'>>().toEqualTypeOf<'completed'>();
});
