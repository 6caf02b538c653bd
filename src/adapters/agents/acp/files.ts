import * as fs from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Permissions } from '../../../domain/envelope.ts';
import { type Json, number, text } from '../json.ts';
import { INTERNAL_ERROR, INVALID_PARAMS, RESOURCE_NOT_FOUND, RpcError } from './rpc.ts';

/** What the agent may do, and where. */
export interface Rules {
  permissions: Permissions;
  cwd: string;
}

/** Longest file that is read for an agent (bytes). */
const LONGEST_FILE = 64 * 1024 * 1024;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'EIO';

/**
 * Where `path` really leads, with all links followed; what does not exist yet stands in the folder that does.
 * Null: it cannot be told, as with a link to nothing.
 */
function realTarget(path: string): string | null {
  try {
    return fs.realpathSync.native(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || isLink(path) || dirname(path) === path) return null;
    const parent = realTarget(dirname(path));
    return parent === null ? null : resolve(parent, basename(path));
  }
}

const isLink = (path: string): boolean =>
  fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** Whether `path` (absolute, or below `folder`) really is below `folder`; what cannot be told is not. */
export function isBelow(path: string, folder: string): boolean {
  const target = realTarget(resolve(folder, path));
  const root = realTarget(folder);
  if (target === null || root === null) return false;
  const way = relative(root, target);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Why the agent may not read (or write) `path` through us; null = it may. */
export function refusalOf(
  method: 'read' | 'write',
  path: string,
  { permissions, cwd }: Rules,
): string | null {
  if (permissions === 'full') return null;
  if (method === 'write' && permissions === 'read-only') return 'nothing may be written';
  return isBelow(path, cwd) ? null : 'it is not below the working folder';
}

/** The absolute path that `params` name. */
export function pathIn(params: Json): string {
  const path = text(params, 'path');
  if (path === null || !isAbsolute(path) || path.includes('\0'))
    throw new RpcError(INVALID_PARAMS, 'an absolute path is needed');
  return resolve(path);
}

/** Answers `fs/read_text_file`. */
export function readTextFile(path: string, params: Json): Json {
  const content = attempt(path, () => {
    const stat = fs.statSync(path);
    if (!stat.isFile()) throw new RpcError(INVALID_PARAMS, `${path} is no regular file`);
    if (stat.size > LONGEST_FILE) throw new RpcError(INVALID_PARAMS, `${path} is too long`);
    return fs.readFileSync(path, 'utf8');
  });
  const line = number(params, 'line');
  const limit = number(params, 'limit');
  return {
    content: line === null && limit === null ? content : someLines(content, line ?? 1, limit),
  };
}

/** `limit` lines (null = all that follow) from the one with number `first` on, counted from 1. */
function someLines(content: string, first: number, limit: number | null): string {
  const from = Math.max(0, first - 1);
  const lines = content.split('\n');
  return lines.slice(from, limit === null ? lines.length : from + Math.max(0, limit)).join('\n');
}

/** Answers `fs/write_text_file`; true = there was no such file. */
export function writeTextFile(path: string, content: string): boolean {
  return attempt(path, () => {
    const target = realTarget(path) ?? path;
    const before = fs.statSync(target, { throwIfNoEntry: false });
    if (before !== undefined && !before.isFile())
      throw new RpcError(INVALID_PARAMS, `${path} is no regular file`);
    fs.mkdirSync(dirname(target), { recursive: true });
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = fs.constants;
    // The target is real: a link that stands there now was put there since.
    const file = fs.openSync(target, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o666);
    try {
      fs.writeFileSync(file, content);
    } finally {
      fs.closeSync(file);
    }
    return before === undefined;
  });
}

/** Tells the agent in its own protocol what the file system refused. */
function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof RpcError) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT') throw new RpcError(RESOURCE_NOT_FOUND, `Resource not found: ${path}`);
    throw new RpcError(INTERNAL_ERROR, `${path}: ${code}`);
  }
}
