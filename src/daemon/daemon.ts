import { userInfo } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN } from '../adapters/agents/built-in.ts';
import { AgentCatalog } from '../adapters/agents/catalog.ts';
import { cronerCalendar } from '../adapters/calendar/croner.ts';
import { createClassifier } from '../adapters/classifier/classifier.ts';
import { commandEnvironment, desktopEnvironment } from '../adapters/notify/command.ts';
import { createGit } from '../adapters/git/git.ts';
import { createHooks } from '../adapters/notify/hooks.ts';
import { createNotifier } from '../adapters/notify/notifier.ts';
import { StoredEnvironments } from '../adapters/process/environments.ts';
import { FileOutput } from '../adapters/process/output.ts';
import { ProcessSupervisor } from '../adapters/process/supervisor.ts';
import { systemChance } from '../adapters/process/system-chance.ts';
import { systemClock } from '../adapters/process/system-clock.ts';
import { workerTokens } from '../adapters/tokens/worker-tokens.ts';
import { taskId } from '../domain/ids.ts';
import type { Ports } from '../engine/context.ts';
import type { NodeInfo } from '../engine/facade.ts';
import { Node } from '../engine/node.ts';
import { secureFolder } from '../interfaces/client/folder.ts';
import type { Paths } from '../interfaces/client/index.ts';
import { PROTOCOL } from '../interfaces/client/protocol.ts';
import { createApp, type McpDoor } from '../interfaces/http/app.ts';
import { tokenAt } from '../interfaces/http/guard.ts';
import { listenTcp } from '../interfaces/http/serve.ts';
import { databaseIn, openDatabase } from './database.ts';
import { openDoor } from './door.ts';
import { exitWhenIdle } from './idle.ts';
import { holdLock, recordSocket } from './lock.ts';
import { openLog } from './log.ts';
import { LiveSettings } from './settings.ts';
import { probeStateFolder } from './state-folder.ts';
import { VERSION } from './version.ts';
import { workerServer } from './worker-server.ts';

/** Puts something around a port: how the crash sweep gets in between. */
type Wrap = <K extends keyof Ports>(name: K, port: Ports[K]) => Ports[K];

export interface DaemonOptions {
  wrap?: Wrap;
  /** File mode mask of the tasks; default: that of this process. */
  umask?: number;
  /** Also serve TCP there, to who knows the token. */
  listen?: { host: string; port: number } | null;
  /** Called when a client or idleness asks the daemon to end. */
  onShutdown?: () => void;
}

export interface Daemon {
  engine: Node;
  info: NodeInfo;
  /** Where it listens: the socket first. */
  addresses: string[];
  already?: never;
  /** Ends it; running tasks go on. */
  close(): Promise<void>;
}

/** Another daemon holds the state folder and answers at this socket. */
export interface Already {
  already: string;
}

/**
 * Starts the one daemon of a state folder, or says where the one that holds it answers. Throws TendError
 * for everything that stands in the way, before anything was changed.
 */
export async function startDaemon(
  paths: Paths,
  options: DaemonOptions = {},
): Promise<Daemon | Already> {
  secureFolder(paths.stateFolder);
  probeStateFolder(paths.stateFolder);
  const { release, socket } = await holdLock(paths);
  if (release === undefined) return { already: socket };
  try {
    return await start(paths, options, release);
  } catch (error) {
    release();
    throw error;
  }
}

async function start(paths: Paths, options: DaemonOptions, release: () => void): Promise<Daemon> {
  const settings = new LiveSettings(
    paths.configPath,
    workerServer(paths),
    join(paths.stateFolder, 'trusted.json'),
  );
  const log = openLog(paths.logPath, { level: settings.config.daemon.logLevel });
  const end = new AbortController();
  const report = (error: unknown, what: string): void => log.logger.error({ err: error }, what);
  const ports = makePorts(
    paths,
    settings,
    options.umask ?? process.umask(),
    end.signal,
    log.logger,
  );
  const info = await nodeInfo(paths, ports);
  const engine = new Node(wrapped(ports, options.wrap), {
    info,
    settings,
    report,
    configuration: () => settings.configuration(),
    configure: async (name, value) => settings.configure(name, value),
    findings: async () => settings.findings(),
    trust: settings.hooks,
    shutdown: () => setImmediate(() => options.onShutdown?.()),
  });
  await engine.start();
  const app = createApp(engine, {
    onFault: (error) => report(error, 'request'),
    mcp: lateMcp(engine, report),
  });
  const door = await openDoor(app, paths.socket, report);
  recordSocket(paths.stateFolder, paths.socket);
  const { listen } = options;
  const tcp = listen ? await listenTcp(app, { ...listen, token: tokenAt(paths.tokenPath) }) : null;
  const idle = exitWhenIdle(engine, settings, () => options.onShutdown?.());
  log.logger.info({ version: VERSION, socket: paths.socket }, 'ready');
  return {
    engine,
    info,
    addresses: [paths.socket, ...(tcp === null ? [] : [tcp.address])],
    close: async () => {
      idle.close();
      end.abort();
      await Promise.all([door.close(), tcp?.close()]);
      await engine.close();
      log.logger.info('closed');
      log.close();
      release();
    },
  };
}

