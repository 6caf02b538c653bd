/** The shape of a batch file; everything that `tend run` takes is said with `_` for `-`. */
import { z } from 'zod';
import { QUOTA_POLICIES } from '../../domain/agent-work.ts';
import { NOTIFY_POLICIES } from '../../domain/delivery.ts';
import { DEPENDENCY_CONDITIONS } from '../../domain/dependencies.ts';
import { ENVELOPE_CAPS, PERMISSIONS, TIERS } from '../../domain/envelope.ts';
import { ID_PATTERN } from '../../domain/ids.ts';
import { NAME_PATTERN } from '../../domain/plan.ts';
import { RETRY_CAUSES } from '../../domain/retry.ts';
import {
  flag,
  line,
  list,
  oneOf,
  oneOrMore,
  span,
  table,
  text,
  time,
  whole,
} from './batch-values.ts';
import { POINTS, WORK_KEYS } from './batch-work.ts';

/** What only an agent understands. */
export const AGENT_KEYS = {
  model: line('its model', 200).meta({ description: 'The model of the agent.' }),
  tier: oneOf(TIERS).meta({ description: 'How much the agent may spend.' }),
  max_turns: whole(1, ENVELOPE_CAPS.turns).meta({ description: 'Most turns of the agent.' }),
  max_cost: z
    .number({ error: 'must be a number of dollars' })
    .positive({ error: 'must be more than 0' })
    .max(ENVELOPE_CAPS.costUsd, { error: `must be at most ${ENVELOPE_CAPS.costUsd} dollars` })
    .meta({ description: 'Most dollars of an attempt.' }),
  permissions: oneOf(PERMISSIONS).meta({ description: 'What the agent may touch.' }),
  isolated: flag.meta({
    description: 'Without your own instructions, skills, hooks and MCP servers.',
  }),
  ask_permissions: flag.meta({
    description: 'A person is asked for what would be refused to the agent.',
  }),
  require_finish: flag.meta({
    description: 'The end counts only when the agent told its result with its tool finish.',
  }),
  context: oneOrMore('files').meta({
    description: 'Files for the prompt, relative to the batch file.',
  }),
  skill: oneOrMore('skills').meta({ description: 'Instructions from the configuration.' }),
  template: line('its template', 64).meta({ description: 'A template from the configuration.' }),
  on_quota: oneOf(QUOTA_POLICIES).meta({ description: 'When the account is refused.' }),
  fallback: oneOrMore('agents').meta({
    description: 'Who goes on when the account is refused, in this order.',
  }),
  first_output_timeout: time.meta({ description: 'Longest silence before the first word.' }),
  check: POINTS,
} as const;

/** What both a command and an agent take, and what may stand in [defaults], too. */
const SHARED_KEYS = {
  timeout: span.meta({ description: 'Longest run.' }),
  idle_timeout: time.meta({ description: 'Longest silence.' }),
  queue_timeout: time.meta({ description: 'Longest wait in the queue.' }),
  grace: time.meta({ description: 'From stop to kill.' }),
  remind: time.meta({ description: 'The owner is told this often that it runs; 0 = never.' }),
  priority: whole(-100, 100).meta({ description: 'Higher starts first.' }),
  exclusive: line('a key', 200).meta({
    description: 'Not while another task with the same key runs.',
  }),
  retry: whole(0, 100).meta({ description: 'Try again up to so many times.' }),
  backoff: z
    .union([time, z.array(time).min(1, { error: 'must not be empty' }).max(20)], {
      error: 'must be a duration, or a list of them, as in ["5s", "1m"]',
    })
    .meta({ description: 'The wait before each retry; the last one repeats.' }),
  retry_on: z
    .union([oneOf(RETRY_CAUSES), z.array(oneOf(RETRY_CAUSES)).min(1)], {
      error: `must be one or several of ${RETRY_CAUSES.map((word) => `"${word}"`).join(', ')}`,
    })
    .meta({ description: 'Try again only after these failures.' }),
  idempotent: flag.meta({
    description: 'Doing it twice does no harm: tried again even after an agent acted elsewhere.',
  }),
  cwd: text('a folder').meta({ description: 'Where it runs, relative to the batch file.' }),
  env: table.meta({ description: 'Variables on top of those of your shell.' }),
  split: flag.meta({ description: 'Keep stdout and stderr apart.' }),
  input: flag.meta({ description: 'Hold the stdin of a command open for tend send.' }),
  owner: line('an owner', 200).meta({ description: 'Who is told of the end.' }),
  label: table.meta({ description: 'Labels.' }),
  labels: table.meta({ description: 'The same as label.' }),
  notify: oneOf(NOTIFY_POLICIES).meta({ description: 'Which ends are told.' }),
  criterion: list('criteria').meta({
    description: 'What is worth telling, for notify = "if_significant".',
  }),
  on_done: text('a command line').meta({ description: 'Run this when it has ended.' }),
  agent: line('an agent', 64).meta({ description: 'Who does it; with prompt or prompt_file.' }),
  ...WORK_KEYS,
  ...AGENT_KEYS,
} as const;

