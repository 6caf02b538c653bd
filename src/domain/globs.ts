/** Secrets, and what git, ssh and clouds keep: nobody changes them without a person. `!` takes paths back. */
export const DENIED: readonly string[] = [
  '.env',
  '.env.*',
  '!.env.{example,sample,template,dist,defaults}',
  '.envrc',
  'secrets/',
  '.secrets/',
  '*.{pem,key,p12,pfx,jks,keystore,kdbx}',
  'id_{rsa,dsa,ecdsa,ed25519}*',
  'credentials',
  'credentials.{json,yml,yaml,xml,ini,csv,toml}',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  '.git/',
  '.ssh/',
  '.aws/',
  '.gnupg/',
  '.kube/',
  '.docker/config.json',
];

/** Braces in braces in braces …: what stands deeper is taken literally. */
const DEEPEST = 20;

type Takes = (char: string) => boolean;
type Item =
  | { kind: 'char'; takes: Takes }
  /** Any characters; `takes` says which. */
  | { kind: 'many'; takes: Takes }
  /** No folder, or any number of them. */
  | { kind: 'folders' }
  | { kind: 'either'; options: Item[][] };

const ANY: Takes = () => true;
const NO_SLASH: Takes = (char) => char !== '/';
const exactly =
  (wanted: string | undefined): Takes =>
  (char) =>
    char === wanted;

/**
 * Whether a path, relative to the root, is meant by a glob: `*` and `?` for all but `/`, `**` for folders, `{a,b}`, `[a-z]`
 * and `[!a-z]`, `\` before what is no sign. Without a `/` it is a name, wherever it stands. The plain name of a folder,
 * and whatever ends in `/`, means everything below.
 */
export const matches = (glob: string, path: string): boolean => compiled(glob)(path);

/** Whether the path is meant by the globs: the last one that fits counts, and one after `!` takes it back. */
export const matchesAny = (globs: readonly string[], path: string): boolean =>
  selection(globs)(path);

/** The paths that need a person: outside of the scope (empty = there is none), or denied. */
export function outsideOf(
  paths: readonly string[],
  scope: readonly string[],
  denied: readonly string[],
): string[] {
  const isIn = scope.length === 0 ? ANY : selection(scope);
  const isDenied = selection(denied);
  return paths.filter((path) => !isIn(path) || isDenied(path));
}

/** `matchesAny` for many paths. */
export function selection(globs: readonly string[]): (path: string) => boolean {
  const rules = globs.map((glob) =>
    glob.startsWith('!')
      ? { means: false, fits: compiled(glob.slice(1)) }
      : { means: true, fits: compiled(glob) },
  );
  // What begins with an exception means everything else.
  const otherwise = rules[0]?.means === false;
  return (path) => rules.findLast(({ fits }) => fits(path))?.means ?? otherwise;
}

