import { TendError } from '../../../domain/errors.ts';
import type { Permissions } from '../../../domain/envelope.ts';
import type { Launch, LaunchRequest, WorkerTools } from '../../../ports/agent.ts';
import { SURROUNDINGS } from '../surroundings.ts';
import { SERVER, SERVER_CALL, SERVER_START, toolsOf } from '../worker-server.ts';

/** Longest prompt that is an argument, in bytes: one argument of Linux has at most 128 KiB. */
const LONGEST_ARGUMENT = 100_000;

const SANDBOX: Readonly<Record<Permissions, readonly string[]>> = {
  'read-only': ['--sandbox', 'read-only'],
  workspace: ['--sandbox', 'workspace-write'],
  full: ['--dangerously-bypass-approvals-and-sandbox'],
};

/** How `codex exec` is called. Everything before `resume` holds for a resumed session, too, which forgets its own. */
export function codexLaunch(request: LaunchRequest): Launch {
  const { program, prompt, model, permissions, sessionId, resume } = request;
  if (!resume && sessionId !== null)
    throw new TendError(
      'unsupported',
      'Codex chooses the id of a new session itself',
      'Start it without an id, or resume the session.',
    );
  if (resume && sessionId === null)
    throw new TendError('unsupported', 'there is no session to resume', 'Name the session.');
  const alone = request.isolated ? isolation(request) : null;
  const tools = toolsOf(request);
  const inArgument = Buffer.byteLength(prompt) <= LONGEST_ARGUMENT && !prompt.includes('\0');
  const argv = [
    program,
    'exec',
    '--json',
    '--skip-git-repo-check',
    ...SANDBOX[permissions],
    ...(permissions === 'workspace' ? gitFolders(request) : []),
    ...(model === null ? [] : [`--model=${model}`]),
    ...config('analytics.enabled', 'false'),
    ...config('check_for_update_on_startup', 'false'),
    ...(alone?.options ?? []),
    ...(tools === null ? [] : serverOptions(tools)),
    ...(resume ? ['resume'] : []),
    '--',
    ...(sessionId === null ? [] : [sessionId]),
    inArgument ? promptArgument(prompt) : '-',
  ];
  return {
    argv,
    env: { ...alone?.env, ...tools?.env },
    unset: SURROUNDINGS,
    files: alone?.files ?? {},
    stdin: inArgument ? null : prompt,
  };
}

const config = (key: string, value: string): string[] => ['-c', `${key}=${value}`];

/**
 * The server of the worker's tools, whose secrets it finds in the environment of Codex. A tool that needs an approval
 * is refused where nobody can give one.
 */
function serverOptions({ command, args, env }: WorkerTools): string[] {
  const set = (key: string, value: unknown): string[] =>
    config(`mcp_servers.${SERVER}.${key}`, JSON.stringify(value));
  return [
    ...set('command', command),
    ...set('args', args),
    ...set('env_vars', Object.keys(env)),
    ...set('default_tools_approval_mode', 'approve'),
    // Else the first words go out without the tools, where the start of the server takes a moment.
    ...set('required', true),
    ...set('startup_timeout_sec', SERVER_START / 1000),
    ...set('tool_timeout_sec', SERVER_CALL / 1000),
  ];
}

/** A lone `-` means stdin, even after `--`. */
const promptArgument = (prompt: string): string => (prompt === '-' ? ' -' : prompt);

/** The workspace's sandbox has Git's own folders read-only: nothing could be committed. */
const gitFolders = (request: LaunchRequest): string[] =>
  (request.gitFolders ?? []).flatMap((folder) => ['--add-dir', folder]);

/** A home of its own: no flag masks the person's AGENTS.md, and credentials stand beside it. */
function isolation({
  environment,
  folder,
  resume,
}: LaunchRequest): Pick<Launch, 'env' | 'files'> & { options: readonly string[] } {
  if ((environment['CODEX_API_KEY'] ?? '') === '')
    throw new TendError(
      'unsupported',
      'Codex reads AGENTS.md, skills and hooks from the folder of its credentials',
      'Set CODEX_API_KEY, or run it without isolation.',
    );
  if (resume)
    throw new TendError(
      'unsupported',
      'an isolated Codex keeps its sessions apart and cannot resume one',
      'Start a new session, or run it without isolation.',
    );
  return {
    env: { CODEX_HOME: `${folder}/codex-home` },
    files: { 'codex-home/config.toml': '' },
    // The person's skills are also found below HOME, which the commands of the agent need as it is.
    options: config('skills.include_instructions', 'false'),
  };
}
