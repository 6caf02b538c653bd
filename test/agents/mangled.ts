const ODD: readonly unknown[] = [null, true, 0, -1, '', 'odd', [], [null], {}, { type: {} }];

/** The line cut off at many places, and as JSON with every value replaced by values of all other shapes. */
export function mangled(line: string): string[] {
  const cuts = Array.from({ length: 12 }, (_, at) => line.slice(0, (line.length * at) / 12));
  return [...cuts, ...replaced(JSON.parse(line)).map((value) => JSON.stringify(value))];
}

function replaced(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [...ODD];
  const entries = Object.entries(value);
  return [
    ...ODD,
    ...entries.flatMap(([key, inner]) => [
      Object.fromEntries(entries.filter(([name]) => name !== key)),
      ...replaced(inner).map((other) => ({ ...value, [key]: other })),
    ]),
  ];
}
