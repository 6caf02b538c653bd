/** `tend notify`: who is pushed to, whether it arrives, and what did not. */
import type { Command } from 'commander';
import { written } from '../../domain/duration.ts';
import { nearest } from '../../domain/nearest.ts';
import type { Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { EXIT } from './exit.ts';
import { usage } from './failure.ts';
import { count, relative } from './format.ts';
import { common } from './options.ts';
import type { Printer } from './print.ts';
import { type Cell, type Column, table } from './table.ts';
import { oneLine } from './text.ts';

type Channel = Output<'channels'>['channels'][number];
type Dead = Output<'deadDeliveries'>['deliveries'][number];

const WORDS = ['ls', 'test', 'dead', 'resend'];

const EXAMPLES = `
Channels stand in the configuration: [channels.<name>] and [webhooks.<name>].

Examples:
  tend notify test                a message to all of them, for real
  tend notify test phone
  tend notify ls                  who gets what, and how the last one went
  tend notify dead                what could not be brought to its receiver
  tend notify resend --all`;

export function define(command: Command, context: Context): void {
  common(command, 'names only')
    .description('Who is told without asking, whether it arrives, and what did not.')
    .enablePositionalOptions()
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .argument('[word]')
    .usage('[options] [command]')
    .action((word: string | undefined, options: Common) => {
      if (word !== undefined) throw unknownWord(word);
      return list(context, options);
    });
  common(command.command('ls'), 'names only')
    .description('Channels, webhooks and the on_done command: what waits, how it went last.')
    .action((options: Common) => list(context, options));
  common(command.command('test'), 'names of those that took it only')
    .description('Send a test message for real, and say what the receiver answered.')
    .argument('[channel]', 'its name (default: all)')
    .action((name: string | undefined, options: Common) => test(context, name, options));
  common(command.command('dead'), 'ids only')
    .description('Deliveries that could not be brought to their receiver; they are kept.')
    .action((options: Common) => dead(context, options));
  common(command.command('resend'), 'ids only')
    .description('Send deliveries again that did not arrive, with all of their tries.')
    .argument('[delivery...]', 'ids, as tend notify dead shows them')
    .option('--all', 'every dead one')
    .action((ids: string[], options: Common & { all?: boolean }) => resend(context, ids, options));
}

function unknownWord(word: string): Error {
  const guess = nearest(word, WORDS);
  return usage(
    `there is no command "notify ${word}"`,
    guess === null ? '' : `Did you mean: tend notify ${guess}`,
  );
}

async function list({ out, connect, signal }: Context, options: Common): Promise<void> {
  const client = await connect();
  const answer = await client.channels({}, { signal });
  const { channels } = answer;
  if (options.json === true) return out.json(answer);
  if (options.quiet === true)
    return out.write(channels.map(({ name }) => `${oneLine(name)}\n`).join(''));
  if (channels.length === 0)
    return out.line('nobody is told; add a [channels.<name>] to the configuration: tend config');
  const now = Date.now();
  const rows = channels.map((one) => rowOf(one, now));
  const fit = out.isTerminal ? out.columns : null;
  await out.write(`${table(COLUMNS, rows, out, fit).join('\n')}\n`);
}

const COLUMNS: readonly Column[] = [
  { title: 'name' },
  { title: 'kind' },
  { title: 'where' },
  { title: 'pending', align: 'right' },
  { title: 'dead', align: 'right' },
  { title: 'arrived' },
  { title: 'failed' },
  { title: 'why', flexible: true },
];

function rowOf(channel: Channel, now: number): Cell[] {
  const { name, kind, where, pending, dead: lost, deliveredAt, failedAt, lastError } = channel;
  const isBroken = failedAt !== null && (deliveredAt === null || failedAt > deliveredAt);
  const when = (at: string | null): string => (at === null ? '' : relative(Date.parse(at), now));
  return [
    [{ text: name, style: 'bold' }],
    [{ text: kind ?? 'not configured', style: kind === null ? 'yellow' : undefined }],
    [{ text: where }],
    [{ text: String(pending), style: pending > 0 ? undefined : 'dim' }],
    [{ text: String(lost), style: lost > 0 ? 'red' : 'dim' }],
    [{ text: when(deliveredAt), style: 'green' }],
    [{ text: when(failedAt), style: isBroken ? 'red' : 'dim' }],
    [{ text: whyOf(channel, now, isBroken, lastError), style: isBroken ? undefined : 'dim' }],
  ];
}

function whyOf(
  { quietUntil, rate, events }: Channel,
  now: number,
  isBroken: boolean,
  lastError: string | null,
): string {
  if (isBroken && lastError !== null) return lastError;
  return [
    ...(quietUntil === null ? [] : [`quiet, until ${relative(Date.parse(quietUntil), now)}`]),
    ...(events === 'failures' ? ['failures only'] : []),
    ...(rate === null ? [] : [`at most ${rate.most} in ${written(rate.withinMs)}`]),
  ].join(', ');
}

async function test(context: Context, channel: string | undefined, options: Common): Promise<void> {
  const { out, connect, signal } = context;
  const client = await connect();
  const answer = await client.testNotify({ ...(channel !== undefined && { channel }) }, { signal });
  const { results } = answer;
  if (!results.every(({ took }) => took)) context.exitCode = EXIT.failed;
  if (options.json === true) return out.json(answer);
  for (const { name, took, answer: said } of results)
    if (options.quiet !== true) await out.line(resultLine(out, name, took, said));
    else if (took) await out.line(oneLine(name));
}

const resultLine = ({ paint }: Printer, name: string, took: boolean, said: string): string =>
  `${took ? paint('green', 'sent') : paint('red', 'failed')}  ${oneLine(name)}  ${oneLine(said)}`;

/** The most that the daemon gives at once. */
const MOST = 1_000;

async function dead({ out, err, connect, signal }: Context, options: Common): Promise<void> {
  const client = await connect();
  const answer = await client.deadDeliveries({ limit: MOST }, { signal });
  const { deliveries } = answer;
  if (options.json === true) return out.json(answer);
  if (options.quiet === true) return out.write(deliveries.map(({ id }) => `${id}\n`).join(''));
  if (deliveries.length === 0) return out.line('no dead letters: everything arrived, or is tried');
  const now = Date.now();
  for (const one of deliveries) for (const line of deadLines(one, now, out)) await out.line(line);
  await err.line('tend: send them again with: tend notify resend --all');
}

function deadLines(given: Dead, now: number, { paint }: Printer): string[] {
  const { id, kind, taskId, to, tries, lastError, deadAt } = given;
  const since = deadAt === null ? '' : `, given up ${relative(Date.parse(deadAt), now)}`;
  return [
    `${paint('bold', oneLine(id))}  ${kind} of ${taskId} to ${oneLine(to)}`,
    `  ${paint('red', oneLine(lastError ?? 'no reason given'))} (${count(tries, 'try').replace('trys', 'tries')}${since})`,
  ];
}

async function resend(
  { out, connect, signal }: Context,
  ids: readonly string[],
  options: Common & { all?: boolean },
): Promise<void> {
  if (ids.length > 0 === (options.all === true))
    throw usage('name deliveries, or give --all', 'List them with: tend notify dead');
  const client = await connect();
  const resent: string[] = [];
  if (options.all === true) resent.push(...(await client.resendAll({}, { signal })).resent);
  else for (const id of ids) resent.push(...(await client.resend({ id }, { signal })).resent);
  if (options.json === true) return out.json({ resent });
  if (options.quiet === true) return out.write(resent.map((id) => `${id}\n`).join(''));
  if (resent.length === 0) return out.line('no dead letters');
  for (const id of resent) await out.line(`sending ${oneLine(id)} again`);
}
