import { type Assertion, type CharacterSet, type Expression, refuse } from './pattern-parse.ts';

/** An expression as instructions: each character costs at most one look at each of them, whatever the text. */
type Instruction =
  | { op: 'set'; set: CharacterSet }
  | { op: 'fork'; to: number[] }
  | { op: 'assert'; what: Assertion }
  | { op: 'found' };

/** Most instructions: bounds the cost of a character. */
const LARGEST = 400;
const MOST_WORK = 10 * LARGEST;
/** Most states that are remembered: bounds the memory of a pattern; what was forgotten is found out again. */
const MOST_STATES = 400;
/** Characters beyond ASCII that a state remembers. */
const MOST_OTHERS = 64;
const ASCII = 128;

/** Where all the ways through an expression stand after a part of a line. */
export interface State {
  /** It was found: nothing of the line changes that any more. */
  readonly found: boolean;
  readonly at: readonly number[];
  /** The character before; null = the line begins here. */
  readonly before: 'word' | 'other' | null;
  /** By ASCII character, where that is known. */
  readonly next: (State | undefined)[];
  readonly others: Map<number, State>;
}

/** Finds a pattern in a line, character by character. */
export interface Automaton {
  readonly start: State;
  step(state: State, code: number): State;
  /** Whether the pattern is found when the line ends here. */
  ends(state: State): boolean;
}

/** Throws TendError `invalid_input` for what is too large, or found in every line. */
export function automaton(source: string, expression: Expression): Automaton {
  const program = programOf(source, expression);
  let known = new Map<string, State>();
  const stateOf = (at: ReadonlySet<number>, before: State['before']): State => {
    const sorted = [...at].sort((a, b) => a - b);
    const found = sorted.some((place) => program[place]?.op === 'found');
    const key = found ? 'found' : `${before} ${sorted.join(' ')}`;
    const same = known.get(key);
    if (same !== undefined) return same;
    if (known.size >= MOST_STATES) known = new Map();
    const next = Array.from<undefined>({ length: ASCII });
    const state: State = { found, at: sorted, before, next, others: new Map() };
    known.set(key, state);
    return state;
  };
  const begun = new Set<number>();
  follow(program, 0, (what) => what === 'start', begun);
  const start = stateOf(begun, null);
  if (start.found) refuse(source, 'it is found in every line');
  const stepped = (state: State, code: number): State => {
    const word = isWord(code);
    const now = resolved(program, state, word, false);
    if (now.has(program.length - 1)) return stateOf(now, state.before);
    const after = new Set<number>();
    const goOn = (at: number): void => follow(program, at, () => false, after);
    for (const place of now) {
      const one = program[place];
      if (one?.op === 'set' && one.set(code)) goOn(place + 1);
    }
    // It may begin anywhere.
    goOn(0);
    return stateOf(after, word ? 'word' : 'other');
  };
  return {
    start,
    step: (state, code) => {
      if (code < ASCII) return (state.next[code] ??= stepped(state, code));
      const { others } = state;
      const after = others.get(code) ?? stepped(state, code);
      if (others.size >= MOST_OTHERS) others.clear();
      others.set(code, after);
      return after;
    },
    ends: (state) => state.found || resolved(program, state, false, true).has(program.length - 1),
  };
}

const isWord = (code: number): boolean => code < ASCII && /\w/.test(String.fromCodePoint(code));

/** Adds where one can be without another character; what cannot be known yet stays an assertion. */
function follow(
  program: readonly Instruction[],
  from: number,
  holds: (what: Assertion) => boolean,
  reached: Set<number>,
): void {
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    const one = program[at];
    if (one?.op === 'fork') open.push(...one.to);
    if (one?.op === 'assert' && holds(one.what)) open.push(at + 1);
  }
}

/** The same once it is known what comes next. */
function resolved(
  program: readonly Instruction[],
  { at, before }: State,
  word: boolean,
  end: boolean,
): ReadonlySet<number> {
  const isBorder = (before === 'word') !== word;
  const truths = { start: before === null, end, word: isBorder, inside: !isBorder };
  const reached = new Set<number>();
  for (const place of at) follow(program, place, (what) => truths[what], reached);
  return reached;
}

function programOf(source: string, expression: Expression): Instruction[] {
  const program: Instruction[] = [];
  let work = 0;
  const add = (one: Instruction): void => void program.push(one);
  const fork = (to: number[]): number[] => {
    add({ op: 'fork', to });
    return to;
  };
  const emit = (one: Expression): void => {
    // What is repeated may be nothing: the work is bounded, too.
    work += 1;
    if (work > MOST_WORK || program.length >= LARGEST) refuse(source, 'it is too large');
    if (one.kind === 'set') add({ op: 'set', set: one.set });
    else if (one.kind === 'assert') add({ op: 'assert', what: one.what });
    else if (one.kind === 'all') one.parts.forEach(emit);
    else if (one.kind === 'repeat') repeat(one);
    else either(one.options);
  };
  const either = (options: readonly Expression[]): void => {
    const begins = fork([]);
    const ends = options.map((option) => {
      begins.push(program.length);
      emit(option);
      return fork([]);
    });
    for (const to of ends) to.push(program.length);
  };
  const repeat = ({ of, least, most }: Extract<Expression, { kind: 'repeat' }>): void => {
    for (let nth = 0; nth < least; nth++) emit(of);
    if (most === null) {
      const at = program.length;
      const to = fork([at + 1]);
      emit(of);
      fork([at]);
      to.push(program.length);
      return;
    }
    const exits: number[][] = [];
    for (let nth = least; nth < most; nth++) {
      exits.push(fork([program.length + 1]));
      emit(of);
    }
    for (const to of exits) to.push(program.length);
  };
  emit(expression);
  add({ op: 'found' });
  return program;
}
