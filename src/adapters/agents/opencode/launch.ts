import { dirname, relative, sep } from 'node:path';
import { TendError } from '../../../domain/errors.ts';
import type { Permissions } from '../../../domain/envelope.ts';
import type { Launch, LaunchRequest, WorkerTools } from '../../../ports/agent.ts';
import { flagValue } from '../arguments.ts';
import { asObject, child, type Json } from '../json.ts';
import { SURROUNDINGS } from '../surroundings.ts';
import { SERVER, SERVER_CALL, toolsOf } from '../worker-server.ts';

/** A program of the family and how its variables begin, such as `OPENCODE`. */
export interface Relative {
  name: string;
  prefix: string;
}

type Restricted = Exclude<Permissions, 'full'>;
type Rules = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/**
 * How `run` is called. The prompt stands on stdin: as an argument it is put in quotes by the program, and a
 * leading dash makes it a flag.
 */
export function launch({ name, prefix }: Relative, request: LaunchRequest): Launch {
  const { program, prompt, cwd, model, permissions, sessionId, resume, folder } = request;
  if (prompt.trim() === '')
    throw new TendError('unsupported', `${name} takes no empty prompt`, 'Give it something to do.');
  const argv = [
    program,
    'run',
    '--format=json',
    // Calls that failed and are tried again stand nowhere else.
    '--print-logs',
    ...(model === null ? [] : [`--model=${flagValue('model', model)}`]),
    ...session(name, sessionId, resume, folder),
    ...(permissions === 'full' ? ['--auto'] : [`--agent=${agentFor(permissions)}`]),
  ];
  return {
    argv,
    env: {
      // It works in the folder that this variable names, wherever it was started.
      PWD: cwd,
      [`${prefix}_DISABLE_AUTOUPDATE`]: '1',
      [`${prefix}_DISABLE_MODELS_FETCH`]: '1',
      [`${prefix}_EXPERIMENTAL_BACKGROUND_SUBAGENTS`]: 'false',
      ...configuration({ name, prefix }, request),
      ...(request.isolated ? isolation(prefix, folder) : {}),
    },
    unset: [
      ...SURROUNDINGS,
      ...(request.isolated ? [`${prefix}_CONFIG`, `${prefix}_CONFIG_DIR`] : []),
    ],
    files: {},
    stdin: prompt,
  };
}

function session(
  name: string,
  sessionId: string | null,
  resume: boolean,
  folder: string,
): readonly string[] {
  if (resume && sessionId === null)
    throw new TendError('unsupported', 'there is no session to resume', 'Name the session.');
  if (!resume && sessionId !== null)
    throw new TendError(
      'unsupported',
      `${name} chooses the id of a new session itself`,
      'Start it without an id, or resume the session.',
    );
  // Without a title the model is asked for one.
  return sessionId === null ? [`--title=${titleOf(folder)}`] : [`--session=${sessionId}`];
}

/** Told apart in the list of sessions by the attempt whose folder it is. */
function titleOf(folder: string): string {
  const parts = folder.split('/').filter((part) => part !== '');
  return ['tend', ...parts.slice(-3, -1)].join(' ');
}

const agentFor = (permissions: Restricted): string => `tend-${permissions}`;

/** Keys that say which models there are and how they are reached, and nothing of how to work. */
const PROVIDER_KEYS = [
  '$schema',
  'model',
  'small_model',
  'provider',
  'enabled_providers',
  'disabled_providers',
];

/** The person's configuration of the environment with an agent of our own, whose rules come after all others. */
function configuration({ name, prefix }: Relative, request: LaunchRequest): Record<string, string> {
  const { permissions, isolated, environment } = request;
  const variable = `${prefix}_CONFIG_CONTENT`;
  const written = environment[variable] ?? '';
  const tools = toolsOf(request);
  if (permissions === 'full' && tools === null && !(isolated && written !== '')) return {};
  const given = parsed(name, variable, written);
  const own = isolated
    ? Object.fromEntries(PROVIDER_KEYS.flatMap((key) => (key in given ? [[key, given[key]]] : [])))
    : given;
  const kept = tools === null ? own : withServer(own, tools);
  if (permissions === 'full') return { [variable]: JSON.stringify(kept) };
  const rules = rulesFor(permissions, request);
  const agent = {
    ...child(kept, 'agent'),
    [agentFor(permissions)]: { mode: 'primary', permission: rules },
  };
  return {
    [variable]: JSON.stringify({ ...kept, agent }),
    // A program that does not know the agent goes on with another one, which these rules hold for, too.
    [`${prefix}_PERMISSION`]: JSON.stringify(rules),
  };
}

/** The configuration with the server of the worker's tools. */
const withServer = (given: Json, { command, args, env }: WorkerTools): Json => ({
  ...given,
  mcp: {
    ...child(given, 'mcp'),
    [SERVER]: {
      type: 'local',
      command: [command, ...args],
      environment: env,
      enabled: true,
      timeout: SERVER_CALL,
    },
  },
});

function parsed(name: string, variable: string, written: string): Json {
  if (written === '') return {};
  try {
    const given = asObject(JSON.parse(written));
    if (given !== null) return given;
  } catch {
    // Told below.
  }
  throw new TendError(
    'unsupported',
    `the permissions of ${name} are set in ${variable}, which is not plain JSON`,
    `Write ${variable} as JSON without comments, or ask for full permissions.`,
  );
}

/** No shell, no network and no subagents in either: what they touch is not bounded. */
function rulesFor(permissions: Restricted, request: LaunchRequest): Rules {
  return {
    '*': 'deny',
    read: { '*': 'allow', '*.env': 'deny', '*.env.*': 'deny', '*.env.example': 'allow' },
    glob: 'allow',
    grep: 'allow',
    list: 'allow',
    todowrite: 'allow',
    ...(permissions === 'workspace' ? { edit: editable(request) } : {}),
    ...(toolsOf(request) === null ? {} : { [`${SERVER}_*`]: 'allow' }),
    external_directory: { '*': 'deny' },
  };
}

/** Its workspace is the whole repository: below the root, only the folder that was asked for. */
function editable({ cwd, gitFolders = [] }: LaunchRequest): string | Record<string, string> {
  const [root] = gitFolders
    .filter((folder) => folder.endsWith(`${sep}.git`))
    .map((folder) => dirname(folder))
    .filter((folder) => cwd.startsWith(folder === sep ? sep : `${folder}${sep}`));
  return root === undefined ? 'allow' : { '*': 'deny', [`${relative(root, cwd)}/*`]: 'allow' };
}

/** The person's folders are masked, not the sessions and credentials, which stand elsewhere. */
const isolation = (prefix: string, folder: string): Record<string, string> => ({
  XDG_CONFIG_HOME: `${folder}/config`,
  [`${prefix}_TEST_HOME`]: `${folder}/home`,
  [`${prefix}_PURE`]: '1',
  [`${prefix}_DISABLE_PROJECT_CONFIG`]: '1',
  [`${prefix}_DISABLE_CLAUDE_CODE`]: '1',
  [`${prefix}_DISABLE_EXTERNAL_SKILLS`]: '1',
});
