/**
 * Whatever an agent does in its work tree, wherever git or the daemon dies, whatever is taken away, brought back and
 * deleted: what was once saved can be read, and nothing of the person's has changed. Longer: `TEND_PROPERTY_SECONDS=600
 * npx vitest run test/git/property.test.ts`.
 */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type Happening, World } from './property-world.ts';
import { DEATHS, removeShim } from './property-shim.ts';
import { BEHAVIOUR_NAMES, IS_LONG } from './property-agent.ts';

afterAll(removeShim);

const RUNS = IS_LONG ? 1_000_000 : 12;
const SEED = process.env['TEND_PROPERTY_SEED'];
/** Ms. */
const TIME = Number(process.env['TEND_PROPERTY_SECONDS'] ?? 40) * 1_000;

const death = fc.option(
  fc.record({ nth: fc.integer({ min: 1, max: 14 }), how: fc.constantFrom(...DEATHS) }),
  { freq: 2 },
);
const agent = fc.record({
  kind: fc.constant('agent' as const),
  behaviour: fc.constantFrom(...BEHAVIOUR_NAMES),
  n: fc.nat(1_000),
});
const act = fc.record({
  kind: fc.constant('act' as const),
  what: fc.constantFrom(
    'prepare' as const,
    'save' as const,
    'save' as const,
    'put' as const,
    'put' as const,
    'restore' as const,
    'restore' as const,
    'purge' as const,
    'forget' as const,
    'reject' as const,
  ),
  death,
});
/** A life always begins with a place and some work that is saved. */
const life = fc
  .tuple(
    fc.array(agent, { minLength: 1, maxLength: 6 }),
    fc.array(fc.oneof({ weight: 2, arbitrary: agent }, { weight: 3, arbitrary: act }), {
      minLength: 8,
      maxLength: 30,
      size: 'max',
    }),
  )
  .map(([first, then]): Happening[] => [
    { kind: 'act', what: 'prepare', death: null },
    ...first,
    { kind: 'act', what: 'save', death: null },
    ...then,
  ]);

test('what was once saved can be brought back', async () => {
  const came = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(life, async (happenings) => {
      const world = new World();
      try {
        for (const happening of happenings) await world.happen(happening);
        await world.check();
        for (const one of world.came) came.set(one, (came.get(one) ?? 0) + 1);
      } finally {
        world.close();
      }
    }),
    {
      numRuns: RUNS,
      interruptAfterTimeLimit: TIME,
      markInterruptAsFailure: false,
      ...(SEED !== undefined && { seed: Number(SEED) }),
      // Shrinking takes as long again as many runs: only where somebody looks on.
      endOnFailure: process.env['TEND_PROPERTY_SHRINK'] === undefined,
    },
  );
  if (IS_LONG) console.log(Object.fromEntries([...came].toSorted(([a], [b]) => (a < b ? -1 : 1))));
  expect(came.get('save: saved')).toBeGreaterThan(0);
}, 3_600_000);
