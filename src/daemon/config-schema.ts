import { z } from 'zod';
import { BUILT_IN } from '../adapters/agents/built-in.ts';
import { NOTIFY_POLICIES } from '../domain/delivery.ts';
import { duration } from '../domain/duration.ts';
import { agentsSchema } from './config-agents.ts';
import { budgetsSchema, checkBudgets } from './config-budgets.ts';
import { channelsSchema } from './config-channel-schema.ts';
import { choiceSchema } from './config-choice.ts';
import { hooksSchema } from './config-hooks.ts';
import { checkDigest, digestSchema, notifySchema, quietSchema } from './config-notices.ts';
import { permissionsSchema, projectPermissionsSchema } from './config-permissions.ts';
import { resumeSchema } from './config-resume.ts';
import { textsSchema } from './config-texts.ts';
import { questionsSchema, workerSchema } from './config-worker.ts';
import { projectWorkspaceSchema, workspaceSchema } from './config-workspace.ts';
import { bytesOf } from './size.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ONE_MB = 1e6;
const MOST_SLOTS = 256;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

const NO_DURATION = 'is no duration; write "90s", "10m", "2h" or "1d"';
const NO_SIZE = 'is no size; write "100MB", "2GB" or a number of bytes';

/** A quantity in words: parsed by `read`, between `min` and `max`, complained about in the words given. */
const quantity = (
  read: (given: string | number) => number | null,
  wrong: string,
  [min, max, range]: readonly [number, number, string],
) =>
  z.union([z.string(), z.number()], { error: wrong }).transform((given, context) => {
    const value = read(given);
    const message = value === null ? wrong : value < min || value > max ? `must be ${range}` : null;
    if (value !== null && message === null) return value;
    context.addIssue({ code: 'custom', message: message ?? wrong });
    return z.NEVER;
  });

const span = (min: number, max: number, range: string) =>
  quantity(duration, NO_DURATION, [min, max, range]);
const bytes = (min: number, range: string) =>
  quantity(bytesOf, NO_SIZE, [min, Number.MAX_SAFE_INTEGER, range]);
const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
const text = (error: string) =>
  z
    .string({ error })
    .min(1, { error })
    .refine((given) => !given.includes('\0'), 'must not contain a NUL byte');
const flag = z.boolean({ error: 'must be true or false' });
const oneOf = <const T extends readonly string[]>(words: T) =>
  z.enum(words, { error: `must be one of ${words.map((word) => `"${word}"`).join(', ')}` });

const timeout = span(1, DAY, 'more than 0 and at most 24h');
const grace = span(0, 60 * MINUTE, 'at most 1h');
const retry = whole(0, 100);
const outputLimit = bytes(ONE_MB, 'at least 1MB');

const atOnce = whole(1, MOST_SLOTS);

const limits = z.strictObject({
  slots: whole(1, MOST_SLOTS).optional().meta({
    description: 'Tasks that run at the same time, 1 to 256. Default: the number of processors.',
  }),
  groups: z.record(z.string(), atOnce).prefault({}).meta({
    description: 'Most tasks of a group that run at the same time, by its name.',
  }),
  labels: z.record(z.string(), atOnce).prefault({}).meta({
    description: 'Most tasks with a label that run at the same time, by `name` or `name=value`.',
  }),
  checks: atOnce.prefault(2).meta({
    description:
      'Most verifications, judges and the like that run at the same time, besides the slots.',
  }),
  memory_floor: bytes(0, 'at least 0').optional().meta({
    description:
      'With less available memory than this nothing new starts. Default: 256MB, or 5 % of the memory when that is less.',
  }),
  output_keep: bytes(1_000, 'at least 1KB').prefault('100MB').meta({
    description: 'How much of the end of a stream is kept when its attempt has ended.',
  }),
  output_limit: outputLimit.prefault('2GB').meta({
    description: 'A task that writes more than this is stopped (output_limit).',
  }),
});

const disk = z.strictObject({
  floor: bytes(0, 'at least 0').optional().meta({
    description:
      'With less free space than this nothing new starts. Default: 1GB, or 5 % of the disk when that is less.',
  }),
});

const defaults = z.strictObject({
  timeout: timeout.prefault('30m').meta({
    description: 'A task that runs longer is stopped (timed_out); at most 24h.',
  }),
  grace: grace.prefault('5s').meta({
    description: 'Time between the polite signal of a stop and the kill.',
  }),
  remind: span(0, DAY, 'at most 24h').prefault('10m').meta({
    description: 'The owner is reminded of a running task this often; 0 = never.',
  }),
  notify: oneOf(NOTIFY_POLICIES).prefault('always').meta({
    description: 'Which ends are pushed to webhooks and the on_done command.',
  }),
  retry: retry.prefault(0).meta({ description: 'Further attempts after a failed one.' }),
});

const gc = z.strictObject({
  after: span(0, 3_650 * DAY, 'at most 3650d')
    .prefault('7d')
    .meta({
      description: 'Ended tasks that nothing protects are removed this long after their end.',
    }),
  automatic: flag.prefault(true).meta({
    description: 'Remove them without being asked; otherwise only `tend gc` does.',
  }),
});

