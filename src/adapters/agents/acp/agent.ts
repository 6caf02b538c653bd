import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TendError } from '../../../domain/errors.ts';
import { judge } from '../../../domain/judge.ts';
import type { Agent, Launch, LaunchRequest } from '../../../ports/agent.ts';
import { toolsOf } from '../worker-server.ts';
import type { HolderConfig } from './line.ts';
import { AcpReader } from './reader.ts';

/** An agent that speaks ACP (Agent Client Protocol) on its stdin and stdout. */
export interface AcpDefinition {
  name: string;
  /** Names it may have on the PATH, best first. */
  programs: readonly string[];
  /** Its command line when it speaks ACP; the program found takes the place of the first word. */
  command: readonly string[];
  /** What it needs in its environment to speak ACP and to ask before it acts. */
  env?: Readonly<Record<string, string>>;
  accountVariables?: readonly string[];
  /** False: never ask it to go on with a session. Without: whatever it says of itself when it runs. */
  resume?: boolean;
  /** The session mode in which it asks before it acts, where that is not its first one. */
  askMode?: string;
  /** It cannot read and write through its client, as ACP offers: it does so by itself, after it has asked. */
  ownFiles?: boolean;
  /** How the messages begin that are its own and yet sent as if its model had said them: no answer ends with one. */
  notices?: RegExp;
  reportsCost?: boolean;
  /** Ms that it may take for each answer until its session is there. */
  startTimeout?: number;
  verified?: boolean;
  versionArguments?: readonly string[];
  loggedIn?: Agent['loggedIn'];
}

const START_TIMEOUT = 60_000;

/** Compiled or not, the holder stands beside this file and is written in the same language. */
const HOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './holder.ts' : './holder.js', import.meta.url),
);
const CONFIG = 'acp.json';

/** The adapter of an agent that speaks ACP. */
export function acpAgent(definition: AcpDefinition): Agent {
  const { name, programs, accountVariables = [], loggedIn = () => null } = definition;
  return {
    name,
    programs,
    verified: definition.verified ?? false,
    capabilities: {
      streams: true,
      resume: definition.resume ?? true,
      ownSessionId: false,
      maxTurns: false,
      maxBudget: false,
      input: false,
      reportsCost: definition.reportsCost ?? false,
      needsPty: false,
      logFile: false,
      tools: true,
      asks: true,
    },
    accountVariables,
    launch: (request) => launch(definition, request),
    reader: () => new AcpReader(definition.notices ?? null),
    outcome: judge,
    loggedIn,
    traces: () => ({}),
    versionArguments: definition.versionArguments ?? ['--version'],
    modelArguments: null,
  };
}

function launch(definition: AcpDefinition, request: LaunchRequest): Launch {
  refuseTheImpossible(definition, request);
  const config: HolderConfig = {
    command: [request.program, ...definition.command.slice(1)],
    cwd: request.cwd,
    prompt: request.prompt,
    permissions: request.permissions,
    resume: request.resume ? request.sessionId : null,
    model: request.model,
    offerFiles: !(definition.ownFiles ?? false),
    askMode: definition.askMode ?? null,
    startTimeout: definition.startTimeout ?? START_TIMEOUT,
    tools: toolsOf(request),
  };
  return {
    argv: [process.execPath, HOLDER, join(request.folder, CONFIG)],
    env: { ...definition.env },
    unset: [],
    files: { [CONFIG]: JSON.stringify(config) },
    stdin: null,
  };
}

function refuseTheImpossible({ name, resume }: AcpDefinition, request: LaunchRequest): void {
  if (request.isolated)
    throw new TendError(
      'unsupported',
      `${name} cannot be isolated through ACP`,
      'the protocol masks no instructions, skills, hooks or servers: run it without isolation',
    );
  if (request.resume && (resume === false || request.sessionId === null))
    throw new TendError(
      'unsupported',
      `${name} cannot go on with ${request.sessionId === null ? 'a session of unknown id' : 'an earlier session'}`,
      'start it afresh',
    );
}
