import { setTimeout as pause } from 'node:timers/promises';
import type {
  InitializeRequest,
  LoadSessionRequest,
  McpServerStdio,
  NewSessionRequest,
  PromptRequest,
  ResumeSessionRequest,
} from '@agentclientprotocol/sdk';
import { asObject, child, flag, type Json, number, text } from '../json.ts';
import { SERVER } from '../worker-server.ts';
import type { Client } from './client.ts';
import type { HolderConfig, HolderEvent, Phase } from './line.ts';
import { modeChoice, modelChoice, modelOf } from './settings.ts';
import { type Peer, RpcError } from './rpc.ts';

/** The version of the protocol that is spoken here. */
const PROTOCOL = 1;
/** Silence after which a loaded session has told its past, and how long that is waited for (ms). */
const QUIET = 250;
const LONGEST_PAST = 10_000;

/** Why the conversation could not go on. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly phase: Phase;
  readonly code: number | null;
  readonly data: unknown;
  constructor(phase: Phase, message: string, code: number | null = null, data: unknown = null) {
    super(message);
    this.phase = phase;
    this.code = code;
    this.data = data;
  }
}

interface Session {
  id: string;
  how: 'new' | 'resume' | 'load';
  /** What the agent answered: its modes, models and options. */
  answer: Json;
}

/** Everything that is said to one agent, in its order; throws Failure. */
export class Conversation {
  readonly #peer: Peer;
  readonly #client: Client;
  readonly #config: HolderConfig;
  readonly #print: (event: HolderEvent) => void;
  #prompted: string | null = null;

  constructor(
    peer: Peer,
    client: Client,
    config: HolderConfig,
    print: (event: HolderEvent) => void,
  ) {
    this.#peer = peer;
    this.#client = client;
    this.#config = config;
    this.#print = print;
  }

  /** From the first word to the end of the agent's turn: its stop reason. */
  async hold(): Promise<string | null> {
    const agent = await this.#initialize();
    const session = await this.#open(child(agent, 'agentCapabilities'));
    const model = await this.#settle(session);
    this.#announce(agent, session, model);
    return this.#prompt(session.id);
  }

  /** Asks the agent to leave off; its turn then ends as cancelled. False = there is no turn to end. */
  cancel(): boolean {
    this.#client.isCancelled = true;
    if (this.#prompted === null) return false;
    this.#peer.notify('session/cancel', { sessionId: this.#prompted });
    return true;
  }

  async #initialize(): Promise<Json> {
    const { offerFiles: files } = this.#config;
    const agent = await this.#ask('initialize', 'initialize', {
      protocolVersion: PROTOCOL,
      // Offered even where writing is refused: an agent without it writes by itself, and unseen.
      clientCapabilities: { fs: { readTextFile: files, writeTextFile: files }, terminal: false },
      clientInfo: { name: 'tend', title: 'Tend', version: '1' },
    } satisfies InitializeRequest);
    const version = number(agent, 'protocolVersion');
    if (version !== PROTOCOL)
      throw new Failure(
        'initialize',
        `the agent speaks version ${version} of the protocol, not ${PROTOCOL}`,
      );
    return agent;
  }

  async #open(abilities: Json): Promise<Session> {
    const { cwd, resume, tools } = this.#config;
    const mcpServers = serversOf(tools);
    if (resume === null) {
      const request = { cwd, mcpServers } satisfies NewSessionRequest;
      const answer = await this.#ask('session', 'session/new', request);
      const id = text(answer, 'sessionId');
      if (id === null) throw new Failure('session', 'the agent opened a session without an id');
      return { id, how: 'new', answer };
    }
    const request = { cwd, mcpServers, sessionId: resume } satisfies ResumeSessionRequest &
      LoadSessionRequest;
    if (asObject(child(abilities, 'sessionCapabilities')['resume']) !== null)
      return {
        id: resume,
        how: 'resume',
        answer: await this.#ask('resume', 'session/resume', request),
      };
    if (!flag(abilities, 'loadSession'))
      throw new Failure('resume', 'the agent cannot go on with an earlier session');
    return { id: resume, how: 'load', answer: await this.#load(request) };
  }

  /** Some agents tell the past only after they have answered: it is over when they are quiet. */
  async #load(request: LoadSessionRequest): Promise<Json> {
    this.#client.beginHistory();
    const answer = await this.#ask('resume', 'session/load', request);
    const deadline = performance.now() + LONGEST_PAST;
    for (let silence = 0; silence < QUIET && performance.now() < deadline;) {
      await pause(QUIET - silence);
      silence = performance.now() - this.#peer.heardAt;
    }
    this.#client.endHistory();
    return answer;
  }

  /** Makes the agent ask before it acts, and choose the model; answers the model's name. */
  async #settle({ id, answer }: Session): Promise<string | null> {
    const { askMode, permissions, model } = this.#config;
    if (askMode !== null && permissions !== 'full')
      await this.#choose('mode', modeChoice(id, answer, askMode), `the mode ${askMode}`);
    if (model === null) return modelOf(answer);
    await this.#choose('model', modelChoice(id, answer, model), 'a model');
    return model;
  }

  async #choose(
    phase: Phase,
    choice: { method: string; params: object } | null,
    what: string,
  ): Promise<void> {
    if (choice === null) throw new Failure(phase, `the agent does not offer to choose ${what}`);
    await this.#ask(phase, choice.method, choice.params);
  }

  #announce(agent: Json, { id, how }: Session, model: string | null): void {
    const info = child(agent, 'agentInfo');
    const [name, version] = [text(info, 'name'), text(info, 'version')];
    this.#print({ type: 'session', sessionId: id, how, model, agent: { name, version } });
  }

  async #prompt(sessionId: string): Promise<string | null> {
    this.#prompted = sessionId;
    const request = {
      sessionId,
      prompt: [{ type: 'text', text: this.#config.prompt }],
    } satisfies PromptRequest;
    const answer = await this.#peer.request('session/prompt', request).catch(failIn('prompt'));
    const stopReason = text(answer, 'stopReason');
    const [usage, meta] = [asObject(answer['usage']), asObject(answer['_meta'])];
    this.#print({ type: 'stop', stopReason, usage, meta });
    return stopReason;
  }

  /** One question before the prompt, which has its time. */
  async #ask(phase: Phase, method: string, params: object): Promise<Json> {
    const { startTimeout } = this.#config;
    const late = pause(startTimeout, null, { ref: false }).then(() => {
      throw new Failure(
        phase,
        `the agent did not answer ${method} within ${startTimeout / 1000} s`,
      );
    });
    return Promise.race([this.#peer.request(method, params).catch(failIn(phase)), late]);
  }
}

/** The server of the worker's tools, as sessions are told of servers: all agents can start one on stdio. */
const serversOf = (tools: HolderConfig['tools']): McpServerStdio[] =>
  tools === null
    ? []
    : [
        {
          name: SERVER,
          command: tools.command,
          args: [...tools.args],
          env: Object.entries(tools.env).map(([name, value]) => ({ name, value })),
        },
      ];

/** Turns the agent's refusal into a failure of what was asked. */
const failIn =
  (phase: Phase) =>
  (error: unknown): never => {
    if (!(error instanceof RpcError)) throw error;
    throw new Failure(phase, error.message, error.code, error.data);
  };
