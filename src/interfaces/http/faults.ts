import type { z } from 'zod';
import { nearest } from '../../domain/nearest.ts';
import { type Fault, type Problem, problem } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** A refused input as a problem document that names every field at fault. */
export function refusal(error: z.ZodError, known: readonly string[]): Problem {
  const faults = error.issues.flatMap((issue) => faultsOf(issue, known));
  const [first] = faults;
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
  const detail = first === undefined ? 'the input is not valid' : `${sentence(first)}${more}`;
  return problem('invalid_input', detail, 'Correct the fields named and ask again.', faults);
}

const sentence = ({ path, message }: Fault): string =>
  path === '' ? `the input ${message}` : `${path} ${message}`;

function faultsOf(issue: Issue, known: readonly string[], at: readonly string[] = []): Fault[] {
  const path = [...at, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      unknownField([...path, key], key, path.length === 0 ? known : []),
    );
  if (issue.code === 'invalid_union') {
    const option = closest(issue.errors);
    if (option !== null) return option.flatMap((inner) => faultsOf(inner, [], path));
  }
  return [{ path: path.join('.'), message: messageOf(issue) }];
}

function unknownField(path: readonly string[], name: string, known: readonly string[]): Fault {
  const meant = nearest(name, known);
  const message = meant === null ? 'is not known' : `is not known; did you mean ${meant}?`;
  return { path: path.map((part) => part.slice(0, 100)).join('.'), message };
}

/** Of a union, the one option that has the right type and fails deeper inside: its faults say more. */
function closest(options: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const deep = options.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code !== 'invalid_type'),
  );
  return deep.length === 1 ? (deep[0] ?? null) : null;
}

function messageOf(issue: Issue): string {
  if (issue.code === 'custom') return issue.message;
  if (issue.message.endsWith('received undefined')) return 'is missing';
  const said = issue.message.replace(/^(Invalid input|Too big|Too small|Invalid string): /, '');
  return said.startsWith('expected ') ? `is not right: ${said}` : said;
}
