/** `tend agents ack` and `tend agents history`: what became of agents, and that a person has seen it. */
import type { Command } from 'commander';
import type { Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { clock } from './format.ts';
import { common, whole } from './options.ts';
import type { Printer } from './print.ts';
import { type Cell, type Column, table } from './table.ts';

type Change = Output<'agentChanges'>['changes'][number];

export function define(command: Command, context: Context): void {
  common(command.command('ack'), 'nothing on stdout')
    .description('You have seen that an agent failed twice in a row: use it again.')
    .argument('<agent>', 'its name')
    .action((name: string, options: Common) => ack(context, name, options));
  common(command.command('history'), 'one line each, without headings')
    .description('What became of agents: refused, drained, laid aside, used again.')
    .argument('[agent]', 'its name (default: all)')
    .option('-n, --limit <n>', 'so many, the newest (default 50)', whole('--limit', 1, 10_000))
    .action((name: string | undefined, options: Common & { limit?: number }) =>
      history(context, name, options),
    );
}

async function ack(context: Context, name: string, options: Common): Promise<void> {
  const client = await context.connect();
  const answer = await client.agentAck({ name }, { signal: context.signal });
  if (options.json === true) return context.out.json(answer);
  if (options.quiet === true) return;
  await context.err.line(
    answer.holds.length === 0 ? `tend: ${name} was not drained` : `tend: ${name} is used again`,
  );
}

const COLUMNS: readonly Column[] = [
  { title: 'when' },
  { title: 'account' },
  { title: 'what' },
  { title: 'task' },
  { title: 'why', flexible: true },
];

type Style = Parameters<Printer['paint']>[0];

const STYLES: Record<Change['kind'], Style> = {
  held: 'yellow',
  extended: 'yellow',
  ended: 'green',
  drained: 'red',
  acknowledged: 'green',
  released: 'green',
  manual: 'yellow',
};

async function history(
  context: Context,
  agent: string | undefined,
  { limit = 50, json, quiet }: Common & { limit?: number },
): Promise<void> {
  const { out, signal } = context;
  const client = await context.connect();
  const answer = await client.agentChanges(
    { limit, ...(agent !== undefined && { agent }) },
    { signal },
  );
  if (json === true) return out.json(answer);
  const oldestFirst = answer.changes.toReversed();
  if (quiet === true)
    return out.write(oldestFirst.map((one) => `${one.at} ${one.account} ${one.kind}\n`).join(''));
  if (oldestFirst.length === 0)
    return context.err.line('tend: nothing was ever held, drained or laid aside');
  const now = Date.now();
  const fit = out.isTerminal ? out.columns : null;
  const rows = oldestFirst.map((one) => row(one, now));
  await out.write(`${table(COLUMNS, rows, out, fit).join('\n')}\n`);
}

const row = ({ at, account, kind, taskId, detail }: Change, now: number): Cell[] => [
  [{ text: clock(Date.parse(at), now), style: 'dim' }],
  [{ text: account }],
  [{ text: kind, style: STYLES[kind] }],
  [{ text: taskId ?? '' }],
  [{ text: detail }],
];
