import { expect, test } from 'vitest';
import { withoutBranch } from './worktree-word.ts';

const connect = async () =>
  ({
    agentList: async () => ({ agents: [{ name: 'claude' }, { name: 'codex' }] }),
  }) as unknown as Awaited<ReturnType<Parameters<typeof withoutBranch>[2]>>;

/** As commander would have it: the word after the option is its value, unless it is an option. */
function taken(argv: readonly string[]): Parameters<typeof withoutBranch>[0] {
  const words: string[] = [];
  let branch: string | boolean | undefined;
  for (let at = 1; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--') return { words: [...words, ...argv.slice(at + 1)], branch };
    if (word.startsWith('--worktree=')) branch = word.slice(11);
    else if (word === '--worktree') {
      const next = argv[at + 1];
      branch = next === undefined || next.startsWith('-') ? true : next;
      if (typeof branch === 'string') at += 1;
    } else words.push(word);
  }
  return { words, branch };
}

test.each([
  [['claude', 'fix it'], ['claude', 'fix it'], undefined],
  [['--worktree', '--', 'make'], ['make'], true],
  [['--worktree', 'fix/login', '--', 'make', 'test'], ['make', 'test'], 'fix/login'],
  [['--worktree', 'claude', '--', 'make'], ['make'], 'claude'],
  [['--worktree', 'claude', 'fix it'], ['claude', 'fix it'], true],
  [['--worktree', 'auto', 'fix', 'it'], ['auto', 'fix', 'it'], true],
  [['--worktree', 'fix/login', 'claude', 'fix it'], ['claude', 'fix it'], 'fix/login'],
  [['--worktree=claude', 'claude', 'fix it'], ['claude', 'fix it'], 'claude'],
  [['claude', '--worktree', 'fix it'], ['claude', 'fix it'], true],
  [['claude', 'fix it', '--worktree'], ['claude', 'fix it'], true],
  [['--worktree', 'x', 'y'], ['y'], 'x'],
])('tend run %j', async (argv, words, branch) => {
  const given = ['run', ...argv];
  expect(await withoutBranch(taken(given), given, connect)).toEqual({ words, branch });
});

test.each([
  [['--worktree', 'claude', 'codex', 'x'], 'is claude a branch, or the agent?'],
  [['claude', '--worktree', 'fix', 'it'], 'is fix a branch, or does the prompt begin with it?'],
  [['claude', 'so', '--worktree', 'fix it'], "is 'fix it' a branch"],
  [['--worktree', 'cluade', 'fix it'], 'there is no agent "cluade"'],
])('tend run %j is refused: nothing is guessed', async (argv, message) => {
  const given = ['run', ...argv];
  await expect(withoutBranch(taken(given), given, connect)).rejects.toThrow(message);
});
