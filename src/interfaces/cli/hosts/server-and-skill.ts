/** What the files of several hosts have in common. */
import { join } from 'node:path';
import type { Host } from '../../../domain/host.ts';
import { isObject, type Place, shellLine } from './host.ts';
import type { Property, Wish } from './wish.ts';

const isOurProgram = (word: unknown): boolean =>
  typeof word === 'string' && /(^|[/\\])tend(\.cjs)?$/.test(word);

/** A server that is started as `tend mcp`, from wherever. */
export const isOurServer = (words: readonly unknown[]): boolean =>
  words.at(-1) === 'mcp' && isOurProgram(words.at(-2));

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The MCP server `tend`, in the form with `command` and `args`. */
export function mcpEntry({ command }: Place, at: readonly string[], more: object): Property {
  const [program, ...args] = [...command, 'mcp'];
  return {
    kind: 'property',
    at,
    value: { ...more, command: program, args },
    isOurs: (value) => isObject(value) && isOurServer([value['command'], ...listOf(value['args'])]),
  };
}

const DESCRIPTION =
  'Delegate work that takes longer than a minute, or that goes on beside yours, to background tasks and coding agents with Tend. Use when a command or an agent shall run in the background, when a task of Tend ends or asks a question, or when the user mentions Tend.';

/** A skill of the host's agent that holds no instructions itself: they come from the program, and fit it. */
export function skillFile({ command }: Place, host: Host, folder: string): Wish {
  const text = [
    '---',
    'name: tend',
    `description: ${DESCRIPTION}`,
    '---',
    '',
    `Run \`${shellLine([...command, 'skill', '--host', host])}\` and follow what it prints.`,
    '',
  ].join('\n');
  return {
    kind: 'own',
    path: join(folder, 'tend', 'SKILL.md'),
    text,
    comment: (line) => `<!-- ${line} -->`,
  };
}
