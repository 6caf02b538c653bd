import { type Spread, spread } from './statistics.ts';

/** One line of a figure: what was measured, and the goal it is held against. */
export interface Row extends Spread {
  name: string;
  unit: string;
  /** In words, such as "<= 10 ms"; null when the line is there to compare with. */
  goal: string | null;
  met: boolean | null;
  note: string | null;
}

export interface Figure {
  /** The word that selects it on the command line. */
  name: string;
  title: string;
  run: (bench: Bench) => Promise<Row[]>;
}

/** What a figure may use; everything it starts or makes below `folder` is ended and removed at the end. */
export interface Bench {
  rounds: number;
  folder: string;
  say: (line: string) => void;
}

interface Goal {
  text: string;
  of?: 'median' | 'p99' | 'max';
  met: (value: number) => boolean;
}

export const atMost = (limit: number, of: Goal['of'] = 'median'): Goal => ({
  text: `${of} <= ${limit}`,
  of,
  met: (value) => value <= limit,
});

export const atLeast = (limit: number): Goal => ({
  text: `median >= ${limit}`,
  met: (value) => value >= limit,
});

export const moreThan = (limit: number, what: string): Goal => ({
  text: `median > ${what}`,
  met: (value) => value > limit,
});

/** A line of the series `values`. */
export function row(
  name: string,
  unit: string,
  values: readonly number[],
  { goal, note }: { goal?: Goal; note?: string } = {},
): Row {
  const summary = spread(values);
  return {
    name,
    unit,
    ...summary,
    goal: goal === undefined ? null : `${goal.text} ${unit}`,
    met: goal === undefined ? null : goal.met(summary[goal.of ?? 'median']),
    note: note ?? null,
  };
}

/** What could not be measured, and why: printed, never silently left out. */
export const skipped = (name: string, why: string): Row => ({
  name,
  unit: '',
  min: 0,
  median: 0,
  p99: 0,
  max: 0,
  samples: 0,
  goal: null,
  met: null,
  note: `skipped: ${why}`,
});
