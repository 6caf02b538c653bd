/** `tend cost`: what agents have cost, and what is left of the budgets. */
import type { Command } from 'commander';
import { COST_KEYS, type CostKey } from '../../domain/spent.ts';
import type { Output } from '../client/index.ts';
import { bar, gauge, legend } from './bar.ts';
import type { Common, Context } from './context.ts';
import { clock, count, relative } from './format.ts';
import { common, oneOf, text } from './options.ts';
import type { Printer } from './print.ts';
import { type Cell, type Column, table } from './table.ts';
import { width } from './text.ts';

type Report = Output<'cost'>;
type Share = Report['shares'][number];
type Budget = Report['budgets'][number];

interface Options extends Common {
  by?: CostKey;
  since?: string;
}

const EXAMPLES = `
What an attempt did not tell is unknown ("?"): it counts as the most that it may
have cost. Budgets stand in the configuration: [budgets.<name>].

Examples:
  tend cost
  tend cost --by day --since 30d
  tend cost --by task --since 2026-11-01`;

export function define(command: Command, context: Context): void {
  common(command, 'the total in dollars')
    .description('What agents have cost, and what is left of the budgets.')
    .option('--by <what>', `${COST_KEYS.join(', ')} (default agent)`, oneOf('--by', COST_KEYS))
    .option('--since <when>', 'how long ago, such as 12h, or a date (default 7d)', text('--since'))
    .addHelpText('after', EXAMPLES)
    .action((options: Options) => cost(context, options));
}

async function cost(context: Context, options: Options): Promise<void> {
  const { out, signal } = context;
  const client = await context.connect();
  const { by, since } = options;
  const report = await client.cost(
    { ...(by !== undefined && { by }), ...(since !== undefined && { since }) },
    { signal },
  );
  if (options.json === true) return out.json(report);
  if (options.quiet === true) return out.line(report.total.costUsd.toFixed(2));
  const lines = [
    ...spentLines(report, out),
    ...(report.budgets.length === 0 ? [] : ['', ...budgetLines(report, out)]),
  ];
  await out.write(`${lines.join('\n')}\n`);
}

/** Bars are not made wider, and not narrower. */
const WIDEST = 30;
const NARROWEST = 8;
const NO_TERMINAL = 80;

const fitOf = (out: Printer): number => (out.isTerminal ? out.columns : NO_TERMINAL);
const plain = (cell: Cell): string => cell.map((part) => part.text).join('');

/** The room that the other columns leave for a bar. */
function barRoom(
  out: Printer,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): number {
  const taken = columns.map(({ title }, at) =>
    Math.max(width(title), ...rows.map((row) => width(plain(row[at] ?? [])))),
  );
  const others = taken.reduce((sum, one) => sum + one + 2, 0);
  return Math.min(WIDEST, Math.max(NARROWEST, fitOf(out) - others));
}

function spentLines(report: Report, out: Printer): string[] {
  const { by, total, shares, more } = report;
  const since = clock(Date.parse(report.from), Date.parse(report.to));
  if (total.attempts === 0) return [out.paint('dim', `no agent has run since ${since}`)];
  const columns = columnsOf(report);
  const rows = [
    ...shares.map((share) => columns.map((column) => column.cell(share))),
    columns.map((column, at) =>
      at === 0 ? [{ text: 'total', style: 'bold' as const }] : column.cell({ ...total, key: null }),
    ),
  ];
  const room = barRoom(out, columns, rows);
  const dearest = Math.max(...shares.map(({ costUsd }) => costUsd));
  const bars = [...shares.map((share) => bar(amounts(share), dearest, room, 'green', out)), []];
  const full = rows.map((row, at) => [...row, bars[at] ?? []]);
  const isMixed = total.unknown > 0 || total.running > 0;
  return [
    out.paint('dim', `since ${since}, by ${by}`),
    ...table([...columns, { title: '' }], full, out, fitOf(out)),
    ...(more ? [out.paint('dim', `only the ${shares.length} dearest are shown`)] : []),
    ...(total.unknown > 0 ? [out.paint('yellow', unknownWords(total))] : []),
    ...(isMixed ? [out.paint('dim', legend(out))] : []),
  ];
}

const unknownWords = ({ unknown, unknownUsd }: Report['total']): string =>
  `? ${count(unknown, 'attempt')} did not tell the cost: ${usd(unknownUsd)} at most, and counted as that`;

const amounts = ({ knownUsd, unknownUsd, reservedUsd }: Share | Budget) => ({
  known: knownUsd,
  unknown: unknownUsd,
  reserved: reservedUsd,
});

