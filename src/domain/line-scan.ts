import type { Automaton, State } from './automaton.ts';

/** How far a stream was looked through: all of it that lies before `at`, and, where the line at `at` was `told`, that line too. */
export interface Place {
  at: number;
  told: boolean;
}

/** A line that has the pattern, by the byte that it begins at; the pattern was found by the byte `seen`. */
export interface Hit {
  line: number;
  seen: number;
}

/** Looks through a stream, whatever the pieces in which it comes: each line is told once, as early as it can be. */
export interface LineScan {
  push(bytes: Uint8Array): Hit[];
  /** Nothing follows: the line that is not whole ends here. */
  end(): Hit[];
  /** Where a scan that is to find exactly the rest begins. */
  place(): Place;
  /** Bytes of the stream taken in. */
  taken(): number;
}

const NEWLINE = 10;
const RETURN = 13;
const REPLACEMENT = 0xfffd;

/** `place` = where an earlier scan of the same stream stood. Lines end with a newline, a carriage return, or both. */
export function lineScan(pattern: Automaton, place: Place): LineScan {
  let [at, line, told]: [number, number, boolean] = [place.at, place.at, place.told];
  let state: State = pattern.start;
  let hits: Hit[] = [];
  const tell = (): void => {
    told = true;
    hits.push({ line, seen: at });
  };
  const take = (code: number): void => {
    if (told) return;
    state = pattern.step(state, code);
    if (state.found) tell();
  };
  const characters = decoder(take);
  /** A character of several bytes has begun. */
  let begun = false;
  const lineEnds = (): void => {
    characters.end();
    begun = false;
    // Of an empty line there is nothing to tell: between a return and a newline there is one, too.
    if (!told && at > line && pattern.ends(state)) tell();
  };
  const taken = (): Hit[] => {
    const found = hits;
    hits = [];
    return found;
  };
  return {
    push: (bytes) => {
      for (let index = 0; index < bytes.length; index++) {
        if (told) {
          const next = nextBreak(bytes, index);
          at += next - index;
          index = next;
          if (index === bytes.length) break;
        }
        const byte = bytes[index] as number;
        const isBreak = byte === NEWLINE || byte === RETURN;
        if (isBreak) lineEnds();
        at += 1;
        if (isBreak) {
          line = at;
          told = false;
          state = pattern.start;
        } else if (byte >= 0x80 || begun) begun = characters.push(byte);
        else take(byte);
      }
      return taken();
    },
    end: () => {
      lineEnds();
      return taken();
    },
    place: () => (told ? { at, told } : { at: line, told }),
    taken: () => at,
  };
}

/** Characters from their bytes in UTF-8; what is none counts as U+FFFD. */
function decoder(take: (code: number) => void): {
  /** True = the character that it belongs to is not whole. */
  push(byte: number): boolean;
  end(): void;
} {
  /** Bytes to come of the character that has begun, and what is known of it. */
  let [missing, code] = [0, 0];
  const end = (): void => {
    if (missing > 0) take(REPLACEMENT);
    missing = 0;
  };
  return {
    end,
    push: (byte) => {
      if (missing > 0 && byte >> 6 === 2) {
        code = (code << 6) | (byte & 0x3f);
        missing -= 1;
        if (missing === 0) take(code > 0x10ffff ? REPLACEMENT : code);
        return missing > 0;
      }
      end();
      missing = byte < 0xc0 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf8 ? 3 : 0;
      code = byte & (0x3f >> missing);
      if (missing === 0) take(byte < 0x80 ? byte : REPLACEMENT);
      return missing > 0;
    },
  };
}

/** Where the next line break stands, or the end. */
function nextBreak(bytes: Uint8Array, from: number): number {
  for (let index = from; index < bytes.length; index++)
    if (bytes[index] === NEWLINE || bytes[index] === RETURN) return index;
  return bytes.length;
}
