/** Whatever happens to a task, and in whatever order, it stays on the lifecycle table. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Event,
  isTerminal,
  LIFECYCLE,
  type State,
  TERMINAL,
} from '../../src/domain/lifecycle.ts';
import {
  amend,
  apply,
  firstStep,
  isEnded,
  type Step,
  step,
  type Task,
  type TaskIn,
} from '../../src/domain/task.ts';
import { moment, nexts, spec, task, taskIn } from './arbitraries.ts';

const EVENTS = Object.keys(LIFECYCLE) as Event[];
const allows = (event: Event, state: State): boolean =>
  LIFECYCLE[event].from.some((from) => from === state);

/** Calls `step` as the compiler would never let anybody: with an event that is known at run time only. */
const anyStep = (event: Event, from: Task, next: Step['next']): Step =>
  step(event as 'claim', from as TaskIn<'queued'>, next as TaskIn<'claimed'>, 0);

interface Way {
  event: Event;
  to: State;
}
const waysOut = (state: State): Way[] =>
  EVENTS.filter((event) => allows(event, state)).flatMap((event) =>
    LIFECYCLE[event].to.map((to) => ({ event, to })),
  );

describe('a life of random legal steps', () => {
  const life = fc.record({
    spec,
    runAt: fc.option(moment, { nil: null }),
    turns: fc.array(fc.record({ choice: fc.nat(), facts: nexts }), { maxLength: 12 }),
  });

  test('is on the table at every step, counts its steps, and keeps what was asked for', () => {
    fc.assert(
      fc.property(life, ({ spec: asked, runAt, turns }) => {
        const { next } = firstStep(asked, runAt, 100);
        let seen: Task = { id: 't-1', version: 1, node: 'n', createdAt: 100, spec: asked, ...next };
        let steps = 0;
        for (const { choice, facts } of turns) {
          const ways = waysOut(seen.state);
          const way = ways[choice % Math.max(ways.length, 1)];
          expect(way === undefined).toBe(isTerminal(seen.state));
          if (way === undefined) break;
          seen = apply(seen, anyStep(way.event, seen, facts[way.to]));
          steps += 1;
          expect(seen).toEqual({
            id: 't-1',
            version: 1 + steps,
            node: 'n',
            createdAt: 100,
            spec: asked,
            ...facts[way.to],
          });
        }
      }),
    );
  });
});

test('a step is taken exactly by the state, the version and the task it was made for', () => {
  const given = fc.record({ task, facts: nexts, event: fc.constantFrom(...EVENTS) });
  fc.assert(
    fc.property(given, ({ task: seen, facts, event }) => {
      const made = anyStep(event, seen, facts[LIFECYCLE[event].to[0]]);
      if (allows(event, seen.state)) {
        expect(apply(seen, made).version).toBe(seen.version + 1);
        expect(() => apply({ ...seen, version: seen.version + 1 }, made)).toThrow(RangeError);
        expect(() => apply({ ...seen, id: `${seen.id}x` }, made)).toThrow(RangeError);
      } else expect(() => apply(seen, made)).toThrow(RangeError);
    }),
  );
});

test('an ended task takes no step at all', () => {
  fc.assert(
    fc.property(taskIn(...TERMINAL), nexts, (seen, facts) => {
      expect(isEnded(seen)).toBe(true);
      for (const event of EVENTS) {
        const made = anyStep(event, seen, facts[LIFECYCLE[event].to[0]]);
        expect(() => apply(seen, made)).toThrow(RangeError);
      }
    }),
  );
});

test('an amendment names the version it was made for and stays in its state', () => {
  fc.assert(
    fc.property(taskIn('running'), moment, (seen, deadlineAt) => {
      const { id, version, next } = amend(seen, { attempt: { ...seen.attempt, deadlineAt } });
      expect([id, version, next.state]).toEqual([seen.id, seen.version, 'running']);
    }),
  );
});
