/** Every host, by name; its file is loaded when it is called. */
import type { Host } from '../../../domain/host.ts';
import type { HostKind } from './host.ts';

const LOAD: Readonly<Record<Host, () => Promise<HostKind>>> = {
  claude: async () => (await import('./claude.ts')).claude,
  codex: async () => (await import('./codex.ts')).codex,
  gemini: async () => (await import('./gemini.ts')).gemini,
  opencode: async () => (await import('./opencode.ts')).opencode,
  cursor: async () => (await import('./cursor.ts')).cursor,
};

export const hostKind = (host: Host): Promise<HostKind> => LOAD[host]();
