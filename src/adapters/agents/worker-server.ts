import type { LaunchRequest, WorkerTools } from '../../ports/agent.ts';

/** The name by which every agent knows the server of the worker's tools. */
export const SERVER = 'tend';
/** Its tools, for agents that have to be told of each one. */
export const TOOLS = ['ask_user', 'finish', 'report_progress', 'read_memory', 'post_finding'];
/** How long its start may take, and a call of one of its tools (ms): the machine may be busy. */
export const SERVER_START = 60_000;
export const SERVER_CALL = 120_000;

/** Variables that tell the server which tools to offer: `permit`, for who asks through it; another name for `ask_user`. */
export const OFFER_PERMIT = { TEND_WORKER_PERMIT: '1' };
export const ASK_PERSON = { TEND_WORKER_ASK: 'ask_person' };

const FILE = 'tend-tools.json';

/** The tools that the agent is given; null = none. */
export const toolsOf = ({ tools }: Pick<LaunchRequest, 'tools'>): WorkerTools | null =>
  tools ?? null;

/** A file of the attempt that names the server, in the form that most agents read, with what else they may say of it. */
export function serverFile(
  tools: WorkerTools,
  folder: string,
  more: Readonly<Record<string, unknown>> = {},
): { path: string; files: Readonly<Record<string, string>> } {
  const { command, args, env } = tools;
  const content = { mcpServers: { [SERVER]: { command, args, env, ...more } } };
  return { path: `${folder}/${FILE}`, files: { [FILE]: `${JSON.stringify(content)}\n` } };
}
