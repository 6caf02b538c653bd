/** `tend agents`: who is installed, logged in, busy, held, drained; hold and release. */
import type { Command } from 'commander';
import type { Output } from '../client/index.ts';
import { advise, type AdviseOptions } from './advise.ts';
import type { Common, Context } from './context.ts';
import { define as defineHistory } from './agent-history.ts';
import { capturedEnvironment } from './environment.ts';
import { clock } from './format.ts';
import { common, pair, text, time } from './options.ts';
import type { Printer } from './print.ts';
import { type Cell, type Column, table } from './table.ts';

type Agent = Output<'agents'>['agents'][number];

const EXAMPLES = `
An unverified agent is run as its documentation says; nobody has checked that
on the real program.

Examples:
  tend agents
  tend agents --advise "Fix the flaky test"
  tend agents hold claude --for 2h
  tend agents release claude
  tend agents ack codex                after it failed twice in a row
  tend agents history`;

export function define(command: Command, context: Context): void {
  common(command, 'names of those that are installed')
    .description('Every agent: installed, version, logged in, busy, held.')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .option(
      '--advise <prompt>',
      'whom tend run auto would take for this, and why',
      text('--advise'),
    )
    .option('--label <name=value>', 'with --advise: a label of the task', pair('--label'))
    .option('--cwd <folder>', 'with --advise: where it would run', text('--cwd'))
    .action((options: Common & AdviseOptions) =>
      options.advise === undefined ? show(context, options) : advise(context, options),
    );
  common(command.command('hold'), 'nothing on stdout')
    .description('Lay an agent aside; its tasks wait in the queue.')
    .argument('<agent>', 'its name')
    .option('--for <duration>', 'for so long (default: until released)', time('--for'))
    .option('--reason <text>', 'why', text('--reason'))
    .action((name: string, options: Common & { for?: number; reason?: string }) =>
      hold(context, name, options),
    );
  common(command.command('release'), 'nothing on stdout')
    .description('End the holds of an agent; its tasks may start.')
    .argument('<agent>', 'its name')
    .action((name: string, options: Common) => release(context, name, options));
  defineHistory(command, context);
}

async function show(context: Context, options: Common): Promise<void> {
  const { out, signal } = context;
  const client = await context.connect();
  const answer = await client.agents({ env: capturedEnvironment(context.env) }, { signal });
  if (options.json === true) return out.json(answer);
  if (options.quiet === true)
    return out.write(
      answer.agents
        .filter(({ installed }) => installed)
        .map(({ name }) => `${name}\n`)
        .join(''),
    );
  const fit = out.isTerminal ? out.columns : null;
  await out.write(`${table(COLUMNS, answer.agents.map(row), out, fit).join('\n')}\n`);
}

const COLUMNS: readonly Column[] = [
  { title: 'agent' },
  { title: 'version' },
  { title: 'login' },
  { title: 'active', align: 'right' },
  { title: 'today', align: 'right' },
  { title: 'state', flexible: true },
];

type Style = Parameters<Printer['paint']>[0];

function row(agent: Agent): Cell[] {
  const { name, installed, version, verified, loggedIn, active, spentTodayUsd } = agent;
  const style: Style = installed ? 'bold' : 'dim';
  const login = loggedIn === null ? '?' : loggedIn ? 'yes' : 'no';
  return [
    [{ text: name, style }],
    [{ text: installed ? (version ?? 'unknown') : '-', style: installed ? undefined : 'dim' }],
    [{ text: installed ? login : '-', style: loggedIn === false && installed ? 'yellow' : 'dim' }],
    [{ text: active === 0 ? '' : String(active), style: 'blue' }],
    [{ text: spentTodayUsd === 0 ? '' : `$${spentTodayUsd.toFixed(2)}` }],
    [
      stateOf(agent),
      ...(verified
        ? []
        : [{ text: `${installed ? ', ' : ' · '}unverified`, style: 'dim' as const }]),
    ],
  ];
}

function stateOf({ name, installed, held, holds }: Agent): Cell[number] {
  const drain = holds.find((one) => one.class === 'drained');
  if (drain !== undefined)
    return { text: `drained: ${drain.reason}; tend agents ack ${name}`, style: 'red' };
  if (held !== null) {
    const until =
      held.until === null ? 'until released' : `until ${clock(Date.parse(held.until), Date.now())}`;
    const more = holds.length > 1 ? ` and ${holds.length - 1} more` : '';
    return { text: `held ${until}: ${held.reason}${more}`, style: 'yellow' };
  }
  return installed ? { text: 'ready', style: 'green' } : { text: 'not installed', style: 'dim' };
}

async function hold(
  context: Context,
  name: string,
  options: Common & { for?: number; reason?: string },
): Promise<void> {
  const client = await context.connect();
  const { for: span, reason } = options;
  const answer = await client.hold(
    {
      name,
      ...(span !== undefined && { for: `${span}ms` }),
      ...(reason !== undefined && { reason }),
    },
    { signal: context.signal },
  );
  if (options.json === true) return context.out.json(answer);
  if (options.quiet !== true) await context.err.line(`tend: ${name} is held; its tasks wait`);
}

async function release(context: Context, name: string, options: Common): Promise<void> {
  const client = await context.connect();
  const answer = await client.release({ name }, { signal: context.signal });
  if (options.json === true) return context.out.json(answer);
  if (options.quiet === true) return;
  const count = answer.holds.length;
  await context.err.line(
    count === 0 ? `tend: ${name} was not held` : `tend: ${name} may be used again`,
  );
}
