/** Agent hosts: programs in which a person works with an agent that may delegate to Tend. */
export const HOSTS = ['claude', 'codex', 'gemini', 'opencode', 'cursor'] as const;
export type Host = (typeof HOSTS)[number];

export const isHost = (word: string): word is Host => HOSTS.some((host) => host === word);

/** Ids of sessions as hosts make them: nothing in them means anything to a shell or a file system. */
const SESSION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Who owns what a session of a host starts; null = that is no id of a session. */
export const sessionOwner = (host: Host, session: unknown): string | null =>
  typeof session === 'string' && SESSION.test(session) ? `${host}:${session}` : null;

type Env = Readonly<Record<string, string | undefined>>;

/** Where hosts tell the programs that they start which session it is. */
const SAID: readonly (readonly [string, Host])[] = [
  ['CODEX_THREAD_ID', 'codex'],
  ['CLAUDE_CODE_SESSION_ID', 'claude'],
];

/** The owner that an environment names: `TEND_OWNER`, else the session of the host that it comes from. */
export function ownerInEnvironment(env: Env): string | null {
  const given = env['TEND_OWNER'];
  if (given !== undefined && given !== '') return given;
  for (const [name, host] of SAID) {
    const owner = sessionOwner(host, env[name]);
    if (owner !== null) return owner;
  }
  return null;
}

/** The owner that a host's call of a tool names by itself, in `_meta`. */
export function ownerInCall(
  client: string | undefined,
  meta: Readonly<Record<string, unknown>> | undefined,
): string | null {
  return client?.startsWith('codex') === true ? sessionOwner('codex', meta?.['threadId']) : null;
}
