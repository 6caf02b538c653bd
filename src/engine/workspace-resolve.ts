import type { Checks } from '../domain/checks.ts';
import { TendError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import type { Work } from '../domain/task.ts';
import type { WorkspaceSpec } from '../domain/workspace.ts';
import type { Survey } from '../ports/workspace.ts';
import type { AgentAsk, Place } from './agent-ask.ts';
import { asksSomething, NO_CHECKS, resolveChecks } from './checks-resolve.ts';
import type { Ports, Settings, WorkspaceSettings } from './context.ts';
import type { WorkAsk, WorkspaceAsk } from './work-facade.ts';

type Resolving = Pick<Settings, 'skills' | 'templates' | 'choice' | 'workspace'>;

/** Of a task: both, or neither where it simply works in its folder. */
export interface ResolvedWork {
  workspace?: WorkspaceSpec;
  checks?: Checks;
}

/**
 * Where a new task works and what is asked of its work: everything that a repository has to say to it is read now, and
 * nothing is written. Throws TendError for what cannot be, the first thing that a person would have to change first.
 */
export async function resolveWork(
  ports: Ports,
  settings: Resolving,
  asks: WorkAsk | undefined,
  work: Work | AgentAsk,
  place: Place,
): Promise<ResolvedWork> {
  const isAgent = work.kind !== 'command';
  const checks = asks?.checks ?? NO_CHECKS;
  const stray = asksSomething(checks);
  const said = asks?.workspace ?? null;
  // What runs nowhere near a repository must not pay for looking for one.
  if (said === null && stray === null && !isAgent) return {};
  const configured = settings.workspace(place.cwd);
  const byDefault = isAgent ? configured.agents : 'none';
  if (said === null && stray === null && byDefault === 'none') return {};
  const survey = await ports.workspaces.survey(place.cwd);
  if (survey === null) {
    if (said === null && stray === null) return {};
    throw noRepository(place.cwd, said, stray);
  }
  const ask = said ?? { ...ANYWHERE, kind: byDefault === 'in_place' ? byDefault : 'worktree' };
  const workspace = await placed(ports, configured, ask, survey, checks.bestOf);
  return {
    workspace,
    checks: await resolveChecks(ports, settings, configured, checks, { workspace, isAgent, place }),
  };
}

const ANYWHERE: Omit<WorkspaceAsk, 'kind'> = { branch: null, base: null, setup: null };

function noRepository(cwd: string, said: WorkspaceAsk | null, stray: string | null): TendError {
  const what =
    said === null
      ? `${stray} needs a git repository, because work is kept and checked as commits`
      : said.kind === 'in_place'
        ? '--in-place needs a git repository'
        : 'a work tree needs a git repository';
  return new TendError(
    'invalid_input',
    `${cwd} is in no git repository: ${what}`,
    'Change to a folder of one, or name it with --cwd; a new one is made with: git init',
  );
}

async function placed(
  ports: Ports,
  configured: WorkspaceSettings,
  ask: WorkspaceAsk,
  survey: Survey,
  bestOf: number,
): Promise<WorkspaceSpec> {
  const { repository, checkout, subfolder } = survey;
  if (ask.kind === 'in_place') refuseInPlace(ask, survey, bestOf);
  if (survey.head === null && ask.base === null)
    throw new TendError(
      'unsupported',
      `${checkout ?? repository} has no commit yet, and work is compared with a commit`,
      'Make the first one, as in: git add --all && git commit --message "Start"',
    );
  const start = await startOf(ports, ask, survey);
  if (ask.kind === 'worktree' && subfolder !== '')
    await checkFolder(ports, survey, start.base, ask.base);
  return {
    kind: ask.kind,
    repository,
    checkout,
    subfolder,
    branch: ask.kind === 'in_place' ? null : await named(ports, ask, survey, bestOf),
    ...start,
    setup: ask.kind === 'in_place' ? null : (ask.setup ?? configured.setup),
    links: ask.kind === 'in_place' ? [] : configured.links,
    keepIgnored: configured.keepIgnored,
  };
}

/** A work tree has what is committed, and nothing else. */
async function checkFolder(
  { workspaces }: Ports,
  { repository, checkout, subfolder }: Survey,
  base: string,
  named: string | null,
): Promise<void> {
  if ((await workspaces.namesIn(repository, base, subfolder)) !== null) return;
  throw new TendError(
    'invalid_input',
    `the folder ${subfolder} of ${checkout ?? repository} is not in ${named ?? 'what is committed'}, from which the work tree would be made`,
    'Commit it first, or name another folder with --cwd.',
  );
}

/** What a person's own checkout cannot give. */
function refuseInPlace(ask: WorkspaceAsk, survey: Survey, bestOf: number): void {
  const { checkout, inProgress } = survey;
  if (checkout === null)
    throw new TendError(
      'unsupported',
      `${survey.repository} is bare: there is no checkout to work in`,
      'Use --worktree instead of --in-place.',
    );
  if (inProgress !== null)
    throw new TendError(
      'unsupported',
      `${checkout} is in the middle of ${inProgress}`,
      'Finish that first, or use --worktree: a work tree of its own is not concerned.',
    );
  const stray =
    ask.base !== null
      ? '--base'
      : ask.branch !== null
        ? 'a branch'
        : ask.setup !== null
          ? '--setup'
          : bestOf > 1
            ? '--best-of'
            : null;
  if (stray !== null)
    throw new TendError(
      'invalid_input',
      `${stray} needs a work tree: in place, the task works in the checkout as it is`,
      'Use --worktree instead of --in-place.',
    );
}

/** The commit that the work starts from, and the branch that it is meant for. */
async function startOf(
  { workspaces }: Ports,
  ask: WorkspaceAsk,
  { repository, checkout, head, branch }: Survey,
): Promise<Pick<WorkspaceSpec, 'base' | 'target'>> {
  const { base } = ask;
  if (base === null) {
    // Work on a branch that is there already goes on where that is.
    const own =
      ask.branch === null ? null : await workspaces.commitOf(repository, headOf(ask.branch));
    return { base: own ?? head ?? '', target: branch };
  }
  const isBranch = (await workspaces.commitOf(repository, headOf(base))) !== null;
  // HEAD, and what is named from it, is that of the checkout in which it was asked.
  const commit = await workspaces.commitOf(checkout ?? repository, isBranch ? headOf(base) : base);
  if (commit !== null) return { base: commit, target: isBranch ? base : branch };
  const names = await workspaces.branches(repository);
  const guess = nearest(base, names);
  throw new TendError(
    'invalid_input',
    `--base ${JSON.stringify(base)} names no commit of ${repository}`,
    guess === null
      ? `Name a branch, a tag or a commit. Branches: ${names.slice(0, 5).join(', ') || 'none yet'}`
      : `Did you mean ${guess}?`,
  );
}

const headOf = (branch: string): string => `refs/heads/${branch}`;

async function named(
  { workspaces }: Ports,
  { branch }: WorkspaceAsk,
  survey: Survey,
  bestOf: number,
): Promise<string | null> {
  if (branch === null) return null;
  if (branch === survey.branch)
    throw new TendError(
      'unsupported',
      `${branch} is checked out in ${survey.checkout ?? survey.repository}: it cannot be in a work tree, too`,
      'Name another branch, or leave the name out; what is made is brought back with: tend merge',
    );
  // Attempts that compete have one each.
  const names =
    bestOf > 1 ? Array.from({ length: bestOf }, (_, nth) => `${branch}-${nth + 1}`) : [branch];
  for (const name of names) await workspaces.checkBranch(survey.repository, name);
  return branch;
}
