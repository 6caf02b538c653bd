import type { Checks, JudgeSpec, VerifySpec } from '../domain/checks.ts';
import { TendError } from '../domain/errors.ts';
import { MANIFESTS, verifyIn } from '../domain/manifest.ts';
import type { WorkspaceSpec } from '../domain/workspace.ts';
import type { AgentAsk, Place } from './agent-ask.ts';
import { resolveAsk } from './agent-resolve.ts';
import type { Ports, Settings, WorkspaceSettings } from './context.ts';
import type { ChecksAsk } from './work-facade.ts';

type Resolving = Pick<Settings, 'skills' | 'templates' | 'choice'>;

/** Nothing was said. */
export const NO_CHECKS: ChecksAsk = {
  verify: null,
  verifyTimeout: null,
  verifyFrom: 'saved',
  fix: 0,
  template: null,
  judge: null,
  judgeRounds: 2,
  review: null,
  scope: [],
  checklist: [],
  bestOf: 1,
  metric: null,
};

/** The first thing that is asked of the work, as it is written; null = nothing is. */
export function asksSomething(ask: ChecksAsk): string | null {
  const found: [string, boolean][] = [
    ['--verify', ask.verify !== null && ask.verify !== 'none'],
    ['--fix', ask.fix > 0],
    ['--judge', ask.judge !== null],
    ['--review', ask.review === true],
    ['--scope', ask.scope.length > 0],
    ['--check', ask.checklist.length > 0],
    ['--best-of', ask.bestOf > 1],
  ];
  return found.find(([, isAsked]) => isAsked)?.[0] ?? null;
}

interface Around {
  workspace: WorkspaceSpec;
  isAgent: boolean;
  place: Place;
}

/** What must be so before the work is believed. Throws TendError for what cannot be asked of it. */
export async function resolveChecks(
  ports: Ports,
  settings: Resolving,
  configured: WorkspaceSettings,
  ask: ChecksAsk,
  { workspace, isAgent, place }: Around,
): Promise<Checks> {
  if (ask.checklist.length > 0 && !isAgent)
    throw new TendError(
      'invalid_input',
      '--check is for agents: a command answers no checklist',
      'Ask it with --verify instead.',
    );
  const verify = await verifyOf(ports, configured, ask, workspace);
  if (ask.fix > 0 && verify === null && ask.checklist.length === 0)
    throw new TendError(
      'invalid_input',
      '--fix needs something that can fail, and nothing verifies the work',
      'Say how it is verified, as in: --verify "npm test", or --verify auto',
    );
  return {
    verify,
    fix: ask.fix,
    template: ask.template,
    judge: ask.judge === null ? null : await judgeOf(ports, settings, ask, place),
    review: ask.review ?? configured.review,
    scope: ask.scope,
    denied: configured.denied,
    checklist: ask.checklist,
    bestOf: ask.bestOf,
    metric: ask.metric,
  };
}

async function verifyOf(
  ports: Ports,
  configured: WorkspaceSettings,
  ask: ChecksAsk,
  workspace: WorkspaceSpec,
): Promise<VerifySpec | null> {
  const asked = ask.verify ?? configured.verify;
  if (asked === 'none') return null;
  const rest = { timeout: ask.verifyTimeout ?? configured.verifyTimeout, from: ask.verifyFrom };
  if (asked !== 'auto') return { command: asked, ...rest, found: null };
  const found = await foundIn(ports, workspace);
  if (found !== null) return { ...found, ...rest };
  // By default, what cannot be found is not asked.
  if (ask.verify === null) return null;
  throw new TendError(
    'invalid_input',
    `--verify auto found nothing in ${workspace.checkout ?? workspace.repository} that says how it is tested`,
    `It looks at the commit that the work starts from, for: ${MANIFESTS.join(', ')}. Name the command, as in: --verify "npm test"`,
  );
}

/** What the repository says itself: in the folder of the task, then at the root. */
async function foundIn(
  { workspaces }: Ports,
  { repository, base, subfolder }: WorkspaceSpec,
): Promise<{ command: string; found: string } | null> {
  for (const folder of subfolder === '' ? [''] : [subfolder, '']) {
    const there = (await workspaces.namesIn(repository, base, folder)) ?? [];
    const files = await Promise.all(
      MANIFESTS.filter((name) => there.includes(name)).map(
        async (name): Promise<[string, string][]> => {
          const path = folder === '' ? name : `${folder}/${name}`;
          const text = await workspaces.file(repository, base, path);
          return text === null ? [] : [[name, text]];
        },
      ),
    );
    const made = verifyIn(Object.fromEntries(files.flat()));
    if (made === null) continue;
    const isAbove = folder === '' && subfolder !== '';
    const up = subfolder
      .split('/')
      .map(() => '..')
      .join('/');
    return {
      command: isAbove ? `cd ${up} && ${made.command}` : made.command,
      found: folder === '' ? made.found : `${folder}/${made.found}`,
    };
  }
  return null;
}

/** The judge as an agent that only reads; what it is told is known when there is something to judge. */
async function judgeOf(
  ports: Ports,
  settings: Resolving,
  { judge, judgeRounds }: ChecksAsk,
  place: Place,
): Promise<JudgeSpec> {
  const ask: AgentAsk = {
    kind: 'ask',
    agent: judge?.agent ?? '',
    prompt: 'Judge the work.',
    model: judge?.model ?? null,
    tier: null,
    wish: {},
    permissions: 'read-only',
    isolated: null,
    onQuota: null,
    context: [],
    skills: [],
    template: null,
    resume: null,
  };
  try {
    return { work: await resolveAsk(ports, settings, ask, place), rounds: judgeRounds };
  } catch (error) {
    if (!(error instanceof TendError)) throw error;
    // Nobody is to take it for the agent that does the work.
    const code = error.code === 'unknown_agent' ? 'invalid_input' : error.code;
    throw new TendError(code, `--judge: ${error.message}`, error.hint, error);
  }
}
