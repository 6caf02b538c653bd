/** Files that are all ours: a mark in them tells whether anybody changed them since. */
import { createHash } from 'node:crypto';

export interface OwnFile {
  text: string;
  /** Makes a line of it a comment. */
  comment: (line: string) => string;
}

const MARK = /tend-integrate (\S+) ([0-9a-f]{16})/;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The text with its mark as the last line. */
export const marked = ({ text, comment }: OwnFile, version: string): string =>
  `${text}${comment(`Written by tend-integrate ${version} ${hash(text)}; it is renewed by tend integrate.`)}\n`;

/** `ours` = written by us and never changed, by whatever version. */
export function ownership(text: string): 'ours' | 'changed' | 'foreign' {
  const lines = text.replace(/\n$/, '').split('\n');
  const found = MARK.exec(lines.at(-1) ?? '');
  if (found === null) return MARK.test(text) ? 'changed' : 'foreign';
  return hash(`${lines.slice(0, -1).join('\n')}\n`) === found[2] ? 'ours' : 'changed';
}
