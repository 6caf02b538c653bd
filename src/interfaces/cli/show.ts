/** `tend show`: everything about one task. */
import type { Command } from 'commander';
import type { Attempt, Change, Task } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { hasEnded } from './exit.ts';
import { bytes, clock, quoted, relative, span } from './format.ts';
import { common, oneIdArgument, whole } from './options.ts';
import type { Printer } from './print.ts';
import { STYLES } from './rows.ts';
import { endOf, situation } from './sentence.ts';
import { askedIn, questionLines, toldLines } from './show-question.ts';
import { inputLines } from './show-input.ts';
import { attemptWork, workLines } from './show-work.ts';
import { pairs } from './table.ts';
import { oneLine, safeText, shorten } from './text.ts';

const EXAMPLES = `
Examples:
  tend show t-7k2m9q4x
  tend show t-7k --json`;

export function define(command: Command, context: Context): void {
  common(command, 'the full id only')
    .description('Everything about one task: states with times, attempts, outcome, why it waits.')
    .argument('<task>', 'its id, or the beginning of it', oneIdArgument)
    .option('--prompt', 'the prompt that its agent was given, or will be')
    .option('--attempt <n>', 'with --prompt: of this attempt', whole('--attempt', 1, 1_000_000))
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: Options) =>
      options.prompt === true ? prompt(context, id, options) : show(context, id, options),
    );
}

interface Options extends Common {
  prompt?: boolean;
  attempt?: number;
}

async function prompt(
  { out, connect, signal }: Context,
  id: string,
  options: Options,
): Promise<void> {
  const { attempt } = options;
  const client = await connect();
  const input = { id, ...(attempt !== undefined && { attempt }) };
  const answer = await client.prompt(input, { signal });
  if (options.json === true) return out.json(answer);
  const text = out.isTerminal ? safeText(answer.prompt) : answer.prompt;
  await out.write(text.endsWith('\n') ? text : `${text}\n`);
}

async function show(context: Context, id: string, options: Common): Promise<void> {
  const { out, signal } = context;
  const client = await context.connect();
  if (options.json === true) return out.json(await client.show({ id }, { signal }));
  const [task, { changes }] = await Promise.all([
    client.show({ id }, { signal }),
    client.history({ id }, { signal }),
  ]);
  if (options.quiet === true) return out.line(task.id);
  await out.write(`${describe(task, changes, out, Date.now()).join('\n')}\n`);
}

/** The lines of `tend show`. */
export function describe(
  task: Task,
  changes: readonly Change[],
  printer: Printer,
  now: number,
): string[] {
  const asked = askedIn(task);
  const heading = `${printer.paint('bold', task.id)}  ${oneLine(task.title)}`;
  const state = printer.paint(STYLES[task.state], task.state.replaceAll('_', ' '));
  const sentence = sentenceOf(task, now);
  return [
    heading,
    '',
    ...pairs(
      [
        ['state', sentence === '' ? state : `${state}  ${printer.paint('dim', sentence)}`],
        ['verdict', task.verdict],
        ...facts(task, now),
      ],
      printer,
    ),
    ...section('question', asked === null ? [] : questionLines(asked, printer, now), printer),
    ...section('told', toldLines(task, printer, now), printer),
    ...section('work', workLines(task, printer), printer),
    ...section('subtasks', subtasks(task, printer), printer),
    ...section('input', inputLines(task, printer, now), printer),
    ...section('history', history(changes, printer, now), printer),
    ...section(
      'attempts',
      task.attempts.flatMap((attempt) => [
        ...attemptLines(attempt, now),
        ...attemptWork(attempt, printer.paint),
      ]),
      printer,
    ),
    ...section('output', output(task, printer), printer),
  ];
}

function sentenceOf(task: Task, now: number): string {
  if (task.state === 'running') return '';
  return hasEnded(task) ? endOf(task) : situation(task, now);
}

function section(title: string, lines: readonly string[], { paint }: Printer): string[] {
  return lines.length === 0
    ? []
    : ['', paint('dim', title), ...lines.map((line) => (line === '' ? '' : `  ${line}`))];
}

function facts(task: Task, now: number): [string, string][] {
  const found: [string, string | null][] = [
    ['command', task.command ?? null],
    ['argv', task.argv === undefined ? null : task.argv.map(quoted).join(' ')],
    ...agentFacts(task),
    ['folder', task.cwd],
    ['owner', task.owner],
    ['group', task.group],
    ['parent', task.parent],
    ['labels', labels(task.labels)],
    ['priority', task.priority === 0 ? null : String(task.priority)],
    ['after', after(task)],
    ['told of', task.contextFrom.length === 0 ? null : task.contextFrom.join(', ')],
    ['checks', checked(task)],
    ['retry of', task.retryOf],
    ['schedule', task.schedule],
    ['exit code', task.exitCode === null ? null : String(task.exitCode)],
    ['signal', task.signal],
    ['detail', tells(task) ? task.detail : null],
    ['times out', moment(task.deadlineAt, now)],
    ['last output', hasEnded(task) ? null : moment(task.lastActivityAt, now)],
  ];
  return found.flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, oneLine(value)]],
  );
}

