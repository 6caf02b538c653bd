/** What a batch would do, and the most that it may cost. */
import { ceilingOf } from '../../domain/plan.ts';
import type { Batch, BatchTask } from './batch-file.ts';
import { writeList } from './batch-json.ts';
import type { Entry, Sent } from './batch-send.ts';
import { lineage } from './batch-tree.ts';
import type { Common, Context } from './context.ts';
import { count } from './format.ts';
import { type Cell, type Column, table } from './table.ts';

/** Longer plans are shortened for people. */
const MOST_LINES = 200;

const COLUMNS: readonly Column[] = [
  { title: 'TASK' },
  { title: 'WHO' },
  { title: 'AT MOST', align: 'right' },
  { title: 'WHAT', flexible: true },
];

/** What one task may cost; a command costs nothing, and neither does what is not started. */
const costOf = ({ agent, retries, created }: Entry): number =>
  agent === null || !created ? 0 : ceilingOf(agent.costUsd, retries);

export async function tellPlan(
  context: Context,
  batch: Batch,
  { entries }: Sent,
  { json, quiet }: Common,
): Promise<void> {
  const { out } = context;
  const total = entries.reduce((sum, entry) => sum + costOf(entry), 0);
  if (json === true) {
    const head = { dryRun: true, ceilingUsd: round(total) };
    await writeList(out, head, 'tasks', planned(batch, entries));
    return;
  }
  if (quiet === true) return;
  const fit = out.isTerminal ? out.columns : null;
  const rows = lineage(batch.tasks).slice(0, MOST_LINES);
  const shown = rows.map(({ task, branch }) =>
    row(task, branch, entries[batch.tasks.indexOf(task)] as Entry),
  );
  for (const line of table(COLUMNS, shown, out, fit)) await out.line(line);
  const left = entries.length - rows.length;
  if (left > 0) await out.line(out.paint('dim', `… and ${count(left, 'task')} more`));
  await out.line('');
  await out.line(summary(batch, entries, total));
}

const money = (usd: number): string => `$${usd.toFixed(2)}`;
/** Sums of cents have no tail of digits. */
const round = (usd: number): number => Math.round(usd * 1e6) / 1e6;

function row(task: BatchTask, branch: string, entry: Entry): Cell[] {
  const { agent, retries, created, state } = entry;
  const cost = costOf(entry);
  const tries = retries > 0 && agent !== null ? ` (${1 + retries} × ${money(agent.costUsd)})` : '';
  return [
    [{ text: branch, style: 'dim' }, { text: task.name }],
    agent === null
      ? [{ text: task.wire.agent?.name ?? 'command', style: created ? undefined : 'dim' }]
      : [{ text: agent.name, style: 'cyan' }, { text: ` ${agent.model ?? agent.tier}` }],
    cost === 0 ? [{ text: '–', style: 'dim' }] : [{ text: `${money(cost)}${tries}` }],
    created
      ? [{ text: whatOf(task) }, { text: conditions(task), style: 'dim' }]
      : [{ text: `stays as it is: ${(state ?? '').replaceAll('_', ' ')}`, style: 'dim' }],
  ];
}

const whatOf = ({ wire }: BatchTask): string =>
  (wire.command ?? wire.argv?.join(' ') ?? wire.agent?.prompt ?? '').trim();

/** What it waits for besides the success of the task above it. */
function conditions({ after }: BatchTask): string {
  const words = { success: 'after', failure: 'if it failed:', always: 'however it ended:' };
  const groups = (['success', 'failure', 'always'] as const).flatMap((when) => {
    const names = after.filter((on) => on.when === when).map(({ name }) => name);
    return names.length === 0 ? [] : [`${words[when]} ${names.join(', ')}`];
  });
  return groups.length === 0 ? '' : `  ${groups.join('; ')}`;
}

function summary(batch: Batch, entries: readonly Entry[], total: number): string {
  const levels = 1 + Math.max(...batch.tasks.map(({ level }) => level));
  const most = batch.maxConcurrent === null ? '' : `, at most ${batch.maxConcurrent} at once`;
  const stay = entries.filter(({ created }) => !created).length;
  const kept = stay === 0 ? '' : `, ${stay} of them left as they are`;
  return `${count(entries.length, 'task')} in ${count(levels, 'level')}${kept}${most}; costs at most ${money(total)}. Nothing was started.`;
}

function* planned(batch: Batch, entries: readonly Entry[]) {
  for (const [at, task] of batch.tasks.entries()) {
    const entry = entries[at] as Entry;
    const { name, level, after } = task;
    const { id, created, state, agent, retries } = entry;
    yield {
      name,
      level,
      dependsOn: after,
      agent,
      retries,
      ceilingUsd: round(costOf(entry)),
      created,
      id,
      state,
    };
  }
}
