import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { When } from './points.ts';

const FILE = join(import.meta.dirname, '..', '..', 'docs', 'crash-matrix.md');

/** Kills survived at one point: before it and after it. */
export type Row = Record<When, number>;

/** What the sweep has tried and seen survive. */
export class Matrix {
  readonly #sections = new Map<string, Map<string, Row>>();
  readonly #facts = new Map<string, Map<string, string>>();

  survived(section: string, label: string, when: When): void {
    const rows = entry(this.#sections, section, () => new Map<string, Row>());
    entry(rows, label, () => ({ before: 0, after: 0 }))[when] += 1;
  }

  /** Something that was tried once, with what came of it. */
  noted(section: string, what: string, result: string): void {
    entry(this.#facts, section, () => new Map<string, string>()).set(what, result);
  }

  /** Kills of all sections. */
  get kills(): number {
    const rows = [...this.#sections.values()].flatMap((section) => [...section.values()]);
    return rows.reduce((sum, { before, after }) => sum + before + after, 0);
  }

  toString(): string {
    return [
      '# Crash matrix',
      '',
      'Made by `UPDATE_MATRIX=1 npm run test:crash`. The built daemon plays all scenarios at once: tasks that succeed,',
      'fail, fail and succeed on retry, are stopped, time out, ignore TERM, leave a grandchild in a session of its own,',
      'flood their output, cannot be started, depend on each other, wait for their children; a webhook receiver that is down at first, and a',
      'consumer that dies between reading its inbox and acknowledging it. It is killed (SIGKILL) before and after every',
      'nth call (after one is before the next; `CRASH_EACH` says which n, 1 is all of them), started again, and checked: no task lost, no attempt run twice, no exit code lost, no process left,',
      'no delivery lost or doubled after dedupe, no work deleted, every history a walk on the lifecycle, no parent done before its children.',
      '',
      'Agents are played in homes of their own: one that works with tools, is refused and goes on, finds its session gone,',
      'answers and stays, is stopped, has no credit, is laid aside by a person. There the daemon is killed around the calls',
      'that change something of agents or look at them, and also checked: events, bills, sessions, prompts and calls of the',
      'program are those of a run without a kill, and an account is held only as long as its refusal stands.',
      '',
      'Work trees are played in homes with two repositories: tasks that are verified, fail their verification and mend it, fail,',
      'are stopped, sent back and accepted, build on another, work in place, and are merged. There the daemon is killed around the calls',
      'for work trees, before each git process, and while that process goes on alone. Also checked: every attempt was saved with',
      "what it wrote, refs keep that when the tasks are removed, the person's checkouts and branches are as they were, the merge is there once,",
      'and no lock and no clean checkout is left.',
      '',
      'People are played in homes of their own: they answer agents that ask and end, ask and die, ask and go on; two of them at once, and one too late;',
      'or they do not, with and without an answer for that case; an agent finishes twice and asks afterwards. Also checked: each question was told once,',
      'the first answer reached the next attempt whatever became of the session, and the first finish stands with its gaps.',
      '',
      'Each number counts kills that all of this survived. After a statement inside a transaction is before the next',
      'one, so it is counted there. Calls that neither look at the world nor change it (clock, chance, paths) are left out.',
      '',
      `${this.kills} kills survived.`,
      ...[...this.#sections].flatMap(([name, rows]) => ['', `## ${name}`, '', ...killTable(rows)]),
      ...[...this.#facts].flatMap(([name, rows]) => ['', `## ${name}`, '', ...factTable(rows)]),
      '',
    ].join('\n');
  }

  write(): void {
    writeFileSync(FILE, this.toString());
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

const byLabel = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

function killTable(rows: ReadonlyMap<string, Row>): string[] {
  const sorted = [...rows].toSorted(byLabel);
  if (sorted.every(([, { after }]) => after === 0))
    return table(
      ['killed before', 'kills'],
      sorted.map(([label, { before }]) => [label, `${before}`]),
    );
  return table(
    ['killed at', 'before', 'after'],
    sorted.map(([label, { before, after }]) => [label, `${before}`, `${after}`]),
  );
}

const factTable = (rows: ReadonlyMap<string, string>): string[] =>
  table(['tried', 'result'], [...rows]);

/** Columns are padded, so that the text reads as a table too. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)];
}
