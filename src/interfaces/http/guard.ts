import type { IncomingHttpHeaders } from 'node:http';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { TendError } from '../../domain/errors.ts';
import { type Problem, problem } from './problem.ts';

export interface GuardOptions {
  token: string;
  /** Names under which this server may be addressed, without port; others are a rebound DNS name. */
  hosts: readonly string[];
  /** Web pages of these origins may call; by default only those that this server itself serves. */
  origins: readonly string[];
}

/** Why a request over TCP is refused; null when it is welcome. */
export function guard(
  headers: IncomingHttpHeaders,
  { token, hosts, origins }: GuardOptions,
): Problem | null {
  const host = headers.host ?? '';
  if (!hosts.includes(nameOf(host)))
    return problem(
      'forbidden',
      `this server is not called ${host.slice(0, 200)}`,
      'Use the address that the daemon was told to listen at.',
    );
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}` && !origins.includes(origin))
    return problem(
      'forbidden',
      `pages of ${origin.slice(0, 200)} may not call this server`,
      'Call it from a program, or from a page that this server serves.',
    );
  if (sameToken(headers.authorization ?? '', token)) return null;
  return problem(
    'unauthorized',
    'the bearer token is missing or wrong',
    'Send the header authorization: Bearer <token>, with the content of the token file.',
  );
}

/** `[::1]:80` → `[::1]`, `LocalHost:80` → `localhost`. */
const nameOf = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();

/** Digests have one length, and comparing them takes the same time wherever they differ. */
function sameToken(authorization: string, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token)) && given !== '';
}

const TOKEN_BYTES = 32;

/**
 * The token in the file at `path`, made (0600) when there is none. Throws `state_unsafe` when others may read
 * it or it is not ours.
 */
export function tokenAt(path: string): string {
  const fresh = randomBytes(TOKEN_BYTES).toString('base64url');
  try {
    writeFileSync(path, `${fresh}\n`, { flag: 'wx', mode: 0o600 });
    return fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const { mode, uid, size } = lstatSync(path);
  const token = readFileSync(path, 'utf8').trim();
  const foreign = process.getuid !== undefined && uid !== process.getuid();
  if (!foreign && (mode & 0o077) === 0 && token.length >= 16) return token;
  const fault = foreign
    ? 'it belongs to somebody else'
    : (mode & 0o077) !== 0
      ? 'others may read it'
      : `it has only ${size} bytes`;
  throw new TendError(
    'state_unsafe',
    `the token file ${path} cannot be trusted: ${fault}`,
    'Move it away; a new token is made at the next start.',
  );
}
