import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import { isTendError, TendError } from '../domain/errors.ts';
import { parseConfig, parsed, readText } from './config.ts';
import { type Entry, keyPath, lineEnd, places } from './toml-places.ts';

type Table = Record<string, unknown>;

/**
 * Changes one setting, `name` dotted, `value` as in TOML or as bare text, and leaves every other character
 * of the file as it is. The file is replaced only by a valid one. Throws `config_invalid`.
 */
export function setValue(path: string, name: string, value: string): void {
  const file = readText(path);
  const before = file?.text ?? '';
  const data = parsed(path, before);
  const at = keyPath(name);
  if (at === null || at.length < 2)
    throw refused(`${name} is no setting`, 'Write it as section.key, such as limits.slots.');
  const texts = edits(path, before, data, at, value);
  replace(path, firstValid(path, texts), file?.mode ?? 0o600);
}

/** The results of taking the value as TOML, and as text that only lacks its quotes. */
function edits(path: string, before: string, data: Table, at: string[], value: string): string[] {
  return [value.trim(), JSON.stringify(value)].flatMap((literal) => {
    const meaning = meaningOf(literal);
    if (meaning === undefined) return [];
    const after = edited(before, at, literal);
    if (after === null || !isSame(parsed(path, after), put(data, at, meaning)))
      throw refused(
        `${at.join('.')} is written in ${path} in a way that cannot be changed from here`,
        'Change it in the file itself.',
      );
    return [after];
  });
}

/** Equal as data: what the parser calls an object is one without a prototype. */
const isSame = (a: Table, b: Table): boolean =>
  isDeepStrictEqual(structuredClone(a), structuredClone(b));

/** The first text that is a valid configuration; what is wrong with the first one when none is. */
function firstValid(path: string, texts: readonly string[]): string {
  let problem: TendError | null = null;
  for (const text of texts) {
    try {
      parseConfig(path, text);
      return text;
    } catch (error) {
      if (!isTendError(error)) throw error;
      problem ??= error;
    }
  }
  throw problem ?? refused(`the value for ${path} is no text`, 'Write a value as in TOML.');
}

const refused = (message: string, hint: string): TendError =>
  new TendError('config_invalid', message, hint);

/** What one TOML value stands for; undefined when the text is not exactly one. */
function meaningOf(literal: string): unknown {
  try {
    const { value, ...others } = parse(`value = ${literal}\n`);
    return Object.keys(others).length === 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A copy of the data with one more value; what is in the way of the path is left as it is. */
function put(data: Table, [first = '', ...rest]: readonly string[], value: unknown): Table {
  const inner = data[first];
  if (rest.length === 0) return { ...data, [first]: value };
  return { ...data, [first]: put(isTable(inner) ? inner : {}, rest, value) };
}

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null;

/** The text with the value replaced, or added beside its nearest kin; null when an inline table is in the way. */
function edited(text: string, at: readonly string[], literal: string): string | null {
  const { entries, headers } = places(text);
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const isAt = (path: readonly string[]) => isDeepStrictEqual(path, at);
  const same = entries.find(({ path }) => isAt(path));
  if (same !== undefined)
    return `${text.slice(0, same.valueStart)}${literal}${text.slice(same.valueEnd)}`;
  if (entries.some(({ path }) => path.every((part, index) => part === at[index]))) return null;

  const section = at.slice(0, -1);
  const key = keyText(at.slice(-1));
  const sibling = entries.findLast(({ path }) => isDeepStrictEqual(path.slice(0, -1), section));
  if (sibling !== undefined) {
    const indent = indentOf(text, sibling);
    const line = `${indent}${keyText([...sibling.key.slice(0, -1), ...at.slice(-1)])} = ${literal}`;
    return insertLine(text, lineEnd(text, sibling.valueEnd), line, newline);
  }
  const header = headers.find(({ path }) => isDeepStrictEqual(path, section));
  if (header !== undefined) return insertLine(text, header.end, `${key} = ${literal}`, newline);
  const gap = text === '' ? '' : text.endsWith('\n') ? newline : newline.repeat(2);
  return `${text}${gap}[${keyText(section)}]${newline}${key} = ${literal}${newline}`;
}

const indentOf = (text: string, { start }: Entry): string =>
  /[ \t]*$/.exec(text.slice(0, start))?.[0] ?? '';

/** Puts a line after the one that ends at `end`, in front of its line break. */
function insertLine(text: string, end: number, line: string, newline: string): string {
  const last = text[end - 1] === '\r' ? end - 1 : end;
  const tail = text.slice(last);
  return `${text.slice(0, last)}${newline}${line}${tail === '' ? newline : tail}`;
}

const keyText = (path: readonly string[]): string =>
  path.map((part) => (/^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part))).join('.');

/** The new text appears whole or not at all; a link stays a link, and the mode is kept. */
function replace(path: string, text: string, mode: number): void {
  let temporary: string | null = null;
  try {
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const target = fs.existsSync(path) ? fs.realpathSync(path) : path;
    temporary = join(dirname(target), `.tend-${process.pid}-${randomBytes(6).toString('hex')}`);
    const descriptor = fs.openSync(temporary, 'wx', 0o600);
    try {
      fs.writeFileSync(descriptor, text);
      fs.fchmodSync(descriptor, mode);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(temporary, target);
    temporary = null;
    syncFolder(dirname(target));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TendError(
      code === 'ENOSPC' ? 'disk_full' : 'config_invalid',
      `${path} cannot be written (${code})`,
      'The file is as it was; see to its folder and try again.',
      error,
    );
  } finally {
    if (temporary !== null) fs.rmSync(temporary, { force: true });
  }
}

function syncFolder(path: string): void {
  const descriptor = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
