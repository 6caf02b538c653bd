/** What is said of the place and of the work of a task, on the command line or in a batch file, to what is submitted. */
import type { Submit } from '../client/index.ts';

/** As it was said; durations as the wire takes them. */
export interface WorkWords {
  worktree?: string | boolean | undefined;
  base?: string | undefined;
  inPlace?: boolean | undefined;
  setup?: string | undefined;
  verify?: string | undefined;
  verifyTimeout?: string | number | undefined;
  verifyFrom?: 'saved' | 'base' | undefined;
  fix?: number | undefined;
  fixPrompt?: string | undefined;
  iterate?: number | undefined;
  eval?: string | undefined;
  judge?: string | undefined;
  judgeRounds?: number | undefined;
  review?: boolean | undefined;
  scope?: readonly string[] | undefined;
  check?: readonly string[] | undefined;
  bestOf?: number | undefined;
  metric?: string | undefined;
}

type WorkWord = keyof WorkWords;
export type WorkWire = Partial<
  Pick<
    Submit,
    | 'workspace'
    | 'verify'
    | 'verifyTimeout'
    | 'verifyFrom'
    | 'fix'
    | 'fixPrompt'
    | 'judge'
    | 'judgeRounds'
    | 'review'
    | 'scope'
    | 'checklist'
    | 'bestOf'
    | 'metric'
  >
>;

/** How a place calls the words, and complains about one. */
export interface Speaker {
  name: (word: WorkWord) => string;
  refuse: (word: WorkWord, message: string, hint: string) => Error;
}

const isSaid = (given: unknown): boolean => given !== undefined && given !== false;

/** Which words contradict each other, or say nothing alone. */
function check(words: WorkWords, { name, refuse }: Speaker): void {
  const both = (one: WorkWord, other: WorkWord, hint: string): void => {
    if (isSaid(words[one]) && isSaid(words[other]))
      throw refuse(other, `${name(one)} and ${name(other)} contradict each other`, hint);
  };
  const needs = (one: WorkWord, others: readonly WorkWord[], hint: string): void => {
    if (isSaid(words[one]) && !others.some((other) => isSaid(words[other])))
      throw refuse(one, `${name(one)} says nothing without ${others.map(name).join(' or ')}`, hint);
  };
  both('worktree', 'inPlace', 'It works in a tree of its own, or in the folder itself.');
  both('inPlace', 'base', `A checkout is as it is; use ${name('worktree')} to start elsewhere.`);
  both('inPlace', 'setup', 'It is for new work trees; a checkout is set up.');
  for (const other of ['verify', 'fix'] as const)
    both('iterate', other, `${name('iterate')} n with ${name('eval')} is both in one.`);
  needs('iterate', ['eval'], 'Give the command that says whether it is good.');
  needs('eval', ['iterate'], 'Say how many attempts it may take.');
  needs('fixPrompt', ['fix', 'iterate'], 'Say how many further attempts there may be.');
  needs('verifyTimeout', ['verify', 'eval'], 'Give the command that verifies.');
  needs('judgeRounds', ['judge'], 'Name the agent that judges.');
  needs('metric', ['bestOf'], 'Say how many attempts compete.');
}

/** Throws what `speaker` refuses with. */
export function workWire(words: WorkWords, speaker: Speaker): WorkWire {
  check(words, speaker);
  const { worktree, base, inPlace, setup, iterate, judgeRounds, scope, bestOf, metric } = words;
  const { verifyTimeout, verifyFrom, fixPrompt, review } = words;
  const verify = words.verify ?? words.eval;
  const fix = iterate === undefined ? words.fix : iterate - 1;
  const isTree = isSaid(worktree) || base !== undefined || setup !== undefined;
  const judge = words.judge === undefined ? undefined : judgeOf(words.judge, speaker);
  return {
    ...(isTree && {
      workspace: {
        kind: 'worktree' as const,
        ...(typeof worktree === 'string' && { branch: worktree }),
        ...(base !== undefined && { base }),
        ...(setup !== undefined && { setup }),
      },
    }),
    ...(inPlace === true && { workspace: { kind: 'in_place' as const } }),
    ...(verify !== undefined && { verify }),
    ...(verifyTimeout !== undefined && { verifyTimeout }),
    ...(verifyFrom !== undefined && { verifyFrom }),
    ...(fix !== undefined && { fix }),
    // With one attempt alone there is nobody to be told.
    ...(fixPrompt !== undefined && fix !== 0 && { fixPrompt }),
    ...(judge !== undefined && { judge }),
    ...(judgeRounds !== undefined && { judgeRounds }),
    ...(review !== undefined && { review }),
    ...(scope !== undefined && { scope: [...scope] }),
    ...(words.check !== undefined && { checklist: [...words.check] }),
    ...(bestOf !== undefined && { bestOf }),
    ...(metric !== undefined && { metric }),
  };
}

/** `agent` or `agent:model`. */
function judgeOf(given: string, { name, refuse }: Speaker): { agent: string; model?: string } {
  const at = given.indexOf(':');
  const agent = at === -1 ? given : given.slice(0, at);
  const model = at === -1 ? undefined : given.slice(at + 1);
  if (agent === '' || model === '')
    throw refuse(
      'judge',
      `${name('judge')} ${JSON.stringify(given)} is neither an agent nor agent:model`,
      'Write the name of an agent, as in claude or claude:opus',
    );
  return { agent, ...(model !== undefined && { model }) };
}
