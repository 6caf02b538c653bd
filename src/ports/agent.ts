import type { Exit } from '../domain/attempt.ts';
import type { AgentEvent, Usage } from '../domain/agent-event.ts';
import type { AgentOutcome } from '../domain/agent-outcome.ts';
import type { AgentReport } from '../domain/agent-report.ts';
import type { QuotaPolicy } from '../domain/agent-work.ts';
import type { Envelope, Permissions, Tier } from '../domain/envelope.ts';

/** What an agent can do, so that nothing else asks for its name. */
export interface Capabilities {
  /** Events while it runs; false = nothing before the end. */
  streams: boolean;
  resume: boolean;
  /** The session id can be chosen before the launch. */
  ownSessionId: boolean;
  /** It stops at a number of turns by itself. */
  maxTurns: boolean;
  /** It stops at a cost by itself. */
  maxBudget: boolean;
  /** Text can be sent to it while it runs. */
  input: boolean;
  reportsCost: boolean;
  needsPty: boolean;
  /** It writes a log of its own that shows life while its output is silent. */
  logFile: boolean;
  /** It can be given the tools of the worker. */
  tools: boolean;
  /** With them, it can be made to ask for what its permissions leave open. */
  asks: boolean;
}

export interface LaunchRequest {
  /** Absolute path, or a name for the PATH. */
  program: string;
  prompt: string;
  cwd: string;
  /** Absolute paths of Git's own folders for `cwd`: a worktree has two, elsewhere. Left out = none is known. */
  gitFolders?: readonly string[];
  model: string | null;
  envelope: Envelope;
  permissions: Permissions;
  /** Chosen by us, or to be resumed; null = the agent chooses. */
  sessionId: string | null;
  /** Go on with the session `sessionId`. */
  resume: boolean;
  /** The person's own instructions, skills, hooks and MCP servers are masked. */
  isolated: boolean;
  /** The agent will run as root. */
  root: boolean;
  /** Absolute path of a private folder of this attempt, where `files` will be. */
  folder: string;
  /** The environment that the agent will get, before `env` and `unset`. */
  environment: Readonly<Record<string, string>>;
  /** The tools of the worker that the agent is given; left out = none. */
  tools?: WorkerTools | null;
}

/** An MCP server on stdio, called `tend`, by which the agent asks, reports and finishes. */
export interface WorkerTools {
  /** Absolute path. */
  command: string;
  args: readonly string[];
  /** What the server needs in its environment, its token among it: never an argument of anything. */
  env: Readonly<Record<string, string>>;
  /** What is neither allowed nor denied is asked for through the tool `permit`, where the agent knows such a thing. */
  permits: boolean;
}

/** How an attempt is started. */
export interface Launch {
  /** The program first. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  unset: readonly string[];
  /** Written below `folder` before the launch, 0600; relative names. */
  files: Readonly<Record<string, string>>;
  /** Links below `folder`, and where they lead; what ends in `/` is a folder, made where there is none yet. */
  links?: Readonly<Record<string, string>>;
  /** What stands on stdin, then its end; null = nothing at all (/dev/null). */
  stdin: string | null;
}

/** Where times in messages are from. */
export interface ReadingPlace {
  /** Epoch ms of the line. */
  now: number;
  /** IANA name of the machine's time zone, such as `Europe/Berlin`. */
  timeZone: string;
}

/**
 * Reads one attempt's output, line by line in its order. The same lines give the same events, whenever they are
 * read: a second reading after a crash adds nothing.
 */
export interface AgentReader {
  /** The events of one line (without its newline); null = the line is not understood. Never throws. */
  line(text: string, stream: AgentStream, place: ReadingPlace): readonly AgentEvent[] | null;
  /** What only the end of all streams tells, for protocols without a terminal event. Never throws. */
  end?(): readonly AgentEvent[];
}

/** Where a line stood; `log` is the agent's own log file (see `traces`). */
export type AgentStream = 'stdout' | 'stderr' | 'log';

/** A file that an agent writes by itself: `path`, or the newest file below it whose name contains `find`. */
export interface Trace {
  path: string;
  find: string | null;
}

