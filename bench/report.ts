import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './figure.ts';
import { type Machine, ROOT } from './machine.ts';

/** One figure as it was measured, with where and when. */
export interface Result {
  title: string;
  machine: Machine;
  rounds: number;
  /** Load averages before and after. */
  load: [string, string];
  rows: Row[];
}

const FILE = join(ROOT, 'bench', 'results', 'latest.json');

/** Replaces the results of these figures in the committed file. */
export function save(results: Record<string, Result>): void {
  const before = existsSync(FILE)
    ? (JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Result>)
    : {};
  writeFileSync(FILE, `${JSON.stringify({ ...before, ...results }, rounded, 2)}\n`);
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(4)) : value;

export function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.name,
    row.samples === 0 ? '' : row.unit,
    ...(row.samples === 0
      ? ['', '', '', '', '']
      : [...[row.min, row.median, row.p99, row.max].map(shown), String(row.samples)]),
    row.met === null ? '' : `${row.met ? 'met' : 'MISSED'}: ${row.goal ?? ''}`,
    row.note ?? '',
  ]);
  const all = [['', '', 'min', 'median', 'p99', 'max', 'n', 'goal', ''], ...lines];
  const widths = all[0]?.map((_, column) =>
    Math.max(...all.map((line) => line[column]?.length ?? 0)),
  );
  const isNumber = (column: number): boolean => column >= 2 && column <= 6;
  return all
    .map((line) =>
      line
        .map((cell, column) =>
          isNumber(column)
            ? cell.padStart(widths?.[column] ?? 0)
            : cell.padEnd(widths?.[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const shown = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
