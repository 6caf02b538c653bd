import { plainText } from './plain-text.ts';
import { sameWords } from './retry.ts';

/** Most names that are told. */
const MOST_NAMES = 50;
/** Most names that are compared. */
const MOST_SEEN = 400;
const LONGEST_LINE = 2_000;
const LONGEST_NAME = 300;

/** Lines that name what failed: the name is the first group. */
const NAMES: readonly RegExp[] = [
  // vitest, jest: with the file before the name, or the file alone
  /^\s*FAIL\s+(?:\|[^|]*\|\s+|[\w-]+ {2,})?(?!\[)(\S.*)$/,
  /^\s*●\s+(?!Test suite failed)(.*\S › .*)$/,
  // vitest, jest, node:test, ava, tape
  /^\s*[✕×✖✘✗]\s+(?!failing tests:|\d+ )(?:\[fail\]:\s*)?(\S.*)$/,
  // tap
  /^\s*not ok\b(?!.*#\s*(?:todo|skip))\s*\d*\s*(?:-\s*)?(?!\d+$)(\S.*)$/i,
  // pytest, with and without -v
  /^(?:FAILED|ERROR)\s+([^\s:[]+(?:::[^\s[]+(?:\[.*?\](?=\s-\s|\s*$))?)+|\S+\.py)(?:\s|$)/,
  /^(\S+::\S.*?)\s+(?:FAILED|ERROR)(?:\s+\[\s*\d+%\])?$/,
  // unittest
  /^(?:FAIL|ERROR):\s+(\S+ \(\S+\))$/,
  // cargo test, libtest, nextest
  /^test (\S.*?) \.\.\. FAILED$/,
  /^\s*(?:FAIL|TIMEOUT|SIG[A-Z]+) \[\s*[\d.]+s\]\s+(?:\(\s*\d+\/\d+\)\s+)?(\S.*)$/,
  // go
  /^\s*--- FAIL: (\S+)/,
  // bun, deno
  /^\(fail\) (\S.*)$/,
  /^(\S.*?) \.\.\. (?:.\[\d+m)?FAILED(?: \(\d+m?s\))?$/,
  // gradle, maven
  /^(\S+ > \S.*) FAILED$/,
  /^\[ERROR\]\s+(\S+)(?::\d+| -- .*<<< (?:FAILURE|ERROR)!)/,
  // ExUnit, dotnet, rspec
  /^\s+\d+\) (test .+ \(\S+\))$/,
  /^\s+Failed (\S+)(?: \[[^\]]*\])?$/,
  /^rspec (\S+)/,
];
/** After such a line failures are numbered: mocha, phpunit. */
const LIST = /^\s*(?:\d+ failing|There (?:was|were) \d+ (?:failure|error)s?:)\s*$/;
const NUMBERED = /^\s*\d+\) (\S.*)$/;
/** A case of a report in XML, and its failure. */
const CASE = /<testcase\b([^>]*)/;
const ATTRIBUTE = /\b(classname|name)="([^"]*)"/g;
const IS_BAD_CASE = /<(?:failure|error)\b/;
/** How long it took, or the file once more, at the end of a name. */
const TOOK = /\s+(?:\(?\[?\d+(?:\.\d+)?\s*(?:ns|µs|us|ms|s|m|min)\]?\)?|\[ \S+ \])$/;

/** Names of failing tests, as far as usual outputs tell them: in order, each once. */
export const failingIn = (text: string): string[] => namesIn(text).slice(0, MOST_NAMES);

function namesIn(text: string): string[] {
  const names = new Set<string>();
  const add = (name: string): void => {
    const told = name.replace(TOOK, '').trim().replace(/:$/, '').slice(0, LONGEST_NAME);
    if (told !== '' && names.size < MOST_SEEN) names.add(told);
  };
  let isList = false;
  let open = '';
  const lines = plainText(text).split('\n');
  for (const [at, whole] of lines.entries()) {
    const line = whole.slice(0, LONGEST_LINE).trimEnd();
    isList ||= LIST.test(line);
    const [, attributes] = CASE.exec(line) ?? [];
    if (attributes !== undefined) open = caseIn(attributes);
    if (open !== '' && IS_BAD_CASE.test(line)) {
      add(open);
      open = '';
      continue;
    }
    const [, numbered] = isList ? (NUMBERED.exec(line) ?? []) : [];
    const name = numbered === undefined ? nameIn(line) : titleAt(lines, at, numbered);
    if (name !== null) add(name);
  }
  return withoutParts([...names]);
}

const nameIn = (line: string): string | null =>
  NAMES.map((pattern) => pattern.exec(line)?.[1]).find((name) => name !== undefined) ?? null;

/** Of a report in XML. */
const caseIn = (attributes: string): string => {
  const found = Object.fromEntries(
    [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', value = '']) => [key, value]),
  );
  return [found['classname'], found['name']].filter(Boolean).join(' ');
};

/** mocha tells the suites of a test in lines of their own, the last of which ends in a colon. */
function titleAt(lines: readonly string[], at: number, first: string): string {
  const parts = [first];
  for (const line of lines.slice(at + 1, at + 6)) {
    if (parts.at(-1)?.endsWith(':') === true || !/^\s{4,}\S/.test(line)) break;
    parts.push(line.trim().slice(0, LONGEST_NAME));
  }
  return parts.at(-1)?.endsWith(':') === true ? parts.join(' ') : first;
}

/** Without names that another one ends with, and without files of which a test is named. */
const withoutParts = (names: readonly string[]): string[] =>
  names.filter(
    (name) =>
      !names.some(
        (other) =>
          other.length > name.length &&
          (other.endsWith(` ${name}`) || other.startsWith(`${name} > `)),
      ),
  );

/** Lines at the end of an output that tell one failure from another. */
const LAST_LINES = 15;
/** Folders differ from one checkout to the next: of a path only the name counts. */
const FOLDERS = /(?:[A-Za-z]:)?(?<![\w.])(?:[\\/][\w.@+~-]+)+[\\/](?=[\w.@+~-])/g;
const IDS = /\b[tgqd]-[\da-z]{8}\b/g;
const DURATION = /#(?:\.#)?\s?(?:ns|µs|us|ms|s|sec|secs|seconds?|min|minutes?|m|h)\b/g;

/** The text without what differs from one run of the same to the next: numbers, ids, times, folders. */
const lasting = (text: string): string =>
  sameWords(text.replace(FOLDERS, '/').replace(IDS, '#')).replace(DURATION, '#');

/** Whether two outputs tell of the same failure: the same names where both tell some, else the same last lines. */
export function sameFailure(one: string, other: string): boolean {
  const [names, others] = [one, other].map((text) => namesIn(text).map(lasting).toSorted());
  if (names !== undefined && others !== undefined && names.length > 0 && others.length > 0)
    return names.join('\n') === others.join('\n');
  return lastLines(one) === lastLines(other);
}

const lastLines = (text: string): string =>
  plainText(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-LAST_LINES)
    .map((line) => lasting(line.slice(0, LONGEST_LINE)).trim())
    .join('\n');
