import { z } from 'zod';
import { NO_RETRY, RETRY_CAUSES } from '../domain/retry.ts';
import { LONGEST_CRITERION, MOST_CRITERIA } from '../domain/significance.ts';
import { TendError } from '../domain/errors.ts';
import type { SubmitDefaults, SubmitRequest } from '../engine/facade.ts';
import {
  countField,
  dependencyField,
  durationField,
  idField,
  lineText,
  MAX_COMMAND_BYTES,
  notifyField,
  processText,
} from './fields.ts';
import { agentField, askOf } from './agent-ask.ts';
import { operation } from './operation.ts';
import { taskView } from './schemas.ts';
import { view } from './view.ts';
import { checkWork, workAskOf, workFields } from './work-ask.ts';

/** "Never" does not exist: a forgotten task must end some day. */
export const LONGEST_TIMEOUT = 86_400_000;
const DEFAULT_SHELL = '/bin/sh';

const environmentField = z
  .record(
    z.string().regex(/^[^=\0]+$/, 'is no environment variable name'),
    processText(MAX_COMMAND_BYTES),
  )
  .meta({ description: 'The environment of the task; its values are never shown again.' });

export const submitInput = z
  .strictObject({
    command: processText(MAX_COMMAND_BYTES).min(1).optional().meta({
      description: 'A command line for the shell. Either this or argv.',
    }),
    argv: z.array(processText(MAX_COMMAND_BYTES)).min(1).max(10_000).optional().meta({
      description: 'A program and its arguments, run without a shell.',
    }),
    agent: agentField.optional().meta({ description: 'A prompt for an agent.' }),
    shell: processText(4_096).startsWith('/').optional(),
    cwd: processText(4_096).startsWith('/', 'must be an absolute path'),
    env: environmentField.default({}),
    umask: countField(0, 0o777).optional().meta({
      description: 'File mode mask of the task, as a number; default: the one of the daemon.',
    }),
    id: idField.optional(),
    key: lineText(256).optional().meta({
      description: 'Idempotency key: the same key and content give the same task.',
    }),
    title: lineText(200).optional(),
    owner: lineText(200).optional(),
    group: lineText(200).nullable().default(null),
    parent: idField.nullable().default(null),
    exclusive: lineText(200).nullable().default(null).meta({
      description: 'No two tasks with the same key run at once.',
    }),
    foreground: z.boolean().default(false).meta({
      description:
        'Somebody watches it: it waits for no slot and for no limit of its agent, group or labels.',
    }),
    labels: z.record(lineText(64), z.string().max(256)).default({}),
    priority: countField(-100, 100).default(0),
    streams: z.enum(['merged', 'split']).default('merged'),
    input: z.boolean().default(false).meta({
      description: 'Hold the stdin of the command open, so that text can be sent to it.',
    }),
    timeout: durationField.optional(),
    idleTimeout: durationField.nullable().default(null),
    firstOutputTimeout: durationField.optional().meta({
      description: 'Longest silence of an agent before its first word; default: 3m.',
    }),
    queueTimeout: durationField.nullable().default(null),
    grace: durationField.optional(),
    retry: countField(0, 100).optional(),
    backoff: z.array(durationField).min(1).max(20).optional(),
    retryOn: z.array(z.enum(RETRY_CAUSES)).min(1).optional().meta({
      description: 'Only after these failures; default: all that often come to something else.',
    }),
    idempotent: z.boolean().default(false).meta({
      description:
        'Doing it twice does no harm: retried even after an agent acted outside its folder.',
    }),
    after: z.array(dependencyField).max(1_000).default([]),
    contextFrom: z.array(idField).max(100).default([]).meta({
      description: 'Tasks whose results go into the prompt; they are waited for, too.',
    }),
    runAt: z.iso.datetime({ offset: true }).nullable().default(null),
    notify: notifyField.optional(),
    criteria: z.array(lineText(LONGEST_CRITERION)).max(MOST_CRITERIA).optional().meta({
      description:
        'For notify if_significant: what is worth telling, numbered from 1; default: as configured.',
    }),
    remind: durationField.optional(),
    onDone: processText(10_000).min(1).nullable().default(null),
    retryOf: idField.nullable().default(null),
    ...workFields,
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
  .meta({ id: 'Submit' });
export type SubmitInput = z.output<typeof submitInput>;

export const submit = operation({
  name: 'submit',
  summary: 'Start a task in the background.',
  http: { method: 'POST', path: '/v1/tasks', success: 202 },
  input: submitInput,
  output: taskView,
  run: async (engine, input, call) => {
    const owner = input.owner ?? engine.info.owner;
    const { task, created } = await engine.submit(
      request(input, owner, engine.defaults(input.cwd)),
    );
    if (!created) call.repeated();
    return view(engine, task);
  },
});

const takesNoInput = (agent: string): TendError =>
  new TendError(
    'unsupported',
    `${agent} takes no text while it runs`,
    'Leave input out: its questions are answered with tend answer; once it has ended, tend retry --feedback and tend resume tell it more.',
  );

/** The input as the engine takes it. Throws `unsupported` for an agent that is to take text while it runs. */
export function request(
  input: SubmitInput,
  owner: string,
  defaults: SubmitDefaults,
): SubmitRequest {
  const { id, env, command, argv, agent, runAt } = input;
  const asks = workAskOf(input);
  if (agent !== undefined && input.input) throw takesNoInput(agent.name);
  return {
    id: id ?? null,
    environment: env,
    runAt: runAt === null ? null : Date.parse(runAt),
    spec: {
      work: workOf(input),
      title: input.title ?? titleOf(agent?.prompt ?? command ?? (argv ?? []).join(' ')),
      cwd: input.cwd,
      ...(input.umask !== undefined && { umask: input.umask }),
      owner,
      group: input.group,
      parent: input.parent,
      ...(input.exclusive !== null && { exclusive: input.exclusive }),
      ...(input.foreground && { foreground: true }),
      labels: input.labels,
      priority: input.priority,
      streams: input.streams,
      ...(input.input && { input: true }),
      timeout: input.timeout ?? defaults.timeout,
      idleTimeout: input.idleTimeout,
      ...(input.firstOutputTimeout !== undefined && {
        firstOutputTimeout: input.firstOutputTimeout,
      }),
      queueTimeout: input.queueTimeout,
      grace: input.grace ?? defaults.grace,
      retry: {
        attempts: input.retry ?? defaults.retry,
        backoff: input.backoff ?? NO_RETRY.backoff,
        ...(input.retryOn !== undefined && { on: input.retryOn }),
        ...(input.idempotent && { idempotent: true }),
      },
      after: input.after,
      ...(input.contextFrom.length > 0 && { contextFrom: input.contextFrom }),
      notify: input.notify ?? defaults.notify,
      ...criteriaOf(input, defaults),
      remind: input.remind ?? defaults.remind,
      onDone: input.onDone,
      key: input.key ?? null,
      retryOf: input.retryOf,
      resumeOf: null,
      ...(asks !== undefined && { asks }),
    },
  };
}

/** Fixed at submit, so that their numbers mean the same at the end; of other policies they say nothing. */
function criteriaOf(
  { notify, criteria }: Pick<SubmitInput, 'notify' | 'criteria'>,
  defaults: SubmitDefaults,
): { criteria?: readonly string[] } {
  const asked = criteria ?? defaults.criteria ?? [];
  return (notify ?? defaults.notify) === 'if_significant' && asked.length > 0
    ? { criteria: asked }
    : {};
}

function workOf(input: SubmitInput): SubmitRequest['spec']['work'] {
  const { command, argv, agent, shell = DEFAULT_SHELL, timeout } = input;
  if (agent !== undefined) return askOf(agent, timeout);
  return argv === undefined
    ? { kind: 'command', command: command ?? '', shell }
    : { kind: 'command', argv };
}

const TITLE_LENGTH = 80;
/** The first line of what is run, shortened. */
function titleOf(text: string): string {
  const line = (text.split('\n', 1)[0] ?? '').replace(/\p{Cc}/gu, ' ').trim();
  return line.length <= TITLE_LENGTH ? line : `${line.slice(0, TITLE_LENGTH - 1)}…`;
}
