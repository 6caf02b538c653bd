/** What an integration would change, file by file, before anything is written. */
import type { HostKind, Place } from './host.ts';
import { Malformed } from './jsonc.ts';
import { fulfilled, undone } from './json-wish.ts';
import { marked, ownership } from './own-file.ts';
import { type Found, look, missingFolders, put } from './place-file.ts';
import { type Made, madeIn, noteMade } from './record-made.ts';
import { Refused } from './refused.ts';
import { withBlock, withoutBlock } from './toml-block.ts';
import type { Wish } from './wish.ts';

export interface Change {
  path: string;
  action: 'create' | 'change' | 'remove' | 'none' | 'refused';
  before: string;
  after: string;
  /** Why the file is left alone; null = it is not refused. */
  refused: string | null;
  /** Does it; answers the folders that were made for the file and may be empty now. */
  apply: () => string[];
}

interface Setting {
  place: Place;
  /** Where is noted what was made. */
  record: string;
  undo: boolean;
}

export const planOf = (kind: HostKind, setting: Setting): Change[] =>
  kind.wishes(setting.place).map((wish) => changeOf(wish, setting));

function changeOf(wish: Wish, setting: Setting): Change {
  const { path } = wish;
  try {
    const found = look(path, setting.place.project);
    const { text, created } = setting.undo
      ? { text: without(wish, found, madeIn(setting.record, path)), created: [] }
      : wanted(wish, found, setting.place.version);
    return changed(path, found, text, created, setting);
  } catch (error) {
    return {
      path,
      action: 'refused',
      before: '',
      after: '',
      refused: reasonOf(error),
      apply: () => [],
    };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Malformed)
    return `it is no valid JSON: line ${error.line}: ${error.message}`;
  if (error instanceof Refused) return error.message;
  if (error instanceof Error && 'code' in error) return error.message;
  throw error;
}

function wanted(wish: Wish, { text }: Found, version: string) {
  switch (wish.kind) {
    case 'json':
      return fulfilled(text, wish.entries);
    case 'toml':
      return { text: withBlock(text, wish), created: [] };
    case 'own': {
      if (text !== null && text.trim() !== '' && ownership(text) !== 'ours')
        throw new Refused(
          ownership(text) === 'changed'
            ? 'somebody changed it since it was written'
            : 'it is not from tend integrate',
        );
      return { text: marked(wish, version), created: [] };
    }
  }
}

/** The text without us; null = the file goes. */
function without(wish: Wish, { text }: Found, made: Made): string | null {
  if (text === null) return null;
  switch (wish.kind) {
    case 'json': {
      const rest = undone(text, wish.entries, made.created);
      return rest === null && !made.file ? blankOf(text) : rest;
    }
    case 'toml': {
      const rest = withoutBlock(text, wish);
      return rest.trim() === '' && made.file ? null : rest;
    }
    case 'own':
      if (ownership(text) === 'foreign') return text;
      if (ownership(text) === 'changed')
        throw new Refused('somebody changed it since it was written');
      return null;
  }
}

/** The file was there before us, with nothing in it. */
const blankOf = (text: string): string => (text.trim() === '' ? text : '{}\n');

function changed(
  path: string,
  found: Found,
  after: string | null,
  created: string[][],
  { place, record, undo }: Setting,
): Change {
  const { text: before } = found;
  const action =
    before === after ? 'none' : after === null ? 'remove' : before === null ? 'create' : 'change';
  const apply = (): string[] => {
    const made = { created, file: before === null, folders: missingFolders(path) };
    const { folders } = madeIn(record, path);
    if (action !== 'none') put(found, after, place.project === null);
    if (undo || action !== 'none') noteMade(record, path, undo ? null : made);
    return undo ? folders : [];
  };
  return { path, action, before: before ?? '', after: after ?? '', refused: null, apply };
}