/** What belongs to one task alone. */
const OWN_KEYS = {
  command: z
    .union([text('a command line'), list('words').min(1, { error: 'must not be empty' })], {
      error: 'must be a command line in quotes, or a list of words',
    })
    .meta({ description: 'A line for your shell; or a program and its arguments.' }),
  prompt: text('a prompt').meta({ description: 'What the agent is asked.' }),
  prompt_file: text('a file').meta({
    description: 'The file that holds the prompt, relative to the batch file.',
  }),
  depends_on: list('names').meta({ description: 'The tasks that it waits for.' }),
  when: oneOf(DEPENDENCY_CONDITIONS).meta({
    description: 'Which end of those lets it start: success (default), failure, always.',
  }),
  context_from: list('names').meta({
    description: 'Tasks whose results go into the prompt; it waits for them, too.',
  }),
  title: line('a title', 200).meta({ description: 'What it is called in lists.' }),
  id: z
    .string({ error: 'must be an id in quotes' })
    .regex(ID_PATTERN, { error: 'is no task id (1-64 of A-Z a-z 0-9 _ -)' })
    .meta({ description: 'Its id.' }),
  key: line('a key', 256).meta({
    description: 'The same key gives the same task, in other runs of the batch, too.',
  }),
} as const;

type Shape = Record<string, z.ZodType>;
type Optional<S extends Shape> = { [K in keyof S]: z.ZodOptional<S[K]> };

const optional = <S extends Shape>(shape: S): Optional<S> =>
  Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [name, schema.optional()]),
  ) as Optional<S>;

const group = line('a group', 200);

const taskSchema = z.strictObject(
  {
    name: z
      .string({ error: 'is missing; each task has a name' })
      .regex(NAME_PATTERN, { error: 'is no name: use 1 to 64 of A-Z a-z 0-9 _ . -' })
      .meta({ description: 'What the other tasks of the batch call it.' }),
    ...optional(OWN_KEYS),
    ...optional(SHARED_KEYS),
  },
  { error: 'must be a [[task]]' },
);

/** A whole batch file, its variables already put in. */
export const batchSchema = z.strictObject({
  max_concurrent: whole(1, 10_000).optional().meta({
    description: 'Most of its tasks that run at once.',
  }),
  group: group.optional().meta({ description: 'Its group; default: a new one for each run.' }),
  vars: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is no name for a variable (A-Z a-z 0-9 _)' }),
      z.union([z.string(), z.number(), z.boolean()], { error: 'must be text, a number or true' }),
      { error: 'must be a section: [vars]' },
    )
    .optional()
    .meta({ description: 'Values that are used as ${name}; --var name=value sets another one.' }),
  defaults: z
    .strictObject(
      {
        ...optional(SHARED_KEYS),
        group: group.optional(),
        max_concurrent: whole(1, 10_000).optional(),
      },
      { error: 'must be a section: [defaults]' },
    )
    .optional()
    .meta({ description: 'What holds for every task that does not say it itself.' }),
  task: z
    .array(taskSchema, { error: 'must be a list: write [[task]], in two brackets, for each' })
    .min(1, { error: 'must not be empty: write a [[task]] with a name and a command' })
    .meta({ description: 'The tasks, in any order.' }),
});

type BatchFile = z.output<typeof batchSchema>;
export type FileTask = BatchFile['task'][number];
export type Defaults = NonNullable<BatchFile['defaults']>;

/** The names that may stand in each place, for advice. */
export const KEYS = {
  top: Object.keys(batchSchema.shape),
  defaults: [...Object.keys(SHARED_KEYS), 'group', 'max_concurrent'],
  task: ['name', ...Object.keys(OWN_KEYS), ...Object.keys(SHARED_KEYS)],
} as const;

/** The shape as JSON Schema, for editors. */
export const batchJsonSchema = (): Record<string, unknown> => ({
  ...z.toJSONSchema(batchSchema, { io: 'input' }),
  title: 'a batch of tend',
});
