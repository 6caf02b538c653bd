/** Whether the word after `--worktree` is a branch, or an agent or prompt already. */
import { nearest } from '../../domain/nearest.ts';
import type { Client } from '../client/index.ts';
import { usage } from './failure.ts';
import { quoted } from './format.ts';

const OPTION = '--worktree';

interface Given {
  words: readonly string[];
  branch: string | boolean | undefined;
}

/**
 * The words, and the branch that was named. An option with an optional value takes whatever word comes next; what that
 * cannot decide is refused, never guessed.
 */
export async function withoutBranch(
  { words, branch }: Given,
  argv: readonly string[],
  connect: () => Promise<Pick<Client, 'agentList'>>,
): Promise<Given> {
  const end = argv.indexOf('--');
  const at = argv.lastIndexOf(OPTION);
  // Joined by `=`, or before a command that stands after `--`: nothing else can be meant.
  if (typeof branch !== 'string' || at === -1 || end !== -1) return { words, branch };
  const client = await connect();
  const { agents } = await client.agentList({});
  const names = [...agents.map(({ name }) => name), 'auto'];
  const [first] = words;
  const told = `Write ${OPTION}=${quoted(branch)} for a branch of that name; or, for the agent, put ${OPTION} at the end.`;
  if (names.includes(branch)) {
    if (first === undefined || !names.includes(first))
      return { words: [branch, ...words], branch: true };
    throw usage(`${OPTION} ${branch} ${first}: is ${branch} a branch, or the agent?`, told);
  }
  if (first === undefined || !names.includes(first)) {
    const guess = nearest(branch, names);
    if (guess === null) return { words, branch };
    throw usage(`there is no agent ${JSON.stringify(branch)}`, `Did you mean ${guess}?`);
  }
  const isAfter = argv.slice(0, at).includes(first);
  if (!isAfter) return { words, branch };
  // No branch has a space in its name.
  if (words.length === 1 && /\s/.test(branch)) return { words: [first, branch], branch: true };
  throw usage(
    `${first} … ${OPTION} ${quoted(branch)}: is ${quoted(branch)} a branch, or does the prompt begin with it?`,
    `Write ${OPTION}=${quoted(branch)} for a branch of that name; else put ${OPTION} before ${first}.`,
  );
}
