/** What is wanted in a JSON file, done to its text and undone in it. */
import { isDeepStrictEqual } from 'node:util';
import { isObject } from './host.ts';
import { type Node, nodeAt, parseJsonc, valueOf } from './jsonc.ts';
import { appended, changed, without } from './jsonc-edit.ts';
import { Refused } from './refused.ts';
import type { Element, Entry, Property, Wanted } from './wish.ts';

export interface Done {
  text: string;
  /** Objects and lists that were made for us, by their paths. */
  created: string[][];
}

const EMPTY = '{}\n';

/** The text with all entries in it; null = there is no file yet. Throws Malformed or Refused. */
export function fulfilled(given: string | null, entries: readonly (Entry | Wanted)[]): Done {
  const isNothing = given === null || given.trim() === '';
  const done: Done = { text: isNothing ? EMPTY : given, created: [] };
  if (parseJsonc(done.text).kind !== 'record') throw new Refused('it is no JSON object');
  for (const entry of entries) {
    if (entry.kind === 'wanted') scalar(done, entry);
    else if (entry.kind === 'property') property(done, entry);
    else element(done, entry);
  }
  return done;
}

function scalar(done: Done, { at, value }: Wanted): void {
  if (nodeAt(parseJsonc(done.text), at) !== undefined) return;
  done.text = appended(done.text, at.slice(0, -1), value, at.at(-1));
  done.created.push([...at]);
}

/** Makes what is missing of the parents of an entry. */
function parents(done: Done, path: readonly string[], last: 'record' | 'list'): void {
  for (let depth = 1; depth <= path.length; depth++) {
    const at = path.slice(0, depth);
    const node = nodeAt(parseJsonc(done.text), at);
    const wanted = depth === path.length ? last : 'record';
    if (node === undefined) {
      done.text = appended(done.text, at.slice(0, -1), wanted === 'list' ? [] : {}, at.at(-1));
      done.created.push(at);
    } else if (node.kind !== wanted)
      throw new Refused(`${at.join('.')} is no ${wanted === 'list' ? 'list' : 'object'}`);
  }
}

function property(done: Done, { at, value, isOurs }: Property): void {
  parents(done, at.slice(0, -1), 'record');
  const node = nodeAt(parseJsonc(done.text), at);
  if (node === undefined) {
    done.text = appended(done.text, at.slice(0, -1), value, at.at(-1));
    return;
  }
  if (!isOurs(valueOf(node)))
    throw new Refused(`it has a ${at.join('.')} already, which is not from tend integrate`);
  for (const [key, wanted] of Object.entries(value)) {
    const member = nodeAt(parseJsonc(done.text), [...at, key]);
    if (member === undefined) done.text = appended(done.text, at, wanted, key);
    else if (!isDeepStrictEqual(valueOf(member), wanted))
      done.text = changed(done.text, [...at, key], wanted);
  }
}

/** The handlers that an element of a list of hooks has: itself, or those in its `hooks`. */
function handlersOf(element: unknown): { handlers: readonly unknown[]; nested: boolean } {
  const hooks = isObject(element) ? element['hooks'] : undefined;
  return Array.isArray(hooks)
    ? { handlers: hooks, nested: true }
    : { handlers: [element], nested: false };
}

const elementsOf = (text: string, at: readonly string[]): unknown[] => {
  const node: Node | undefined = nodeAt(parseJsonc(text), at);
  return node?.kind === 'list' ? node.items.map(valueOf) : [];
};

function element(done: Done, wish: Element): void {
  const { at, value } = wish;
  parents(done, at, 'list');
  const present = elementsOf(done.text, at);
  if (present.some((one) => isDeepStrictEqual(one, value))) return;
  // An older form of it makes room, and nothing else does.
  done.text = removed(done.text, wish);
  done.text = appended(done.text, at, value);
}

/** The text without our handlers of one purpose. */
function removed(given: string, { at, isOurs }: Element): string {
  let text = given;
  for (let nth = elementsOf(text, at).length - 1; nth >= 0; nth--) {
    const { handlers, nested } = handlersOf(elementsOf(text, at)[nth]);
    if (!handlers.some(isOurs)) continue;
    if (!nested || handlers.every(isOurs)) text = without(text, at, nth);
    else text = withoutHandlers(text, at, nth, isOurs);
  }
  return text;
}

/** The person put handlers beside ours: theirs stay. */
function withoutHandlers(
  text: string,
  at: readonly string[],
  nth: number,
  isOurs: Element['isOurs'],
): string {
  const node = nodeAt(parseJsonc(text), at);
  const item = node?.kind === 'list' ? node.items[nth] : undefined;
  if (item === undefined) return text;
  const own = text.slice(item.start, item.end);
  let part = own;
  const { handlers } = handlersOf(valueOf(item));
  for (let index = handlers.length - 1; index >= 0; index--)
    if (isOurs(handlers[index])) part = without(part, ['hooks'], index);
  return text.slice(0, item.start) + part + text.slice(item.end);
}

/** The text without what we wrote, nor what was made for it and holds nothing more; null = nothing is left. */
export function undone(
  given: string,
  entries: readonly (Entry | Wanted)[],
  created: readonly (readonly string[])[],
): string | null {
  let text = given;
  for (const entry of entries) {
    if (entry.kind === 'element') text = removed(text, entry);
    if (entry.kind === 'property') text = withoutProperty(text, entry);
  }
  for (const path of created.toReversed()) text = withoutEmpty(text, path);
  const root = parseJsonc(text);
  const isBlank = root.kind === 'record' && root.items.length === 0 && !/\/[/*]/.test(text);
  const isOnlyOurs = isBlank || onlyScalars(root, entries);
  return isOnlyOurs ? null : text;
}

/** Nothing is left but what the host wants to see before it reads anything. */
function onlyScalars(root: Node, entries: readonly (Entry | Wanted)[]): boolean {
  if (root.kind !== 'record' || root.items.length === 0) return false;
  return root.items.every(({ key, value }) =>
    entries.some(
      (entry) =>
        entry.kind === 'wanted' && entry.at.join('.') === key && valueOf(value) === entry.value,
    ),
  );
}

function withoutProperty(text: string, { at, isOurs }: Property): string {
  const node = nodeAt(parseJsonc(text), at);
  if (node === undefined || !isOurs(valueOf(node))) return text;
  return withoutMember(text, at);
}

function withoutMember(text: string, at: readonly string[]): string {
  const parent = nodeAt(parseJsonc(text), at.slice(0, -1));
  const nth =
    parent?.kind === 'record' ? parent.items.findIndex(({ key }) => key === at.at(-1)) : -1;
  return nth === -1 ? text : without(text, at.slice(0, -1), nth);
}

function withoutEmpty(text: string, path: readonly string[]): string {
  const node = nodeAt(parseJsonc(text), path);
  if (node === undefined || node.kind === 'leaf' || node.items.length > 0) return text;
  // A comment in it is the person's.
  return /\/[/*]/.test(text.slice(node.start, node.end)) ? text : withoutMember(text, path);
}