const onDone = z.strictObject({
  command: text('must be a command line in quotes').optional().meta({
    description:
      'Run by /bin/sh when a task has ended; the facts are in TEND_* variables and, as JSON, on stdin.',
  }),
});

const isWebAddress = (given: string, schemes: readonly string[]): boolean =>
  URL.canParse(given) && schemes.includes(new URL(given).protocol);

const events = oneOf(['all', 'failures']).prefault('all').meta({
  description: 'Every end, or only those of tasks that failed.',
});
const secret = text('must be the secret in quotes').optional().meta({
  description: 'Key of the signature of each request.',
});

const webhook = z
  .strictObject({
    url: z
      .string({ error: 'must be an http or https address in quotes' })
      .refine((given) => isWebAddress(given, ['http:', 'https:']), 'is no http or https address')
      .meta({ description: 'Gets a POST with JSON for each ended task; http or https.' }),
    events,
    secret,
    secret_file: text('must be a path in quotes')
      .regex(/^\//, 'must be an absolute path')
      .optional()
      .meta({ description: 'Absolute path of a file that holds the secret instead.' }),
    secret_env: text('must be the name of a variable in quotes').optional().meta({
      description: "Variable of the daemon's environment that holds the secret instead.",
    }),
  })
  .refine(
    (given) =>
      [given.secret, given.secret_file, given.secret_env].filter((one) => one !== undefined)
        .length < 2,
    'takes one of secret, secret_file and secret_env, not several',
  );

const webhookName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    'is no name for a webhook (1-64 of A-Z a-z 0-9 _ -, beginning with a letter or digit)',
  );

const daemon = z.strictObject({
  idle_exit: z
    .union([z.literal('off'), span(MINUTE, 3_650 * DAY, 'at least 1m')], {
      error: 'must be "off" or a duration of at least 1m, such as "30m"',
    })
    .prefault('off')
    .meta({
      description: 'The daemon ends when nothing has run or asked for this long; or "off".',
    }),
  log_level: oneOf(LOG_LEVELS).prefault('info').meta({
    description: 'How much the daemon writes to its log.',
  }),
});

const person = z.strictObject({
  limits: limits.prefault({}),
  disk: disk.prefault({}),
  defaults: defaults.prefault({}),
  gc: gc.prefault({}),
  resume: resumeSchema.prefault({}),
  on_done: onDone.prefault({}),
  webhooks: z.record(webhookName, webhook).prefault({}),
  channels: channelsSchema.prefault({}),
  notify: notifySchema.prefault({}),
  quiet: quietSchema.prefault({}),
  digest: digestSchema.prefault({}),
  daemon: daemon.prefault({}),
  agents: agentsSchema(BUILT_IN).prefault({}),
  auto: choiceSchema.prefault({}),
  budgets: budgetsSchema.prefault({}),
  skills: textsSchema.prefault({}),
  templates: textsSchema.prefault({}),
  workspace: workspaceSchema.prefault({}),
  questions: questionsSchema.prefault({}),
  worker: workerSchema.prefault({}),
  hooks: hooksSchema.prefault({}),
  permissions: permissionsSchema.prefault({}),
});

/** The person's file, `config.toml`. */
export const personSchema = person.superRefine(checkBudgets).superRefine(checkDigest);
export type PersonFile = z.output<typeof personSchema>;

/** A project's file, `.tend.toml`: what can be made narrower, receivers on the public internet, and hooks. */
export const projectSchema = z.strictObject({
  limits: z
    .strictObject({
      output_limit: outputLimit.optional().meta({
        description:
          "Tasks of the project are stopped at this output, if it is less than the person's.",
      }),
    })
    .prefault({}),
  defaults: z
    .strictObject({
      timeout: timeout.optional().meta({
        description: "Default for tasks of the project, if it is shorter than the person's.",
      }),
      grace: grace.optional().meta({
        description: "Default for tasks of the project, if it is shorter than the person's.",
      }),
      retry: retry.optional().meta({
        description: "Default for tasks of the project, if it is less than the person's.",
      }),
    })
    .prefault({}),
  webhooks: z
    .record(
      webhookName,
      z.strictObject({
        url: z
          .string({ error: 'must be an https address in quotes' })
          .refine((given) => isWebAddress(given, ['https:']), 'is no https address')
          .meta({ description: 'Gets a POST with JSON; https, on the public internet.' }),
        events,
        secret,
      }),
    )
    .prefault({}),
  workspace: projectWorkspaceSchema.prefault({}),
  permissions: projectPermissionsSchema.prefault({}),
  hooks: hooksSchema.prefault({}).meta({
    description: 'Called only while the person trusts this very file: tend trust.',
  }),
});
export type ProjectFile = z.output<typeof projectSchema>;

/** The file's shape as JSON Schema, `title` naming the file. */
export const jsonSchema = (schema: z.ZodType, title: string): Record<string, unknown> => ({
  ...z.toJSONSchema(schema, { io: 'input' }),
  title,
});
