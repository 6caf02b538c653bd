import { createHash } from 'node:crypto';
import type { TaskSpec, Work } from '../../domain/task.ts';
import type { Launch } from '../../ports/agent.ts';
import type { AttemptRef } from '../../ports/supervisor.ts';
import { isIdentifier, quote } from './quote.ts';
import { type Setup, SETUP, setupText } from './setup.ts';

/** What every task is told about its surroundings. */
export interface Surroundings {
  socket: string | null;
  home: string | null;
  /** File mode mask of the command. */
  umask: number;
}

/** Without a captured environment a command gets only this. */
export const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Names the attempt among all of all state folders: how its processes are found, wherever they went. */
export const MARKER = 'TEND_ATTEMPT_FOLDER';

/**
 * The `run` file: the shell text that turns a fork of the wrapper into the command. When the folder cannot
 * be entered after all, `refused` says so, because by then the claim is taken; when the program cannot be
 * executed after all, the shell says so in the output and ends with 126 or 127.
 */
export function runText(
  spec: TaskSpec,
  ref: AttemptRef,
  folder: string,
  around: Surroundings,
  launch: Launch | null = null,
  setup: Setup | null = null,
): string {
  const { cwd, work } = spec;
  return [
    redirection(spec.streams),
    ...(launch === null || launch.stdin === null ? [] : [`exec <${STDIN} || exit 126`]),
    ...(spec.input === true ? INPUT_TEXT : []),
    '{',
    'unset OLDPWD SHLVL',
    spec.environment === null ? `export PATH=${quote(DEFAULT_PATH)}` : '. ./env',
    ...(launch === null ? [] : launchVariables(launch)),
    ...variables(spec, ref, folder, around),
    // Before the mask of the command: what it writes there is private.
    ...(setup === null ? [] : [`: >>${SETUP}`]),
    `umask ${(spec.umask ?? around.umask).toString(8).padStart(3, '0')}`,
    ...(setup === null ? [] : setupText(setup, folder)),
    `if ! cd -- ${quote(cwd)}; then`,
    // What is refused is private, whatever the mask of the command.
    'umask 077',
    'set +C',
    `printf '%s\\n' ${quote(`The folder ${cwd} cannot be entered.`)} >refused`,
    'exit 126',
    'fi',
    'unset OLDPWD',
    '} 2>/dev/null',
    `tend_exec ${(launch?.argv ?? words(work)).map(quote).join(' ')}`,
    '',
  ].join('\n');
}

const redirection = (streams: TaskSpec['streams']): string =>
  `exec ${streams === 'merged' ? '>>output 2>&1' : '>>stdout 2>>stderr'} || exit 126`;

/** The folder of an agent's own files in its attempt's, and what stands on its stdin. */
export const AGENT_FOLDER = 'agent';
export const STDIN = `${AGENT_FOLDER}/stdin`;

/** The folder of what is sent to the command's stdin, in its attempt's. */
export const INPUT = 'input';

/** Shell text: the read end alone, opened without waiting for whoever writes; then the feeder may begin. */
const INPUT_TEXT = [
  `if [ ! -p ${INPUT}/pipe ] || [ ! -p ${INPUT}/bell ]; then`,
  'set +C',
  "echo 'No pipe could be made for its input.' >refused",
  'exit 126',
  'fi',
  `exec 5<>${INPUT}/pipe <${INPUT}/pipe 5<&- || exit 126`,
  `echo open 1<>${INPUT}/bell`,
];

/** The words of a command; an agent's are not known from the work alone. */
export function words(work: Work): readonly string[] {
  if (work.kind === 'command' && 'argv' in work) return work.argv;
  return work.kind === 'command' ? [work.shell, '-c', work.command] : [];
}

const launchVariables = ({ env, unset }: Launch): string[] => [
  ...unset.filter(isIdentifier).map((name) => `unset ${name}`),
  ...Object.entries(env)
    .filter(([name, value]) => isIdentifier(name) && !value.includes('\0'))
    .map(([name, value]) => `export ${name}=${quote(value)}`),
];

function variables(
  { owner, group, depth }: TaskSpec,
  { taskId, number }: AttemptRef,
  folder: string,
  { socket, home }: Surroundings,
): string[] {
  const set = (name: string, value: string | null): string =>
    value === null ? `unset ${name}` : `export ${name}=${quote(value)}`;
  return [
    set('TEND_TASK_ID', taskId),
    set('TEND_ATTEMPT_ID', `${taskId}.${number}`),
    set(MARKER, folder),
    set('TEND_OWNER', owner),
    set('TEND_GROUP', group),
    set('TEND_DEPTH', String(depth)),
    ...(socket === null ? [] : [set('TEND_SOCKET', socket)]),
    ...(home === null ? [] : [set('TEND_HOME', home)]),
    `export TRACEPARENT="\${TRACEPARENT:-${traceParent(folder)}}"`,
  ];
}

/** Fixed by the folder, so that a repeated launch writes the same. */
function traceParent(folder: string): string {
  const digits = createHash('sha256').update(folder).digest('hex');
  return `00-${digits.slice(0, 32)}-${digits.slice(32, 48)}-01`;
}
