/** `tend inbox`: completions and other deliveries that nobody has acknowledged. */
import type { Command } from 'commander';
import { ownerInEnvironment } from '../../domain/host.ts';
import type { Client, Delivery } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';
import { count, relative } from './format.ts';
import { common, text, time } from './options.ts';
import type { Printer } from './print.ts';
import { hasEnded } from './exit.ts';
import { endOf, situation } from './sentence.ts';
import { answerCommands, type Asked, askedIn, askerOf, fateOf } from './show-question.ts';
import { oneLine, shorten, width } from './text.ts';

interface Options extends Common {
  owner?: string;
  wait?: number;
  ack?: string[];
  drain?: boolean;
  limit?: number;
}

/** The most that the daemon gives and takes at once. */
const MOST = 1_000;

const EXAMPLES = `
Reading marks nothing: a delivery stays until it is acknowledged.

Examples:
  tend inbox
  tend inbox --wait 60s --json
  tend inbox --ack d-t-7k2m9q4x.c
  tend inbox --drain              print, then acknowledge what was printed`;

export function define(command: Command, context: Context): void {
  common(command, 'delivery ids only')
    .description('Completions and other news that nobody has acknowledged yet.')
    .option('--owner <owner>', 'whose (default: $TEND_OWNER, or yours)', text('--owner'))
    .option('--wait <duration>', 'wait that long for the first one', time('--wait'))
    .option('--ack <ids...>', 'acknowledge these')
    .option('--drain', 'acknowledge all that is printed')
    .addHelpText('after', EXAMPLES)
    .action((options: Options) => inbox(context, options));
}

async function inbox(context: Context, options: Options): Promise<void> {
  if (options.ack !== undefined && (options.drain === true || options.wait !== undefined))
    throw usage('--ack goes with neither --drain nor --wait');
  const client = await context.connect();
  const owner = options.owner ?? ownerInEnvironment(context.env) ?? undefined;
  const whose = owner === undefined ? {} : { owner };
  if (options.ack !== undefined) return acknowledge(context, client, whose, options);
  const wait = options.wait === undefined ? {} : { wait: `${options.wait}ms` };
  const query = { ...whose, ...wait, limit: MOST };
  const { deliveries } = await client.inbox(query, { signal: context.signal });
  await tell(context, deliveries, options);
  // Written and taken: what the reader has not got is not acknowledged.
  if (options.drain === true && deliveries.length > 0)
    await client.ack({ ...whose, ids: deliveries.map(({ id }) => id) });
}

async function acknowledge(
  { out, err }: Context,
  client: Client,
  whose: { owner?: string },
  options: Options,
): Promise<void> {
  const ids = (options.ack ?? []).flatMap((given) => given.split(',')).filter((id) => id !== '');
  if (ids.length === 0) throw usage('--ack needs the ids of deliveries');
  const { acked } = await client.ack({ ...whose, ids });
  if (options.json === true) {
    const { deliveries } = await client.inbox({ ...whose, limit: MOST });
    return out.json({ acked, deliveries });
  }
  await out.write(
    acked.map((id) => (options.quiet === true ? `${id}\n` : `acknowledged ${id}\n`)).join(''),
  );
  const missed = ids.filter((id) => !acked.includes(id));
  if (missed.length > 0)
    await err.line(`tend: not waiting to be acknowledged here: ${oneLine(missed.join(', '))}`);
}

async function tell(
  { out, err }: Context,
  deliveries: readonly Delivery[],
  options: Options,
): Promise<void> {
  if (options.json === true) return out.json({ deliveries });
  if (options.quiet === true) return out.write(deliveries.map(({ id }) => `${id}\n`).join(''));
  if (deliveries.length === 0) return err.line('tend: nothing new');
  const now = Date.now();
  await out.write(`${deliveries.flatMap((one) => lines(one, out, now)).join('\n')}\n`);
  if (options.drain !== true && err.isTerminal)
    await err.line(
      err.paint(
        'dim',
        `${count(deliveries.length, 'delivery').replace(/ys$/, 'ies')}; tend inbox --drain acknowledges them`,
      ),
    );
}

/** It is about many tasks, and stands with one of them for no other reason than that it has to. */
const digestLines = (
  id: string,
  preview: string,
  createdAt: string,
  paint: Printer['paint'],
  now: number,
): string[] => [
  `${paint('bold', 'digest')}  ${paint('dim', relative(Date.parse(createdAt), now))}`,
  ...preview.split('\n').map((line) => `  │ ${oneLine(line)}`),
  paint('dim', `  ${id}`),
];

const PREVIEW_LINES = 3;
/** Longest question, in columns. */
const LONGEST_QUESTION = 200;
/** A title is not made shorter than that. */
const NARROWEST = 16;

/** What happened, and under it the end of the output. */
function lines(
  { id, kind, task, createdAt, preview }: Delivery,
  { paint, columns, isTerminal }: Printer,
  now: number,
): string[] {
  if (kind === 'digest') return digestLines(id, preview, createdAt, paint, now);
  const what = hasEnded(task) ? endOf(task) : situation(task, now);
  const asked = kind === 'question' ? askedBy(task, preview) : null;
  const said =
    kind === 'completion'
      ? what
      : asked === null
        ? `${kind}: ${oneLine(preview)}`
        : askedWords(asked, now);
  const style = task.state === 'failed' ? 'red' : task.state === 'completed' ? 'green' : 'yellow';
  const when = relative(Date.parse(createdAt), now);
  const room = columns - width(`${task.id}  ${said}  ${when}  `);
  const title = isTerminal
    ? shorten(oneLine(task.title), Math.max(room, NARROWEST))
    : oneLine(task.title);
  const heading = [paint('bold', task.id), paint(style, said), paint('dim', when), title].join(
    '  ',
  );
  const fitted = (line: string): string =>
    isTerminal ? shorten(oneLine(line), columns - 4) : oneLine(line);
  const last = preview
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '')
    .slice(-PREVIEW_LINES);
  const shown = kind === 'completion' ? last.map((line) => `  │ ${fitted(line)}`) : [];
  const answers = asked?.state === 'open' ? answerCommands(asked) : [];
  return [
    heading,
    ...shown,
    ...answers.map((line) => `  ${paint('cyan', line)}`),
    paint('dim', `  ${id}`),
  ];
}

/** The question that the delivery told of; null = the task has another one by now. */
function askedBy(task: Delivery['task'], preview: string): Asked | null {
  const asked = askedIn(task);
  return asked !== null && preview.includes(asked.question.slice(0, 40)) ? asked : null;
}

/** What was asked, and what became of it. */
function askedWords(asked: Asked, now: number): string {
  const fate = asked.state === 'open' ? '' : ` (${fateOf(asked, now)})`;
  return `${askerOf(asked)}: ${shorten(oneLine(asked.question), LONGEST_QUESTION)}${fate}`;
}
