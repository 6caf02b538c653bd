/** `tend answer`: a person's word, on the command line or chosen on a terminal. */
import { text as allOf } from 'node:stream/consumers';
import type { Command } from 'commander';
import { isTendError, TendError } from '../../domain/errors.ts';
import { ownerInEnvironment } from '../../domain/host.ts';
import { questionPlace } from '../../domain/question.ts';
import type { Client, Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { EXIT } from './exit.ts';
import { usage } from './failure.ts';
import { common } from './options.ts';
import { answerCommands, type Asked, fateOf } from './show-question.ts';
import { oneLine } from './text.ts';

const EXAMPLES = `
Without an answer, on a terminal, the question is shown with its options. The
number of an option stands for it; - reads the answer from stdin. The first
answer wins: a later one is told who answered what.

Examples:
  tend answer                       choose among all that is open
  tend answer t-7k2m9q4x
  tend answer t-7k "Use Postgres, and keep the old table"
  tend answer t-7k 2`;

export function define(command: Command, context: Context): void {
  common(command, 'the id of the task only')
    .description('Answer what a task asks, or choose what to answer.')
    .argument('[question]', 'id of a question or of its task, or the beginning of the latter')
    .argument('[answer...]', 'the answer')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string | undefined, words: string[], options: Common) => {
      context.exitCode = await answer(context, id, words, options);
    });
}

async function answer(
  context: Context,
  id: string | undefined,
  words: readonly string[],
  options: Common,
): Promise<number> {
  const client = await context.connect();
  const given = id === undefined ? null : await wordsOf(client, id, words);
  if (id !== undefined && given !== null) {
    await tell(context, await send(context, client, id, given), options);
    return EXIT.success;
  }
  const open = await openOnes(client, id);
  const isLive = context.out.isTerminal && process.stdin.isTTY && context.env['TERM'] !== 'dumb';
  if (!isLive || options.json === true || options.quiet === true) throw unsaid(id, open);
  const { pick } = await import('./answer-picker.ts');
  const picked = await pick(context, open);
  if (picked === null) {
    await context.err.line('tend: nothing was answered');
    return EXIT.interrupted;
  }
  await tell(context, await send(context, client, picked.id, picked.text), options);
  return EXIT.success;
}

/** Null = none was given. */
async function wordsOf(
  client: Client,
  id: string,
  words: readonly string[],
): Promise<string | null> {
  if (words.length === 0) return null;
  const said =
    words.length === 1 && words[0] === '-' ? await allOf(process.stdin) : words.join(' ');
  const text = said.trim();
  if (text === '') throw usage('the answer is empty', `As in: tend answer ${id} "your answer"`);
  return /^\d{1,2}$/.test(text) ? optionOf(client, id, text) : text;
}

/** The option with this number, where no option is that number itself. */
async function optionOf(client: Client, id: string, number: string): Promise<string> {
  const open = await openOnes(client, id).catch((error: unknown) => {
    // What is not open is told when it is answered.
    if (isTendError(error) && error.code === 'not_found') return [];
    throw error;
  });
  const options = open[0]?.options ?? [];
  return options.includes(number) ? number : (options[Number(number) - 1] ?? number);
}

/** What is open, of all, of a task or with this id; throws where nothing is. */
async function openOnes(client: Client, id: string | undefined): Promise<Asked[]> {
  const { questions } = await client.questions({});
  if (id === undefined) {
    if (questions.length > 0) return questions;
    throw new TendError(
      'not_found',
      'nothing is asked',
      'See earlier ones with: tend questions --all',
    );
  }
  const named = questions.filter((one) => one.id === id || one.taskId === id);
  if (named.length > 0) return named;
  // The beginning of an id; refused when it is that of no task, or of several.
  const task = id.startsWith('q-') ? null : await client.show({ id });
  const own = questions.filter(({ taskId }) => task !== null && taskId === task.id);
  if (own.length > 0) return own;
  const last = task?.question ?? null;
  const fate = last === null ? '' : `; its last question: ${fateOf(last, Date.now())}`;
  throw new TendError(
    'not_found',
    task === null
      ? `no open question has the id ${JSON.stringify(id)}`
      : `${task.id} asks nothing${fate}`,
    'See the open ones with: tend questions',
  );
}

type Answered = Output<'answer'>;

async function send({ env }: Context, client: Client, id: string, text: string): Promise<Answered> {
  const by = ownerInEnvironment(env);
  try {
    return await client.answer({ id, text, ...(by !== null && { by }) });
  } catch (error) {
    throw await toldWhen(client, id, error);
  }
}

/** Codes of a refusal behind which an earlier answer may stand. */
const LATE: readonly string[] = ['already_answered', 'already_ended', 'not_found'];

/** Who came first, with what, and when; where nobody did, the error as it is. */
async function toldWhen(client: Client, id: string, error: unknown): Promise<unknown> {
  if (!isTendError(error) || !LATE.includes(error.code)) return error;
  const task = questionPlace(id)?.taskId ?? id;
  const query = { task, all: true };
  const { questions } = await client.questions(query).catch(() => ({ questions: [] as Asked[] }));
  const asked = questions.findLast((one) => one.id === id || !id.startsWith('q-'));
  if (asked === undefined || asked.answer === null) return error;
  return new TendError(
    'already_answered',
    `${asked.id} ${fateOf(asked, Date.now())}`,
    `The first answer stands. See what follows with: tend show ${asked.taskId ?? id}`,
    error,
  );
}

function unsaid(id: string | undefined, open: readonly Asked[]): Error {
  const [first, ...others] = open;
  if (first === undefined) return usage('there is no answer');
  const commands = [first, ...others].slice(0, 3).flatMap((one) => answerCommands(one).slice(0, 3));
  const what =
    id === undefined
      ? 'there is neither a question nor an answer'
      : `there is no answer to: ${oneLine(first.question)}`;
  return usage(what, `As in:\n${commands.join('\n')}`);
}

async function tell(
  { out, err }: Context,
  { question, task }: Answered,
  options: Common,
): Promise<void> {
  if (options.json === true) return out.json({ question, task });
  const name = task?.id ?? question.id;
  if (options.quiet === true) return out.line(name);
  await out.line(`${name} is answered: ${oneLine(question.answer?.text ?? '')}`);
  if (task !== null)
    await err.line(`  tend wait ${task.id}  ${err.paint('dim', 'wait for its end')}`);
}
