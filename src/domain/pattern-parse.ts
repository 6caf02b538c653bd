import { TendError } from './errors.ts';

/** Which characters are meant, by their code points. */
export type CharacterSet = (code: number) => boolean;

export type Assertion = 'start' | 'end' | 'word' | 'inside';

/** A regular expression as a tree; `most` null = without end. */
export type Expression =
  | { kind: 'set'; set: CharacterSet }
  | { kind: 'all'; parts: readonly Expression[] }
  | { kind: 'either'; options: readonly Expression[] }
  | { kind: 'repeat'; of: Expression; least: number; most: number | null }
  | { kind: 'assert'; what: Assertion };

const ASCII = 128;

/** The platform's own meaning of one character, a class or an escape; asked once for each ASCII character. */
function characters(atom: string, flags: string): CharacterSet {
  const one = new RegExp(`^(?:${atom})$`, `su${flags}`);
  const has = (code: number): boolean => one.test(String.fromCodePoint(code));
  const ascii = Array.from({ length: ASCII }, (_, code) => has(code));
  return (code) => (code < ASCII ? ascii[code] === true : has(code));
}

export const refuse = (source: string, why: string): never => {
  throw new TendError(
    'invalid_input',
    `/${source}/ cannot be watched for: ${why}`,
    'Write it without that, or watch for a plain text.',
  );
};

/**
 * Reads a regular expression of JavaScript (flag `u`), without what needs more than one look at each character:
 * lookaround and references back. Throws TendError `invalid_input` with the reason.
 */
export function parse(source: string, flags: string): Expression {
  try {
    void new RegExp(source, `u${flags}`);
  } catch (error) {
    refuse(source, String((error as Error).message).replace(/^.*: /, ''));
  }
  return new Parser(source, flags).whole();
}

const ESCAPES = /^\\(?:u\{[^}]*\}|u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|x..|c.|[pP]\{[^}]*\}|.)/su;
const QUANTIFIER = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/;
/** Of a source that the platform has found to be one. */
class Parser {
  readonly #source: string;
  readonly #flags: string;
  readonly #sets = new Map<string, CharacterSet>();
  #rest: string;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags;
    this.#rest = source;
  }

  whole(): Expression {
    const options = [this.#sequence()];
    while (this.#skip('|')) options.push(this.#sequence());
    return options.length === 1 && options[0] !== undefined
      ? options[0]
      : { kind: 'either', options };
  }

  #sequence(): Expression {
    const parts: Expression[] = [];
    while (this.#rest !== '' && this.#rest[0] !== '|' && this.#rest[0] !== ')')
      parts.push(this.#quantified(this.#atom()));
    return { kind: 'all', parts };
  }

  #quantified(of: Expression): Expression {
    const [found, from, comma, to] = QUANTIFIER.exec(this.#rest) ?? [];
    if (found === undefined) return of;
    this.#rest = this.#rest.slice(found.length);
    if (from === undefined) {
      const [least, most] = [found.startsWith('+') ? 1 : 0, found.startsWith('?') ? 1 : null];
      return { kind: 'repeat', of, least, most };
    }
    const least = Number(from);
    return {
      kind: 'repeat',
      of,
      least,
      most: comma === '' ? least : to === '' ? null : Number(to),
    };
  }

  #atom(): Expression {
    if (this.#skip('^')) return { kind: 'assert', what: 'start' };
    if (this.#skip('$')) return { kind: 'assert', what: 'end' };
    if (this.#skip('\\b')) return { kind: 'assert', what: 'word' };
    if (this.#skip('\\B')) return { kind: 'assert', what: 'inside' };
    if (this.#skip('(')) return this.#group();
    return { kind: 'set', set: this.#set(this.#character()) };
  }

  #group(): Expression {
    const [opening] = /^\?(?::|<[\p{L}_$][^>]*>)/u.exec(this.#rest) ?? [];
    if (opening === undefined && this.#rest[0] === '?')
      refuse(this.#source, 'it looks ahead or back, or changes its flags within');
    this.#rest = this.#rest.slice(opening?.length ?? 0);
    const inner = this.whole();
    this.#skip(')');
    return inner;
  }

  /** The source of the next character, class or escape. */
  #character(): string {
    if (/^\\[1-9k]/.test(this.#rest)) refuse(this.#source, 'it refers back to what it has matched');
    const shape = this.#rest.startsWith('[')
      ? /^\[(?:\\.|[^\]\\])*\]/su
      : this.#rest.startsWith('\\')
        ? ESCAPES
        : /^./su;
    const [found] = shape.exec(this.#rest) as RegExpExecArray;
    this.#rest = this.#rest.slice(found.length);
    return found;
  }

  #set(atom: string): CharacterSet {
    const known = this.#sets.get(atom);
    const set = known ?? characters(atom, this.#flags);
    this.#sets.set(atom, set);
    return set;
  }

  #skip(text: string): boolean {
    if (!this.#rest.startsWith(text)) return false;
    this.#rest = this.#rest.slice(text.length);
    return true;
  }
}
