/** An agent of the person's own, as it stands in config.toml. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import {
  COMMAND_WORDS,
  type CustomAgentDefinition,
  OUTPUTS,
  PROMPT_MODES,
} from '../adapters/agents/custom/definition.ts';
import { refusalPattern } from '../adapters/agents/custom/refusals.ts';
import { AGENT_FAILURES, isLimit, LIMIT_CLASSES } from '../domain/agent-outcome.ts';
import {
  env,
  flag,
  list,
  oneOf,
  quoted,
  SPENDING,
  variable,
  words,
} from './config-agent-values.ts';

/** Null = it is none. */
function patternOf(match: string): RegExp | null {
  try {
    return refusalPattern(match);
  } catch {
    return null;
  }
}

const refusal = z
  .strictObject({
    match: quoted('a text, or a regular expression between slashes,')
      .refine((given) => patternOf(given) !== null, 'is no regular expression')
      .refine((given) => patternOf(given)?.test('') !== true, 'matches everything'),
    failure: oneOf(AGENT_FAILURES).optional(),
    class: oneOf(LIMIT_CLASSES).optional(),
  })
  .refine(
    ({ class: held, failure }) => held === undefined || failure === undefined || isLimit(failure),
    { path: ['class'], error: 'is for limits alone: after another failure no account is held' },
  );

const path = quoted('a path such as "result.text"');

const answer = z.strictObject({
  when: z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], {
        error: 'must be a text, a number, true or false',
      }),
      { error: 'must be fields and their values, such as { type = "result" }' },
    )
    .refine((given) => Object.keys(given).length > 0, 'must name at least one field')
    .meta({ description: 'The event whose fields have these values is the final one.' }),
  text: path.meta({ description: 'Where it holds the answer.' }),
  error: path.optional().meta({ description: 'The run failed when something stands there.' }),
  session: path.optional().meta({ description: 'Where events hold the id of the session.' }),
});

const flagOf = (description: string) => quoted('a flag').optional().meta({ description });
const VALUES = COMMAND_WORDS.map((word) => `{${word}}`).join(', ');

const fields = z.strictObject({
  command: words
    .min(1, { error: 'must name at least the program' })
    .refine(([program = '']) => program !== '' && (!program.includes('/') || isAbsolute(program)), {
      error: 'must begin with a name for the PATH or an absolute path',
    })
    .meta({ description: `The program and its arguments; ${VALUES} stand for values.` }),
  prompt_mode: oneOf(PROMPT_MODES).optional().meta({
    description: 'How the prompt is given. Default: argument.',
  }),
  prompt_flag: flagOf('Stands before the prompt, or before the path of its file.'),
  model_flag: flagOf('Stands before the model.'),
  dir_flag: flagOf('Stands before the working directory.'),
  session_flag: flagOf('Stands before the id that a new session gets.'),
  resume_flag: flagOf('Stands before the id of a session to go on with.'),
  version_arguments: words.optional().meta({
    description: 'Arguments that print the version. Default: ["--version"].',
  }),
  output: oneOf(OUTPUTS).optional().meta({ description: 'What stdout is. Default: text.' }),
  env: env.optional().meta({ description: 'Variables that are set for the agent.' }),
  account_variables: list(variable, 'names of variables').optional().meta({
    description: 'Variables that say whose account is used.',
  }),
  permissions: z
    .strictObject({
      'read-only': words.optional(),
      workspace: words.optional(),
      full: words.optional(),
    })
    .optional()
    .meta({ description: 'For each of the permissions, the arguments that keep the agent to it.' }),
  refusals: list(refusal, 'tables').optional().meta({
    description: 'Words on stderr, or in its errors, by which the agent refuses to work.',
  }),
  answer: answer.optional().meta({ description: 'Where lines of JSON hold the answer.' }),
  capabilities: z
    .strictObject({
      streams: flag.optional(),
      reports_cost: flag.optional(),
      needs_pty: flag.optional(),
    })
    .optional()
    .meta({ description: 'What else the agent does.' }),
  ...SPENDING,
});

export type CustomFile = z.output<typeof fields>;

/** The schema of an agent of the person's own. */
export const customSchema = fields.superRefine((given, context) => {
  const found = given.output === 'acp' ? besidesAcp(given) : contradictions(given);
  for (const [key, message] of found) context.addIssue({ code: 'custom', path: [key], message });
});

