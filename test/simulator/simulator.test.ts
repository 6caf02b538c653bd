import { describe, expect, test } from 'vitest';
import { MISTAKES } from './mistakes.ts';
import { RULES } from './rules.ts';
import { simulate } from './simulate.ts';

const told = ({ violation, tail }: ReturnType<typeof simulate>): string =>
  violation === null ? 'all held' : `${violation}\n${tail.join('\n')}`;

const PART = 50;

test.each([1, 2, 3, 4])('in 50 worlds everything holds that must hold, part %i of 4', (part) => {
  for (let seed = (part - 1) * PART + 1; seed <= part * PART; seed++)
    expect(`seed ${seed}: ${told(simulate({ seed, events: 400 }))}`).toBe(`seed ${seed}: all held`);
});

test('and in one that nobody has seen before', () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const again = `node test/simulator/main.ts --seed ${seed} --events 5000`;
  expect(`${again}: ${told(simulate({ seed, events: 5_000 }))}`).toBe(`${again}: all held`);
});

test('the same seed is the same history', () => {
  const [one, other, another] = [7, 7, 8].map((seed) => simulate({ seed, events: 3_000 }));
  expect(one).toEqual(other);
  expect(one?.hash).not.toBe(another?.hash);
});

/** A mistake may need a certain kind of world to show: so many are tried, of so many events each. */
const WORLDS = 40;
const EVENTS = { wild: 400, steady: 1_500 };
/** Where work never runs out, of the worlds. */
const STEADY = [
  'owners take no turns',
  'waiting raises no priority',
  'nothing is kept for who needs several limits',
];

describe('it finds within a few thousand events that', () => {
  test.each(Object.entries(MISTAKES))('%s', (name, mistake) => {
    const rules = { ...RULES, ...mistake };
    const kind = STEADY.includes(name) ? 'steady' : 'wild';
    const seeds = Array.from({ length: WORLDS }, (_, nth) => nth + 1);
    const found = seeds.find(
      (seed) => simulate({ seed, events: EVENTS[kind], rules, kind }).violation,
    );
    expect(found).toBeDefined();
  });
});
