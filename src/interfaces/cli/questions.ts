/** `tend questions`: what waits for a person's word. */
import type { Command } from 'commander';
import type { Common, Context } from './context.ts';
import { count, relative } from './format.ts';
import { common, text } from './options.ts';
import type { Printer } from './print.ts';
import {
  answerCommands,
  type Asked,
  askerOf,
  deadlineOf,
  fateOf,
  questionText,
} from './show-question.ts';
import { wrap } from './styled.ts';
import { oneLine } from './text.ts';

interface Options extends Common {
  owner?: string;
  all?: boolean;
}

const EXAMPLES = `
Workers ask, permissions are asked for, work waits for a review, an agent that
failed too often waits to be used again. The first answer to each one wins.

Examples:
  tend questions
  tend answer t-7k2m9q4x          choose, or write an answer
  tend answer t-7k "Postgres"`;

export function define(command: Command, context: Context): void {
  common(command, 'question ids only')
    .description('What waits for your word, the oldest first.')
    .option('--owner <owner>', 'only those of this owner', text('--owner'))
    .option('-a, --all', 'also those that are answered, expired or closed')
    .addHelpText('after', EXAMPLES)
    .action((options: Options) => questions(context, options));
}

async function questions(context: Context, options: Options): Promise<void> {
  const { out, err, signal } = context;
  const { owner, all = false } = options;
  const client = await context.connect();
  const query = { ...(owner !== undefined && { owner }), ...(all && { all }) };
  const { questions: found } = await client.questions(query, { signal });
  if (options.json === true) return out.json({ questions: found });
  if (options.quiet === true) return out.write(found.map(({ id }) => `${id}\n`).join(''));
  if (found.length === 0) return err.line('tend: nothing is asked');
  const now = Date.now();
  await out.write(`${found.map((one) => lines(one, out, now).join('\n')).join('\n\n')}\n`);
  if (err.isTerminal) {
    const open = found.filter(({ state }) => state === 'open').length;
    await err.line(
      err.paint('dim', `${count(open, 'open question')}; tend answer shows them one by one`),
    );
  }
}

/** Who asks what since when, the choices, until when, and how to answer. */
function lines(asked: Asked, printer: Printer, now: number): string[] {
  const { paint, isTerminal, columns } = printer;
  const { id, taskId, askedAt, options, state, owner } = asked;
  const isOpen = state === 'open';
  const heading = [
    paint('bold', taskId ?? id),
    paint('magenta', askerOf(asked)),
    paint('dim', relative(Date.parse(askedAt), now)),
    ...(owner === null ? [] : [paint('dim', oneLine(owner))]),
  ].join('  ');
  const rest = isOpen ? deadlineOf(asked, now) : fateOf(asked, now);
  const body = [
    ...questionText(asked, printer),
    ...options.map((option, index) => `${index + 1} ${oneLine(option)}`),
    ...(rest === '' ? [] : [paint('dim', rest)]),
    ...(isOpen ? answerCommands(asked).map((line) => paint('cyan', line)) : []),
    ...(taskId === null ? [] : [paint('dim', id)]),
  ];
  const fitted = isTerminal ? body.flatMap((line) => wrap(line, Math.max(20, columns - 2))) : body;
  return [heading, ...fitted.map((line) => (line === '' ? '' : `  ${line}`))];
}
