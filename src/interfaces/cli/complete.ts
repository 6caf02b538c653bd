/** `tend complete -- …`: what a shell asks while a person presses tab. */
import type { Command as TabCommand } from '@bomb.sh/tab';
import type { Command } from 'commander';
import { QUOTA_POLICIES } from '../../domain/agent-work.ts';
import { PERMISSIONS, TIERS } from '../../domain/envelope.ts';
import { STATES } from '../../domain/lifecycle.ts';
import { NOTIFY_POLICIES } from '../../domain/delivery.ts';
import { RETRY_CAUSES } from '../../domain/retry.ts';
import type { Task } from '../client/index.ts';
import { captured } from './completion.ts';
import type { Context } from './context.ts';
import { oneLine } from './text.ts';

/** Verbs whose arguments are task ids. */
const OF_TASKS = [
  'show',
  'logs',
  'diff',
  'wait',
  'stop',
  'kill',
  'retry',
  'resume',
  'record',
  'rm',
  'answer',
  'accept',
  'reject',
  'merge',
  'pr',
  'undo',
];
/** Options whose values are task ids. */
const OPTIONS_OF_TASKS = ['after', 'after-any', 'after-failure'];
/** Options of `run` whose values are words of a list. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  notify: NOTIFY_POLICIES,
  tier: TIERS,
  permissions: PERMISSIONS,
  'on-quota': QUOTA_POLICIES,
  'retry-on': RETRY_CAUSES,
  verify: ['auto', 'none'],
  'verify-from': ['saved', 'base'],
};
const MOST = 100;

export function define(command: Command, context: Context): void {
  command
    .description('Answer a completion request of the shell.')
    .argument('[words...]')
    .allowUnknownOption()
    .option('--json', 'as a JSON value')
    .action((words: string[], { json }: { json?: boolean }) =>
      complete(context, words, json === true),
    );
}

async function complete(context: Context, words: string[], json: boolean): Promise<void> {
  const [{ default: commands }, { program }, { LISTED }] = await Promise.all([
    import('@bomb.sh/tab/commander'),
    import('./program.ts'),
    import('./verbs.ts'),
  ]);
  const tasks = await knownTasks(context);
  const tree = await program(LISTED, context, () => {});
  const root = commands(tree, { completionCommandName: 'completion-script' });
  root.commands.delete('completion-script');
  const offer = (say: (value: string, description: string) => void): void => {
    for (const task of tasks) say(task.id, oneLine(`${task.state} ${task.title}`));
  };
  for (const verb of OF_TASKS)
    for (const argument of root.commands.get(verb)?.arguments.values() ?? [])
      argument.handler = offer;
  for (const name of OPTIONS_OF_TASKS) setHandler(root.commands.get('run'), name, offer);
  setHandler(root.commands.get('ls'), 'state', (say) => STATES.forEach((word) => say(word, '')));
  for (const [name, known] of Object.entries(WORDS))
    setHandler(root.commands.get('run'), name, (say) => known.forEach((word) => say(word, '')));
  const answer = captured(() => root.parse(words));
  await (json ? context.out.json({ answer }) : context.out.write(answer));
}

function setHandler(
  command: TabCommand | undefined,
  option: string,
  handler: (say: (value: string, description: string) => void) => void,
): void {
  const found = command?.options.get(option);
  if (found !== undefined) found.handler = handler;
}

/** Nobody who presses tab wants to start a daemon, or to read an error. */
async function knownTasks({ connectRunning }: Context): Promise<Task[]> {
  try {
    const client = await connectRunning();
    if (client === null) return [];
    const { tasks } = await client.list({ limit: MOST });
    client.close();
    return tasks;
  } catch {
    return [];
  }
}
