import { describe, expect, test } from 'vitest';
import { wrapperOf } from './claim.ts';
import type { Home } from './home.ts';
import { instrumentedDist } from './instrumented.ts';
import type { Matrix } from './matrix.ts';
import { intervals } from './random.ts';
import type { Receiver } from './receiver.ts';
import { complaints, run } from './run.ts';
import { type Expected, type Scenario, EFFECT } from './scenarios.ts';
import { until } from './until.ts';

/** More than the wrapper has commands. */
const STEPS = 60;
const INSTANTS = 40;

/** A killed wrapper takes its command's exit code along, unless it was written: never is one invented. */
const TRUE_OR_LOST: readonly Expected[] = [
  { state: 'failed', reason: 'exit_code', runs: 1, codes: [7] },
  { state: 'failed', reason: 'lost_vanished', runs: [0, 1], codes: [] },
];

const victim = (id: string, command: string): Scenario => ({
  key: id,
  request: { id, command, timeout: '10s' },
  expected: TRUE_OR_LOST,
});

/** A wrapper that dies unclaimed is given up after 30 s. */
const PATIENCE = 60_000;

export function wrapperRules(receiver: () => Receiver, matrix: Matrix): void {
  describe('a killed wrapper', () => {
    test('at each of its commands', async () => {
      const { dist, remove } = instrumentedDist();
      try {
        const numbers = Array.from({ length: STEPS }, (_, index) => index + 1);
        const result = await run({
          scenarios: numbers.map((n) => victim(`step-${n}`, `${EFFECT}; exit 7`)),
          receiver: receiver(),
          orders: () => ({ dist }),
          patience: PATIENCE,
        });
        expect(complaints('wrapper', result)).toEqual([]);
        const labels = result.died.map((line) =>
          line.replace(/^\d+ /, '').replace('tend_whole_', ''),
        );
        expect(labels.length).toBeGreaterThan(15);
        expect(labels.length).toBeLessThan(STEPS);
        for (const label of labels) matrix.survived('Commands of the wrapper', label, 'before');
      } finally {
        remove();
      }
    });

    test('at random instants', async () => {
      const waits = intervals(1, INSTANTS, 150);
      const ids = waits.map((_, index) => `instant-${index}`);
      const kill = async (home: Home): Promise<void> => {
        await Promise.all(ids.map((id, index) => killWrapper(home, id, waits[index] ?? 0)));
      };
      const result = await run({
        scenarios: ids.map((id) => victim(id, `${EFFECT}; sleep 0.05; exit 7`)),
        receiver: receiver(),
        disturb: (_, home) => kill(home),
        patience: PATIENCE,
      });
      expect(complaints('wrapper', result)).toEqual([]);
      for (let n = 0; n < INSTANTS; n++)
        matrix.survived('Random instants', 'the wrapper, at any instant', 'before');
    });
  });
}

async function killWrapper(home: Home, id: string, wait: number): Promise<void> {
  let pid: number | null = null;
  await until(`${id} is claimed`, () => (pid = wrapperOf(home, id)) !== null);
  const since = performance.now();
  await until('the instant has come', () => performance.now() - since >= wait);
  try {
    if (pid !== null) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself: then its record must count.
  }
}