function compiled(glob: string): (path: string) => boolean {
  const isFolder = glob.endsWith('/');
  const bare = glob.replace(/^(?:\.\/)+/, '').replace(/\/$/, '');
  const isAnchored = bare.includes('/');
  const chars = Array.from(bare.replace(/^\//, ''));
  if (chars.length === 0) return () => false;
  const hasBelow = isFolder || !/[*?[]/.test(bare.slice(bare.lastIndexOf('/') + 1));
  const end: Place = { takes: null, next: [] };
  const start = built(parsed(chars, bracesIn(chars), 0, chars.length), end);
  return (path) => {
    let active = new Set<Place>();
    let before = '';
    for (const char of path) {
      if (before === '' || (!isAnchored && before === '/')) reach(active, start);
      if (char === '/' && hasBelow && active.has(end)) return true;
      active = stepped(active, char);
      before = char;
    }
    return !isFolder && active.has(end);
  };
}

/** A place in the glob: a path is walked along all places that it can be at, so that no glob is slow. */
interface Place {
  /** Null = the next ones are reached without a character. */
  takes: Takes | null;
  next: Place[];
}

function reach(active: Set<Place>, from: Place): void {
  const open = [from];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (active.has(place)) continue;
    active.add(place);
    if (place.takes === null) open.push(...place.next);
  }
}

function stepped(active: ReadonlySet<Place>, char: string): Set<Place> {
  const next = new Set<Place>();
  for (const place of active)
    if (place.takes?.(char) === true) for (const to of place.next) reach(next, to);
  return next;
}

/** Any number of characters before `to`. */
function loop(takes: Takes, to: Place): Place {
  const fork: Place = { takes: null, next: [to] };
  fork.next.push({ takes, next: [fork] });
  return fork;
}

/** Where the items begin that end at `to`. */
const built = (items: readonly Item[], to: Place): Place =>
  items.reduceRight((next, item): Place => {
    switch (item.kind) {
      case 'char':
        return { takes: item.takes, next: [next] };
      case 'many':
        return loop(item.takes, next);
      case 'folders':
        return { takes: null, next: [next, loop(ANY, { takes: exactly('/'), next: [next] })] };
      case 'either':
        return { takes: null, next: item.options.map((option) => built(option, next)) };
    }
  }, to);

/** Of each opening brace that is closed, its commas and its end. */
type Braces = ReadonlyMap<number, readonly number[]>;

function bracesIn(chars: readonly string[]): Braces {
  const found = new Map<number, number[]>();
  const open: { at: number; commas: number[] }[] = [];
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at];
    if (char === '\\') at += 1;
    else if (char === '{') open.push({ at, commas: [] });
    else if (char === ',') open.at(-1)?.commas.push(at);
    else if (char === '}') {
      const last = open.pop();
      if (last !== undefined && open.length < DEEPEST && last.commas.length > 0)
        found.set(last.at, [...last.commas, at]);
    }
  }
  return found;
}

function parsed(chars: readonly string[], braces: Braces, from: number, to: number): Item[] {
  const items: Item[] = [];
  let at = from;
  const take = (count: number, item: Item): void => {
    items.push(item);
    at += count;
  };
  while (at < to) {
    const char = chars[at];
    const ends = braces.get(at);
    if (char === '\\' && at + 1 < to) take(2, { kind: 'char', takes: exactly(chars[at + 1]) });
    else if (char === '?') take(1, { kind: 'char', takes: NO_SLASH });
    else if (char === '*') {
      let run = 1;
      while (at + run < to && chars[at + run] === '*') run += 1;
      const isWhole = run > 1 && (at === from || chars[at - 1] === '/');
      if (isWhole && chars[at + run] === '/') take(run + 1, { kind: 'folders' });
      else take(run, { kind: 'many', takes: isWhole && at + run === to ? ANY : NO_SLASH });
    } else if (char === '[') {
      const found = classAt(chars, at, to) ?? { takes: exactly('['), length: 1 };
      take(found.length, { kind: 'char', takes: found.takes });
    } else if (ends !== undefined) {
      const options: Item[][] = [];
      let start = at + 1;
      for (const end of ends) {
        options.push(parsed(chars, braces, start, end));
        start = end + 1;
      }
      take(start - at, { kind: 'either', options });
    } else take(1, { kind: 'char', takes: exactly(char) });
  }
  return items;
}

/** The class that begins at `from`; null = it is not closed. */
function classAt(
  chars: readonly string[],
  from: number,
  to: number,
): { takes: Takes; length: number } | null {
  const isNot = chars[from + 1] === '!' || chars[from + 1] === '^';
  const first = from + (isNot ? 2 : 1);
  const end = chars.indexOf(']', first + 1);
  if (end === -1 || end >= to) return null;
  const text = chars.slice(first, end).join('');
  const ranges = [...text.matchAll(/(.)-(.)|./gsu)];
  const takes: Takes = (char) =>
    char !== '/' &&
    ranges.some(([one, low = one, high = one]) => low <= char && char <= high) !== isNot;
  return { takes, length: end + 1 - from };
}