function checked({ check }: Task): string | null {
  if (check === null) return null;
  return `the work of ${check.of}, attempt ${check.attempt}: ${check.what} of ${check.commit.slice(0, 10)}`;
}

/** Whether the detail says more than the exit code does. */
const tells = ({ reason, detail }: Task): boolean =>
  reason !== 'exit_code' || detail?.includes('; not retried: ') === true;

/** Null = not known. */
const told = (value: number | null): string => (value === null ? '?' : String(value));

function agentFacts({ agent, usage, answer }: Task): [string, string | null][] {
  if (agent === undefined) return [];
  const { name, version, model, sessionId, prompt: asked, tier, envelope, permissions } = agent;
  const { chosen, others } = agent;
  const cost = usage.costUsd === null ? 'cost unknown' : `$${usage.costUsd.toFixed(4)}`;
  return [
    [
      'agent',
      `${name}${version === null ? '' : ` ${version}`}${model === null ? '' : `, ${model}`}`,
    ],
    ['chosen', chosen],
    ['others', others.length === 0 ? null : others.join(', ')],
    ['prompt', shorten(oneLine(asked), 200)],
    ['session', sessionId],
    [
      'may spend',
      `${envelope.turns} turns, $${envelope.costUsd}, ${envelope.minutes} min (${tier}); ${permissions}`,
    ],
    [
      'spent',
      `${usage.turns} turns, ${told(usage.inputTokens)} tokens in (${told(usage.cachedTokens)} cached), ${told(usage.outputTokens)} out, ${cost}`,
    ],
    ['answer', answer === null ? null : shorten(oneLine(answer), 400)],
  ];
}

function labels(given: Task['labels']): string | null {
  const entries = Object.entries(given).map(([name, value]) => `${name}=${value}`);
  return entries.length === 0 ? null : entries.join(' ');
}

function after({ dependsOn }: Task): string | null {
  if (dependsOn.length === 0) return null;
  return dependsOn
    .map(({ task, when }) => (when === 'success' ? task : `${task} (${when})`))
    .join(', ');
}

function subtasks({ children }: Task, { paint, columns, isTerminal }: Printer): string[] {
  return children.map(({ id, title, state }) => {
    const words = `${id}  ${state.replaceAll('_', ' ')}`;
    const room = isTerminal ? columns - words.length - 6 : 200;
    return `${id}  ${paint(STYLES[state], state.replaceAll('_', ' '))}  ${shorten(oneLine(title), Math.max(room, 10))}`;
  });
}

function moment(at: string | null, now: number): string | null {
  if (at === null) return null;
  const time = Date.parse(at);
  return `${clock(time, now)} (${relative(time, now)})`;
}

function history(changes: readonly Change[], { paint }: Printer, now: number): string[] {
  return changes.map(({ at, state, reason, event }, index) => {
    const next = changes[index + 1];
    const until = next === undefined ? null : Date.parse(next.at) - Date.parse(at);
    const why = reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`;
    const lasted = until === null ? '' : paint('dim', `  ${span(until)}`);
    const again = event === 'requeue' ? paint('dim', '  again') : '';
    return `${clock(Date.parse(at), now)}  ${paint(STYLES[state], state)}${why}${lasted}${again}`;
  });
}

function attemptLines(attempt: Attempt, now: number): string[] {
  const { number, pid, startedAt, endedAt, outcome, survivors, agent } = attempt;
  const start = startedAt === null ? 'not started' : `started ${clock(Date.parse(startedAt), now)}`;
  const process = pid === null ? '' : `, pid ${pid}`;
  const end =
    startedAt === null || endedAt === null
      ? ''
      : `, ran ${span(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const came = outcome === null ? '' : `, ${outcomeWords(attempt)}`;
  return [
    `${number}. ${agent === null ? '' : `${agent} `}${start}${process}${end}${came}`,
    ...survivors.map((one) => `   still runs: pid ${one.pid} ${oneLine(one.command)}`),
  ];
}

function outcomeWords({ outcome, exitCode, signal }: Attempt): string {
  switch (outcome?.kind) {
    case 'exited':
      return `exit code ${exitCode ?? 'unknown'}`;
    case 'signaled':
      return `ended by ${signal ?? 'a signal'}`;
    case 'stopped':
      return `stopped (${word(outcome['reason'])})`;
    case 'spawn_failed':
      return 'could not be started';
    case 'parked':
      return 'stopped to ask';
    case 'lost':
      return `lost (${word(outcome['how'])})`;
    default:
      return outcome?.kind ?? '';
  }
}

const word = (given: unknown): string =>
  typeof given === 'string' ? given.replaceAll('_', ' ') : 'unknown';

const TAIL_LINES = 8;

function output({ output: given }: Task, { isTerminal, columns }: Printer): string[] {
  const { path, stderrPath, bytes: size, truncated, tail } = given;
  if (path === null) return [];
  const cut = truncated ? ', its beginning was cut off' : '';
  const last = tail
    .split(/\r?\n|\r/)
    .filter((line) => line !== '')
    .slice(-TAIL_LINES)
    .map((line) => `│ ${isTerminal ? shorten(oneLine(line), columns - 4) : oneLine(line)}`);
  const paths = stderrPath === null ? [path] : [path, stderrPath];
  return [...paths.map(oneLine), `${bytes(size)}${cut}`, ...last];
}
