import { TendError } from '../../domain/errors.ts';

/** Longest prompt, in bytes, that is an argument: Linux takes at most 128 KiB for one. */
export const LONGEST_PROMPT_ARGUMENT = 100_000;

/** Where a prompt goes: on the command line or, when it cannot stand there, on stdin. */
interface PromptPlace {
  /** At most one. */
  argument: readonly string[];
  stdin: string | null;
}

/**
 * The place of a prompt that is never to be taken for a flag, nor for a subcommand where the program has some:
 * a space before it makes it neither.
 */
export function promptPlace(
  prompt: string,
  { subcommands }: { subcommands: boolean },
): PromptPlace {
  if (Buffer.byteLength(prompt) > LONGEST_PROMPT_ARGUMENT || prompt.includes('\0'))
    return { argument: [], stdin: prompt };
  const taken = prompt.startsWith('-') || (subcommands && /^[\w-]+$/.test(prompt));
  return { argument: [taken ? ` ${prompt}` : prompt], stdin: null };
}

/** The value of a flag; throws for one that would be a flag itself. */
export function flagValue(name: string, value: string): string {
  if (value === '' || value.startsWith('-') || value.includes('\0'))
    throw new TendError(
      'unsupported',
      `the ${name} '${value}' cannot be given to the agent`,
      `give a ${name} that is not empty and does not begin with a dash`,
    );
  return value;
}
