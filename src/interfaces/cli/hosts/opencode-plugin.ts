/** The plugin that opencode loads: plain JavaScript that needs nothing but Node's child_process. */

const PLUGIN = `import { spawn } from 'node:child_process';

const COMMAND = '@COMMAND@';
/** Longest time (ms) for news; a waiter has none. */
const PATIENCE = 5_000;

const NOTHING = { text: '', ids: [] };

/** What Tend has to say to the session; never throws. */
function ask(event, session, patience, keep = () => {}) {
  return new Promise((resolve) => {
    const [program, ...args] = [...COMMAND, 'hook', 'opencode', event];
    let said = '';
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(patience > 0 && { timeout: patience }),
    });
    const end = () => {
      try {
        resolve(said === '' ? NOTHING : JSON.parse(said));
      } catch {
        resolve(NOTHING);
      }
    };
    child.on('error', end);
    child.on('close', end);
    child.stdout.setEncoding('utf8').on('data', (data) => (said += data));
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify({ session_id: session }));
    keep(child);
  });
}

/** The agent has been told; outlives this process, which may be about to end. */
function told(session, ids) {
  const [program, ...args] = [...COMMAND, 'hook', 'opencode', 'told'];
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify({ session_id: session, ids }));
  child.unref();
  return new Promise((resolve) => child.on('error', resolve).on('close', resolve));
}

/** Without a person the program ends with the turn: what would be said then, nobody reads. */
const ATTENDED = !process.argv.slice(1).includes('run');

/** A server that is closed at once: if the daemon died, it brings it back before the first prompt. */
function revive() {
  const [program, ...args] = [...COMMAND, 'mcp'];
  const child = spawn(program, args, { stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
}

export const TendPlugin = async ({ client }) => {
  revive();
  /** The session that a person sees, of one that a subagent works in. */
  const roots = new Map();
  async function rootOf(session) {
    if (!roots.has(session)) {
      const found = await client.session.get({ path: { id: session } }).catch(() => undefined);
      const parent = found?.data?.parentID;
      roots.set(session, parent === undefined ? session : await rootOf(parent));
    }
    return roots.get(session);
  }
  const owner = async (session) => 'opencode:' + (await rootOf(session));
  /** Waiters of idle sessions. */
  const waiting = new Map();
  const rest = (session) => {
    waiting.get(session)?.kill();
    waiting.delete(session);
  };
  process.on('exit', () => [...waiting.keys()].forEach(rest));

  /** What the turn under way has been told, by session. */
  const open = new Map();
  const tell = async (session, { text, ids }) => {
    open.set(session, ids);
    await client.session.promptAsync({
      path: { id: session },
      body: { parts: [{ type: 'text', text, synthetic: true }] },
    });
  };

  async function idle(session) {
    const ids = open.get(session) ?? [];
    open.delete(session);
    const acknowledged = ids.length > 0 ? told(session, ids) : undefined;
    if (!ATTENDED || waiting.has(session) || (await rootOf(session)) !== session) return;
    await acknowledged;
    const now = await ask('stop', session, PATIENCE);
    if (now.text !== '') return void (await tell(session, now));
    const news = await ask('wake', session, 0, (child) => {
      waiting.set(session, child);
      child.unref();
      child.stdout.unref?.();
    });
    waiting.delete(session);
    if (news.text !== '') await tell(session, news);
  }

  return {
    'chat.message': async ({ sessionID }, output) => {
      rest(sessionID);
      // It is our own words that are being told.
      if (open.has(sessionID)) return;
      const { text, ids } = await ask('prompt', sessionID, PATIENCE);
      const first = output.parts.find((part) => part.type === 'text');
      if (text === '' || first === undefined) return;
      open.set(sessionID, ids);
      const part = { ...first, id: first.id + 't', text, synthetic: true };
      output.parts.push(part);
    },
    'tool.execute.before': async ({ tool, sessionID }, output) => {
      if (/^tend_/.test(tool)) output.args.owner ??= await owner(sessionID);
    },
    'shell.env': async ({ sessionID }, output) => {
      if (sessionID !== undefined) output.env.TEND_OWNER = await owner(sessionID);
    },
    event: async ({ event }) => {
      const session = event.properties?.sessionID;
      if (event.type === 'session.idle') void idle(session).catch(() => {});
      if (event.type === 'session.deleted') rest(session);
    },
  };
};
`;

/** Its text, calling us as `command`. */
export const pluginText = (command: readonly string[]): string =>
  PLUGIN.replace("'@COMMAND@'", () => JSON.stringify(command));
