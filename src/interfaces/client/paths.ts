import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** Where one daemon and its clients find each other and keep things. */
export interface Paths {
  stateFolder: string;
  socket: string;
  configPath: string;
  logPath: string;
  tokenPath: string;
  lockPath: string;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** What the paths depend on besides the environment. */
export interface Machine {
  platform: NodeJS.Platform;
  home: string;
  temporary: string;
  /** Uid, or the user's name where there is none. */
  user: string;
}

/** `sun_path` holds 104 bytes on BSD and macOS, 108 on Linux; the daemon binds under a slightly longer name first. */
const LONGEST_SOCKET = 95;

/** Pure: the same environment on the same machine gives the same paths; nothing is created. */
export function resolvePaths(env: Env, machine: Machine = thisMachine(env)): Paths {
  const { stateFolder, configFolder } = folders(env, machine);
  return {
    stateFolder,
    socket: socketPath(env, machine, stateFolder),
    configPath: join(configFolder, 'config.toml'),
    logPath: join(stateFolder, 'daemon.log'),
    tokenPath: join(stateFolder, 'token'),
    lockPath: join(stateFolder, 'daemon.lock'),
  };
}

function thisMachine(env: Env): Machine {
  return {
    platform: process.platform,
    home: absolute(env['HOME']) ?? homedir(),
    temporary: tmpdir(),
    user: String(process.getuid?.() ?? userInfo().username),
  };
}

/** The XDG specification says to ignore relative paths. */
const absolute = (path: string | undefined): string | null =>
  path !== undefined && isAbsolute(path) ? path : null;

function folders(env: Env, { platform, home }: Machine) {
  const own = env['TEND_HOME'];
  if (own !== undefined && own !== '')
    return { stateFolder: resolve(own), configFolder: resolve(own) };
  if (platform === 'win32') {
    const local = env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local');
    const roaming = env['APPDATA'] ?? join(home, 'AppData', 'Roaming');
    return { stateFolder: join(local, 'tend'), configFolder: join(roaming, 'tend') };
  }
  const [state, config] =
    platform === 'darwin'
      ? [join(home, 'Library', 'Application Support'), join(home, 'Library', 'Application Support')]
      : [join(home, '.local', 'state'), join(home, '.config')];
  return {
    stateFolder: join(absolute(env['XDG_STATE_HOME']) ?? state, 'tend'),
    configFolder: join(absolute(env['XDG_CONFIG_HOME']) ?? config, 'tend'),
  };
}

function socketPath(env: Env, machine: Machine, stateFolder: string): string {
  if (machine.platform === 'win32') return `\\\\.\\pipe\\tend-${hash(stateFolder)}`;
  const runtime = absolute(env['XDG_RUNTIME_DIR']);
  const isolated = (env['TEND_HOME'] ?? '') !== '';
  const wanted = join(!isolated && runtime !== null ? runtime : stateFolder, 'tend.sock');
  if (Buffer.byteLength(wanted) <= LONGEST_SOCKET) return wanted;
  const short = (folder: string): string => join(folder, `tend-${hash(stateFolder)}.sock`);
  if (runtime !== null && Buffer.byteLength(short(runtime)) <= LONGEST_SOCKET)
    return short(runtime);
  const fallback = short(join(machine.temporary, `tend-${machine.user}`));
  return Buffer.byteLength(fallback) <= LONGEST_SOCKET
    ? fallback
    : short(join('/tmp', `tend-${machine.user}`));
}

/** Loaded only where a hash is needed: `crypto` takes the CLI 5 ms. */
const hash = (text: string): string =>
  process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 12);