/** Columns in which nothing would stand are left out. */
function columnsOf({ by, total }: Report): (Column & { cell: (share: Share) => Cell })[] {
  const right = (title: string, cell: (share: Share) => Cell) =>
    ({ title, align: 'right', cell }) as const;
  return [
    { title: by, flexible: true, cell: (share) => keyCell(share, by) },
    right('cost', costCell),
    ...(total.unknown > 0 ? [right('unknown', unknownCell)] : []),
    ...(total.running > 0 ? [right('reserved', reservedCell)] : []),
    ...(by === 'task' ? [] : [right('tasks', ({ tasks }) => [{ text: String(tasks) }])]),
    right('tokens', ({ tokens }) => [{ text: tokens === 0 ? '' : short(tokens), style: 'dim' }]),
  ];
}

const keyCell = ({ key }: Share, by: CostKey): Cell =>
  key === null ? [{ text: `no ${by}`, style: 'dim' }] : [{ text: key }];

/** Of attempts that have told nothing nobody knows the cost. */
const costCell = ({ knownUsd, unknown }: Share): Cell =>
  knownUsd === 0 && unknown > 0 ? [{ text: '?', style: 'yellow' }] : [{ text: usd(knownUsd) }];
const unknownCell = ({ unknown, unknownUsd }: Share): Cell =>
  unknown === 0 ? [] : [{ text: `? ${usd(unknownUsd)}`, style: 'yellow' }];
const reservedCell = ({ running, reservedUsd }: Share): Cell =>
  running === 0 ? [] : [{ text: usd(reservedUsd), style: 'blue' }];

const STYLES = { ok: 'green', warned: 'yellow', spent: 'red' } as const;

function budgetLines({ budgets, to }: Report, out: Printer): string[] {
  const now = Date.parse(to);
  const columns: Column[] = [
    { title: 'budget', flexible: true },
    { title: 'spent', align: 'right' },
    { title: '', align: 'right' },
    { title: 'anew' },
  ];
  const rows = budgets.map((one): Cell[] => {
    const style = STYLES[one.level];
    const part = Math.floor((one.costUsd / one.limitUsd) * 100);
    return [
      [
        { text: one.name, style: 'bold' },
        { text: ` ${countsWords(one)}`, style: 'dim' },
      ],
      [{ text: usd(one.costUsd), style }, { text: ` of ${usd(one.limitUsd)}` }],
      [{ text: `${part}%`, style }],
      [{ text: one.until === null ? 'never' : relative(Date.parse(one.until), now), style: 'dim' }],
    ];
  });
  const room = barRoom(out, columns, rows);
  const full = rows.map((row, at) => {
    const one = budgets[at];
    if (one === undefined) return row;
    const drawn = gauge(amounts(one), one.limitUsd, room, STYLES[one.level], out);
    return row.toSpliced(1, 0, drawn);
  });
  return [
    ...table(columns.toSpliced(1, 0, { title: '' }), full, out, fitOf(out)),
    ...budgets.flatMap((one) => warningOf(one, now, out)),
  ];
}

/** `per day, claude, group nightly`. */
function countsWords({ window, agent, group, owner }: Budget): string {
  const words = [
    window === 'ever' ? 'ever' : `per ${window}`,
    ...(agent === null ? [] : [agent]),
    ...(group === null ? [] : [`group ${group}`]),
    ...(owner === null ? [] : [`owner ${owner}`]),
  ];
  return words.join(', ');
}

/** What is left to say of a budget that is nearly or wholly spent. */
function warningOf({ name, level, until }: Budget, now: number, { paint }: Printer): string[] {
  if (level === 'ok') return [];
  if (level === 'warned') return [paint(STYLES.warned, `${name} is nearly spent`)];
  const then = until === null ? '' : ` before ${clock(Date.parse(until), now)}`;
  return [paint(STYLES.spent, `${name} is spent: nothing of it starts${then}`)];
}

/** Cents, and less where there are none. */
function usd(amount: number): string {
  if (amount === 0 || amount >= 0.1) return `$${amount.toFixed(2)}`;
  return amount < 0.001 ? '<$0.001' : `$${amount.toFixed(3)}`;
}

/** `950`, `12k`, `1.2M`. */
function short(tokens: number): string {
  let value = tokens;
  for (const unit of ['', 'k', 'M']) {
    if (value < 999.5) return `${value.toFixed(unit !== '' && value < 9.95 ? 1 : 0)}${unit}`;
    value /= 1_000;
  }
  return `${value.toFixed(1)}G`;
}