/** What is left of an attempt when its process is over. */
export interface AttemptEnd {
  exit: Exit;
  /** The end of stderr (or of a plain stdout). */
  stderr: string;
  /** The session that was to be resumed; null = none was. */
  resumed: string | null;
  /** Contents of the files that the agent's `traces` name, by name. */
  traces: Readonly<Record<string, string>>;
  place: ReadingPlace;
}

/** How an agent is found and asked, at no cost. */
export interface Detection {
  /** Absolute path; null = not installed. */
  program: string | null;
  version: string | null;
  /** Null = cannot be known without spending. */
  loggedIn: boolean | null;
}

/** One coding agent: how it is called, and what its output means. Pure but for `traces`, which only names files. */
export interface Agent {
  readonly name: string;
  /** Names it may have on the PATH, best first. */
  readonly programs: readonly string[];
  /** Its adapter was checked against the real program. */
  readonly verified: boolean;
  readonly capabilities: Capabilities;
  /** Variables that say whose account is used and where: keys, addresses, configuration folders. */
  readonly accountVariables: readonly string[];
  /** Throws TendError `unsupported` with the reason for what the agent cannot do as asked. */
  launch(request: LaunchRequest): Launch;
  reader(): AgentReader;
  /** Null: the protocol says nothing, the exit stands as it is. */
  outcome(report: AgentReport, end: AttemptEnd): AgentOutcome | null;
  /** Whether credentials are there, as far as files and variables tell; null = unknown. `has` asks for a file below HOME. */
  loggedIn(
    environment: Readonly<Record<string, string>>,
    has: (pathBelowHome: string) => boolean,
  ): boolean | null;
  /** Files that tell more than the output; the one named `log` grows line by line and is read like a stream. */
  traces(of: {
    environment: Readonly<Record<string, string>>;
    folder: string;
    sessionId: string | null;
  }): Readonly<Record<string, Trace>>;
  /** Arguments that print the version. */
  readonly versionArguments: readonly string[];
  /** Arguments that list the models it can use, one a line; null = it cannot be asked. */
  readonly modelArguments: readonly string[] | null;
}

export type { AgentEvent, AgentOutcome, AgentReport, Usage };

/** What the person set for one agent; what is left out is for the tier and the built-in defaults to say. */
export interface AgentOverride {
  /** Absolute path. */
  program?: string;
  model?: string;
  tier?: Tier;
  permissions?: Permissions;
  turns?: number;
  costUsd?: number;
  minutes?: number;
  isolated?: boolean;
  onQuota?: QuotaPolicy;
  /** Agents that go on when its account is refused. */
  fallback?: readonly string[];
  /** Most tasks of it that run at once. */
  maxConcurrent?: number;
  env?: Readonly<Record<string, string>>;
}

/** The agents there are, and what only this machine knows of them. */
export interface Agents {
  /** Built in, or defined by the person; null = there is none of that name. */
  get(name: string): Agent | null;
  list(): readonly Agent[];
  override(name: string): AgentOverride;
  /** Absolute path of its program, on the PATH of `environment` or as configured; null = not installed. */
  program(agent: Agent, environment: Readonly<Record<string, string>>): string | null;
  /** The program with its version, which is asked once. */
  detect(agent: Agent, environment: Readonly<Record<string, string>>): Promise<Detection>;
  /** Models it can use; null = cannot be asked, or did not answer in 10 s. Remembered for a day. */
  models(
    agent: Agent,
    environment: Readonly<Record<string, string>>,
    cwd: string,
  ): Promise<readonly string[] | null>;
  /** The folders in which git keeps what it knows of the work tree around `cwd`; empty = there is none. */
  gitFolders(cwd: string): readonly string[];
  /** The file that a trace names now; null = not there yet. */
  locate(trace: Trace): Promise<string | null>;
  /** At most `limit` bytes from `offset`; empty where there are none. */
  read(path: string, offset: number, limit: number): Promise<Uint8Array>;
  /** This process's own environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** This process, and so every agent, runs as root. */
  readonly root: boolean;
  /** IANA name of the machine's time zone. */
  readonly timeZone: string;
}