type Contradiction = readonly [key: keyof CustomFile, message: string];

const BESIDES_ACP = [
  'prompt_mode',
  'prompt_flag',
  'model_flag',
  'dir_flag',
  'session_flag',
  'resume_flag',
  'permissions',
  'answer',
  'capabilities',
] as const satisfies readonly (keyof CustomFile)[];

function besidesAcp(given: CustomFile): Contradiction[] {
  const told = BESIDES_ACP.filter((key) => given[key] !== undefined);
  const found: Contradiction[] = told.map((key) => [
    key,
    'is told by the protocol when output is "acp"',
  ]);
  const hasValues = COMMAND_WORDS.some((word) => holds(given, word));
  return hasValues
    ? [...found, ['command', 'takes no values when output is "acp": the protocol tells them']]
    : found;
}

const holds = ({ command }: CustomFile, word: string): boolean =>
  command.some((argument) => argument.includes(`{${word}}`));

/** Keys that say something else than others, or nothing without them. */
function contradictions(given: CustomFile): Contradiction[] {
  const { prompt_mode: mode = 'argument', prompt_flag: promptFlag, output = 'text' } = given;
  const found: (Contradiction | false)[] = [
    mode === 'flag' && promptFlag === undefined && ['prompt_mode', 'needs a prompt_flag'],
    (mode === 'argument' || mode === 'stdin') &&
      promptFlag !== undefined && ['prompt_flag', 'is for prompt_mode "flag" or "file"'],
    holds(given, 'prompt') &&
      (mode === 'stdin' || promptFlag !== undefined) && [
        'command',
        'has {prompt} in it, and the prompt has another place, too',
      ],
    holds(given, 'model') && ['command', 'has {model} in it; the model needs a model_flag'],
    holds(given, 'session') && ['command', 'has {session} in it; use session_flag or resume_flag'],
    Object.keys(given.permissions ?? {}).length === 0 && [
      'permissions',
      'must have the arguments for at least one of "read-only", "workspace" and "full"',
    ],
    output === 'jsonl' &&
      given.answer === undefined && ['answer', 'is needed when output is "jsonl"'],
    output !== 'jsonl' && given.answer !== undefined && ['answer', 'is for output "jsonl" alone'],
    given.resume_flag !== undefined &&
      given.session_flag === undefined &&
      given.answer?.session === undefined &&
      output !== 'claude-stream' && [
        'resume_flag',
        'needs a session: set session_flag, or answer.session with output "jsonl"',
      ],
  ];
  return found.filter((one) => one !== false);
}

/** The definition that the file's words make. */
export function definitionOf(name: string, given: CustomFile): CustomAgentDefinition {
  const { answer: told, capabilities = {}, permissions = {} } = given;
  const { streams, reports_cost: reportsCost, needs_pty: needsPty } = capabilities;
  return {
    name,
    command: given.command,
    promptMode: given.prompt_mode ?? 'argument',
    promptFlag: given.prompt_flag ?? null,
    modelFlag: given.model_flag ?? null,
    dirFlag: given.dir_flag ?? null,
    sessionFlag: given.session_flag ?? null,
    resumeFlag: given.resume_flag ?? null,
    versionArguments: given.version_arguments ?? ['--version'],
    output: given.output ?? 'text',
    env: given.env ?? {},
    accountVariables: given.account_variables ?? ['HOME'],
    permissions: {
      ...(permissions['read-only'] !== undefined && { 'read-only': permissions['read-only'] }),
      ...(permissions.workspace !== undefined && { workspace: permissions.workspace }),
      ...(permissions.full !== undefined && { full: permissions.full }),
    },
    refusals: (given.refusals ?? []).map(({ match, failure, class: held }) => ({
      match,
      failure: failure ?? 'quota_exhausted',
      class: held ?? null,
    })),
    answer: told === undefined ? null : { error: null, session: null, ...defined(told) },
    capabilities: {
      ...(streams !== undefined && { streams }),
      ...(reportsCost !== undefined && { reportsCost }),
      ...(needsPty !== undefined && { needsPty }),
    },
  };
}

const defined = ({ when, text, error, session }: z.output<typeof answer>) => ({
  when,
  text,
  ...(error !== undefined && { error }),
  ...(session !== undefined && { session }),
});