/** Its SDK is loaded with the first request: a daemon that nobody asks there does not pay for it. */
function lateMcp(engine: Node, report: (error: unknown, what: string) => void): McpDoor {
  const environment = commandEnvironment(process.env);
  const onFault = (error: unknown): void => report(error, 'mcp');
  let door: Promise<McpDoor> | null = null;
  return async (asked, closing) => {
    door ??= import('../interfaces/mcp/http.ts').then(({ mcpDoor }) =>
      mcpDoor(engine, { environment, onFault }),
    );
    return (await door)(asked, closing);
  };
}

function makePorts(
  paths: Paths,
  settings: LiveSettings,
  umask: number,
  signal: AbortSignal,
  log: { info(facts: object, message: string): void },
): Ports {
  const { stateFolder, socket } = paths;
  const environments = new StoredEnvironments(stateFolder);
  const git = createGit(stateFolder);
  const store = openDatabase(databaseIn(stateFolder));
  const environment = commandEnvironment(process.env);
  const tell = (message: string, facts: object): void => log.info(facts, message);
  const hooks = createHooks({
    hooks: (cwd) => settings.hooks.of(cwd),
    clock: systemClock,
    environment,
    log: tell,
    signal,
  });
  return {
    store,
    environments,
    ...git,
    supervisor: new ProcessSupervisor({ state: stateFolder, socket, home: homeOf(paths), umask }),
    output: new FileOutput(stateFolder),
    agents: new AgentCatalog(BUILT_IN, () => settings.agents),
    tokens: workerTokens(tokenAt(join(stateFolder, 'worker-secret'))),
    calendar: cronerCalendar,
    classifier: createClassifier(signal),
    notifier: createNotifier({
      receivers: (task) => settings.receivers(task?.spec.cwd ?? null),
      clock: systemClock,
      hooks,
      environment,
      desktop: desktopEnvironment(process.env),
      log: tell,
      signal,
    }),
    hooks,
    clock: systemClock,
    chance: systemChance,
  };
}

/** Tasks get TEND_HOME when the daemon was told it, so that `tend` in a task finds the same daemon. */
const homeOf = ({ stateFolder }: Paths): string | null =>
  (process.env['TEND_HOME'] ?? '') === '' ? null : stateFolder;

function wrapped(ports: Ports, wrap: Wrap | undefined): Ports {
  if (wrap === undefined) return ports;
  return {
    store: wrap('store', ports.store),
    environments: wrap('environments', ports.environments),
    workspaces: wrap('workspaces', ports.workspaces),
    merging: wrap('merging', ports.merging),
    trash: wrap('trash', ports.trash),
    supervisor: wrap('supervisor', ports.supervisor),
    output: wrap('output', ports.output),
    agents: wrap('agents', ports.agents),
    tokens: wrap('tokens', ports.tokens),
    calendar: wrap('calendar', ports.calendar),
    notifier: wrap('notifier', ports.notifier),
    hooks: wrap('hooks', ports.hooks),
    classifier: wrap('classifier', ports.classifier),
    clock: wrap('clock', ports.clock),
    chance: wrap('chance', ports.chance),
  };
}

async function nodeInfo(paths: Paths, { store, chance, clock }: Ports): Promise<NodeInfo> {
  return {
    version: VERSION,
    protocol: PROTOCOL,
    node: await nodeId(store, chance),
    owner: `cli:${process.getuid?.() ?? userInfo().username}`,
    pid: process.pid,
    startedAt: clock.now(),
    stateFolder: paths.stateFolder,
    socket: paths.socket,
    configPath: paths.configPath,
    logPath: paths.logPath,
  };
}

/** Belongs to the state folder, not to the host name, which may change under running tasks. */
async function nodeId(store: Ports['store'], chance: Ports['chance']): Promise<string> {
  const known = await store.setting('node');
  if (known !== null) return known;
  const fresh = taskId(chance.bytes(8)).replace('t-', 'n-');
  await store.setSetting('node', fresh);
  return fresh;
}
