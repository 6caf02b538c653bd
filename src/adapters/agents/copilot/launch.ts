import { TendError } from '../../../domain/errors.ts';
import type { Permissions } from '../../../domain/envelope.ts';
import type { Launch, LaunchRequest, WorkerTools } from '../../../ports/agent.ts';
import { flagValue, LONGEST_PROMPT_ARGUMENT } from '../arguments.ts';
import { SURROUNDINGS } from '../surroundings.ts';
import { SERVER, serverFile, TOOLS, toolsOf } from '../worker-server.ts';

/** Where `--usage-output-file` writes, below the attempt's folder. */
export const USAGE_FILE = 'usage.json';

/** Tools that look, and such as write files, under the names of all models; others are not offered. */
const LOOKING = 'view,grep,glob,rg,report_intent,update_todo,fetch_copilot_cli_documentation';
const WRITING = 'create,edit,apply_patch,str_replace_editor';

/** What may be done, by kinds. */
const PERMISSIONS: Readonly<Record<Permissions, readonly string[]>> = {
  'read-only': ['--deny-tool=write', '--deny-tool=shell', '--deny-tool=url', '--disallow-temp-dir'],
  workspace: ['--allow-tool=write', '--deny-tool=shell', '--deny-tool=url', '--disallow-temp-dir'],
  full: ['--allow-all'],
};

/** Which tools there are, so that no other server's is among them. */
function offered(permissions: Permissions, tools: WorkerTools | null): readonly string[] {
  if (permissions === 'full') return [];
  const own = permissions === 'workspace' ? `${LOOKING},${WRITING}` : LOOKING;
  const given = tools === null ? [] : TOOLS.map((name) => `${SERVER}-${name}`);
  return [`--available-tools=${[own, ...given].join(',')}`];
}

/** How `copilot` is called. */
export function copilotLaunch(request: LaunchRequest): Launch {
  const { program, prompt, model, permissions, isolated, folder } = request;
  const tools = toolsOf(request);
  const server = tools === null ? null : serverFile(tools, folder);
  const isArgument = Buffer.byteLength(prompt) <= LONGEST_PROMPT_ARGUMENT && !prompt.includes('\0');
  return {
    argv: [
      program,
      '--output-format=json',
      '--no-ask-user',
      `--usage-output-file=${folder}/${USAGE_FILE}`,
      ...offered(permissions, tools),
      ...PERMISSIONS[permissions],
      ...(model === null ? [] : [`--model=${flagValue('model', model)}`]),
      ...session(request),
      ...(isolated ? ISOLATED : []),
      ...(server === null
        ? []
        : [`--additional-mcp-config=@${server.path}`, `--allow-tool=${SERVER}`]),
      ...(isolated && permissions === 'full' ? ['--excluded-tools=skill'] : []),
      // With the sign a leading dash is no flag.
      ...(isArgument ? [`--prompt=${prompt}`] : []),
    ],
    env: { COPILOT_AUTO_UPDATE: 'false', ...(isolated ? { COPILOT_HOME: ownHome(request) } : {}) },
    unset: [
      ...SURROUNDINGS,
      ...(permissions === 'full' ? [] : ['COPILOT_ALLOW_ALL']),
      ...(isolated ? ['COPILOT_CUSTOM_INSTRUCTIONS_DIRS'] : []),
    ],
    files: server?.files ?? {},
    stdin: isArgument ? null : prompt,
  };
}

function session({ sessionId, resume }: LaunchRequest): readonly string[] {
  if (resume && sessionId === null)
    throw new TendError('unsupported', 'there is no session to resume', 'Name the session.');
  if (sessionId === null) return [];
  return [resume ? `--resume=${sessionId}` : `--session-id=${sessionId}`];
}

const ISOLATED = ['--no-custom-instructions', '--disable-builtin-mcps'];

/**
 * A home without the person's instructions, skills, hooks and MCP servers. It is the same for every attempt, for
 * its sessions to be found again, and knows no login.
 */
function ownHome({ environment }: LaunchRequest): string {
  const isSet = (variable: string): boolean => (environment[variable] ?? '') !== '';
  if (!CREDENTIALS.some(isSet))
    throw new TendError(
      'unsupported',
      'Copilot has its login in the folder that isolation masks',
      'Set COPILOT_GITHUB_TOKEN or COPILOT_PROVIDER_BASE_URL, or run it without isolation.',
    );
  const home = copilotHome(environment);
  if (home === null)
    throw new TendError('unsupported', 'Copilot has no home folder', 'Set HOME or COPILOT_HOME.');
  return `${home}/tend-isolated`;
}

/** Variables with which Copilot needs no login. */
export const CREDENTIALS = [
  'COPILOT_PROVIDER_BASE_URL',
  'COPILOT_GITHUB_TOKEN',
  'GH_TOKEN',
  'GITHUB_TOKEN',
] as const;

function copilotHome({ COPILOT_HOME, HOME }: Readonly<Record<string, string>>): string | null {
  if (COPILOT_HOME !== undefined && COPILOT_HOME !== '') return COPILOT_HOME;
  return HOME === undefined || HOME === '' ? null : `${HOME}/.copilot`;
}
