import { describe, expect, test } from 'vitest';
import type { Matrix } from './matrix.ts';
import { intervals } from './random.ts';
import type { Receiver } from './receiver.ts';
import { complaints, run } from './run.ts';
import { type Cast, COMMANDS, LANES } from './sweep.ts';

/** Kills of one home, one life after the other, each within this time of its start (ms). */
const KILLS = 3;
const LONGEST = 1_500;

/** Lives are killed again and again, wherever they are. */
export function instantRules(receiver: () => Receiver, matrix: Matrix, rounds: number): void {
  describe('a daemon killed at random instants', () => {
    test(`${rounds} homes`, async () => {
      expect(await killedAtInstants(receiver(), matrix, rounds)).toEqual([]);
    });
  });
}

/** Answers what broke. */
export async function killedAtInstants(
  receiver: Receiver,
  matrix: Matrix,
  rounds: number,
  { note, ...cast }: Cast = COMMANDS,
): Promise<string[]> {
  const broken: string[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < rounds) {
      const seed = ++next;
      const instants = intervals(seed, KILLS, LONGEST);
      const result = await run({ ...cast, receiver, instants });
      broken.push(...complaints(`seed ${seed}, killed ${result.kills} times`, result));
      const label = `the daemon${note}, at any instant, up to three lives in a row`;
      for (let n = 0; n < result.kills; n++) matrix.survived('Random instants', label, 'before');
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return broken;
}
