import { join } from 'node:path';
import type { Permissions } from '../../../domain/envelope.ts';
import { TendError } from '../../../domain/errors.ts';
import type { Launch, LaunchRequest } from '../../../ports/agent.ts';
import { flagValue, promptPlace } from '../arguments.ts';
import { SURROUNDINGS } from '../surroundings.ts';
import { COMMAND_WORDS, type CustomAgentDefinition } from './definition.ts';

const PROMPT_FILE = 'prompt.txt';
const WORD = new RegExp(String.raw`\{(${COMMAND_WORDS.join('|')})\}`, 'g');

/** Whether the command has a place for this value. */
export const takes = (
  { command }: Pick<CustomAgentDefinition, 'command'>,
  word: (typeof COMMAND_WORDS)[number],
): boolean => command.some((argument) => argument.includes(`{${word}}`));

/** How a person's agent is started: its command, then flags and values, then the prompt where it has no other place. */
export function customLaunch(definition: CustomAgentDefinition, request: LaunchRequest): Launch {
  if (request.isolated)
    throw unsupported(
      `${definition.name} cannot be isolated`,
      'its definition knows no arguments that mask instructions, skills, hooks and servers: run it without isolation',
    );
  const prompt = promptOf(definition, request);
  const [, ...template] = definition.command;
  const argv = [
    request.program,
    ...template.map((argument) => withValues(argument, prompt.word, request)),
    ...permitted(definition, request.permissions),
    ...modelled(definition, request.model),
    ...flagged(definition.dirFlag, request.cwd),
    ...session(definition, request),
    ...prompt.appended,
  ];
  const files = definition.promptMode === 'file' ? { [PROMPT_FILE]: request.prompt } : {};
  const stdin = definition.promptMode === 'stdin' ? request.prompt : null;
  return { argv, env: definition.env, unset: SURROUNDINGS, files, stdin };
}

const unsupported = (message: string, hint: string): TendError =>
  new TendError('unsupported', message, hint);

function withValues(argument: string, prompt: string, request: LaunchRequest): string {
  const { turns, costUsd, minutes } = request.envelope;
  const values: Readonly<Record<string, string>> = {
    prompt,
    dir: request.cwd,
    turns: String(turns),
    cost_usd: String(costUsd),
    minutes: String(minutes),
  };
  return argument.replace(WORD, (_, word: string) => values[word] ?? '');
}

/** A flag with its value, in one word or two; nothing where there is no flag. */
function flagged(flag: string | null, value: string): string[] {
  if (flag === null) return [];
  return flag.endsWith('=') ? [`${flag}${value}`] : [flag, value];
}

/** The word that stands for the prompt in the command, and the words that come last. */
function promptOf(
  definition: CustomAgentDefinition,
  { prompt, folder }: LaunchRequest,
): { word: string; appended: readonly string[] } {
  const { promptMode, promptFlag } = definition;
  if (promptMode === 'stdin') return { word: '', appended: [] };
  const word = promptMode === 'file' ? join(folder, PROMPT_FILE) : argument(definition, prompt);
  if (promptFlag !== null) return { word, appended: flagged(promptFlag, word) };
  return { word, appended: takes(definition, 'prompt') ? [] : [word] };
}

function argument({ name }: CustomAgentDefinition, prompt: string): string {
  const { argument: words, stdin } = promptPlace(prompt, { subcommands: false });
  const [word] = words;
  if (stdin === null && word !== undefined) return word;
  throw unsupported(
    `the prompt is too long, or no text, for the command line of ${name}`,
    'define the agent with prompt_mode "stdin" or "file"',
  );
}

function permitted(
  { name, permissions }: CustomAgentDefinition,
  wanted: Permissions,
): readonly string[] {
  const words = permissions[wanted];
  if (words !== undefined) return words;
  const known = Object.keys(permissions);
  throw unsupported(
    `${name} cannot be kept to the permissions "${wanted}": its definition has no arguments for them`,
    known.length === 0
      ? `add them as agents.${name}.permissions`
      : `add them as agents.${name}.permissions, or ask for ${known.map((one) => `"${one}"`).join(' or ')}`,
  );
}

function modelled({ name, modelFlag }: CustomAgentDefinition, model: string | null): string[] {
  if (model === null) return [];
  if (modelFlag !== null) return flagged(modelFlag, flagValue('model', model));
  throw unsupported(
    `${name} cannot be told which model to use`,
    `define agents.${name}.model_flag, or leave the model to the agent`,
  );
}

function session(
  { name, sessionFlag, resumeFlag }: CustomAgentDefinition,
  { sessionId, resume }: LaunchRequest,
): string[] {
  if (!resume)
    return sessionId === null ? [] : flagged(sessionFlag, flagValue('session id', sessionId));
  if (resumeFlag !== null && sessionId !== null)
    return flagged(resumeFlag, flagValue('session id', sessionId));
  throw unsupported(
    `${name} cannot go on with ${sessionId === null ? 'a session of unknown id' : 'an earlier session'}`,
    'start the task afresh',
  );
}
