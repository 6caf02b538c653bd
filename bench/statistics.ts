/** Smallest, middle, 99th percentile and largest of a series. */
export interface Spread {
  min: number;
  median: number;
  p99: number;
  max: number;
  samples: number;
}

/** Nearest-rank percentiles; throws RangeError for an empty series. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    if (value === undefined) throw new RangeError('no values were measured');
    return value;
  };
  return { min: at(0), median: at(0.5), p99: at(0.99), max: at(1), samples: sorted.length };
}

export const median = (values: readonly number[]): number => spread(values).median;
