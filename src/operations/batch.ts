import { z } from 'zod';
import { DEPENDENCY_CONDITIONS } from '../domain/dependencies.ts';
import { TIERS } from '../domain/envelope.ts';
import { NAME_PATTERN, withContext } from '../domain/plan.ts';
import type { BatchTask, Engine } from '../engine/facade.ts';
import { countField, flagField, lineText, processText, stateField } from './fields.ts';
import { operation } from './operation.ts';
import { LONGEST_TIMEOUT, request, submitInput } from './submit.ts';
import { checkWork } from './work-ask.ts';

/** Most tasks in one part: what one turn of the daemon can store without keeping others waiting. */
const LARGEST_PART = 1_000;

const nameField = z.string().regex(NAME_PATTERN, 'is no name (1-64 of A-Z a-z 0-9 _ . -)');

const {
  cwd,
  env,
  umask,
  group: _group,
  parent,
  after: _after,
  runAt: _runAt,
  retryOf: _retryOf,
  contextFrom: _contextFrom,
  foreground: _foreground,
  owner,
  ...fields
} = submitInput.shape;

const dependency = z.strictObject({
  name: nameField,
  when: z.enum(DEPENDENCY_CONDITIONS).default('success'),
  key: fields.key.meta({ description: 'The key of its own that the named task has.' }),
});

const batchTask = z
  .strictObject({
    ...fields,
    name: nameField,
    cwd: cwd.optional(),
    owner,
    env: env.meta({ description: 'Variables on top of those of the batch.' }),
    after: z.array(dependency).max(1_000).default([]),
    contextFrom: z.array(nameField).max(100).default([]).meta({
      description: 'Tasks of the batch whose results go into the prompt.',
    }),
  })
  .refine((given) => [given.command, given.argv, given.agent].filter(Boolean).length === 1, {
    message: 'needs exactly one of command, argv and agent',
  })
  .refine(({ agent, contextFrom }) => agent !== undefined || contextFrom.length === 0, {
    path: ['contextFrom'],
    message: 'is for agents; a command has no use for it',
  })
  .refine(({ timeout = 1 }) => timeout > 0 && timeout <= LONGEST_TIMEOUT, {
    path: ['timeout'],
    message: 'must be more than 0 and at most 24h',
  })
  .superRefine(checkWork)
  .meta({ id: 'BatchTask' });

const input = z
  .strictObject({
    group: lineText(200).optional().meta({
      description: 'The group of its tasks; left out by a resume of the newest run of the source.',
    }),
    source: processText(4_096).startsWith('/').optional().meta({
      description: 'The file it comes from, by which a resume can name its newest run.',
    }),
    resume: z.iso.datetime({ offset: true }).optional().meta({
      description:
        'Run again what did not complete; when that was asked for, the same for all parts.',
    }),
    maxConcurrent: countField(1, 10_000).optional().meta({
      description: 'Most of its tasks that run at once.',
    }),
    cwd,
    env,
    umask,
    owner,
    parent,
    tasks: z.array(batchTask).min(1).max(LARGEST_PART).meta({
      description: 'Whoever is waited for stands before who waits, or in an earlier part.',
    }),
    dryRun: flagField.default(false),
  })
  .meta({ id: 'Batch' });
type Input = z.output<typeof input>;

const entry = z.object({
  name: z.string(),
  id: z.string().nullable(),
  created: z.boolean(),
  state: stateField.nullable(),
  agent: z
    .object({
      name: z.string(),
      model: z.string().nullable(),
      tier: z.enum(TIERS),
      costUsd: z.number(),
    })
    .nullable()
    .meta({ description: 'Of a new task, or of one that a dry run would make.' }),
  retries: z.int(),
});

export const batch = operation({
  name: 'batch',
  summary: 'Store a batch of tasks, or a part of one, that may depend on each other by name.',
  http: { method: 'POST', path: '/v1/batches', success: 202 },
  input,
  output: z.object({
    group: z.string(),
    seq: z.int().meta({ description: 'Changes after this number are younger than the states.' }),
    tasks: z.array(entry).meta({ description: 'In the order in which they were given.' }),
  }),
  run: (engine, given) =>
    engine.batches.submit({
      group: given.group ?? null,
      source: given.source ?? null,
      resume: given.resume === undefined ? null : Date.parse(given.resume),
      dryRun: given.dryRun,
      environment: given.env,
      parent: given.parent,
      tasks: tasksOf(engine, given),
    }),
});

function tasksOf(engine: Engine, { tasks, umask, maxConcurrent, ...common }: Input): BatchTask[] {
  const owner = common.owner ?? engine.info.owner;
  const known = new Map<string, ReturnType<Engine['defaults']>>();
  const defaultsIn = (folder: string) => {
    const found = known.get(folder) ?? engine.defaults(folder);
    known.set(folder, found);
    return found;
  };
  const shared = {
    group: null,
    parent: null,
    after: [],
    contextFrom: [],
    foreground: false,
    runAt: null,
    retryOf: null,
    umask,
  };
  return tasks.map(({ name, after, contextFrom, ...given }) => {
    const folder = given.cwd ?? common.cwd;
    const asked = request(
      { ...given, ...shared, cwd: folder },
      given.owner ?? owner,
      defaultsIn(folder),
    );
    return {
      name,
      request: {
        ...asked,
        spec: {
          ...asked.spec,
          ...(maxConcurrent !== undefined && { groupSlots: maxConcurrent }),
        },
      },
      after: withContext(after, contextFrom).map((on) => ({
        ...on,
        key: after.find((other) => other.name === on.name)?.key ?? null,
      })),
      contextFrom,
    };
  });
}
