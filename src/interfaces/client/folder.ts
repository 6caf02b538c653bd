import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { TendError } from '../../domain/errors.ts';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ANYBODY = 0o002;

/**
 * Makes sure that nobody else can place or replace files in `folder`; creates it (0700) when missing and
 * takes the group's right to write away. Throws `state_unsafe` when it belongs to somebody else or everybody
 * may write to it, `state_unwritable` when it cannot be made.
 */
export function secureFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new TendError(
      'state_unwritable',
      `cannot create ${folder}: ${(error as Error).message}`,
      'Set TEND_HOME to a folder that you may write to.',
      error,
    );
  }
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const { mode } = statSync(folder);
  refuseForeign(folder, uid);
  if ((mode & WRITABLE_BY_ANYBODY) !== 0) throw unsafe(folder, 'everybody may write to it');
  if ((mode & WRITABLE_BY_GROUP) !== 0) chmodSync(folder, mode & 0o777 & ~WRITABLE_BY_GROUP);
}

/** Throws `state_unsafe` when the socket, or the folder it is in, is not ours: anybody could answer there. */
export function verifySocket(socket: string): void {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  if (exists(dirname(socket))) secureFolder(dirname(socket));
  if (exists(socket)) refuseForeign(socket, uid);
}

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** A link counts as its maker's, and as the owner's of what it leads to. */
function refuseForeign(path: string, uid: number): void {
  const owners = [lstatSync(path).uid, statSync(path, { throwIfNoEntry: false })?.uid ?? uid];
  const foreign = owners.find((owner) => owner !== uid);
  if (foreign !== undefined)
    throw unsafe(path, `it belongs to user ${foreign}, not to you (user ${uid})`);
}

const unsafe = (path: string, fault: string): TendError =>
  new TendError(
    'state_unsafe',
    `${path} is not safe to use: ${fault}`,
    'Set TEND_HOME to a folder of your own that nobody else can write to.',
  );
