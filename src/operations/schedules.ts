import { z } from 'zod';
import { written } from '../domain/duration.ts';
import { reasonOf } from '../domain/delivery.ts';
import { CATCH_UPS, isDone, OVERLAPS } from '../domain/schedule.ts';
import { verdict, VERDICTS, verificationOf } from '../domain/verdict.ts';
import type { NewSchedule, ScheduledRequest, ScheduleStatus } from '../engine/facade.ts';
import { durationField, lineText, stateField } from './fields.ts';
import { operation } from './operation.ts';
import { LONGEST_TIMEOUT, request, submitInput } from './submit.ts';
import { checkWork } from './work-ask.ts';
import { iso, isoOrNull } from './view.ts';

const time = z.iso.datetime().meta({ description: 'UTC' });

const {
  id: _id,
  key: _key,
  parent: _parent,
  after: _after,
  contextFrom: _contextFrom,
  runAt: _runAt,
  retryOf: _retryOf,
  foreground: _foreground,
  ...fields
} = submitInput.shape;

/** A submit without what belongs to one task alone. */
const scheduledTask = z
  .strictObject(fields)
  .refine((given) => [given.command, given.argv, given.agent].filter(Boolean).length === 1, {
    message: 'needs exactly one of command, argv and agent',
  })
  .refine(({ timeout = 1 }) => timeout > 0 && timeout <= LONGEST_TIMEOUT, {
    path: ['timeout'],
    message: 'must be more than 0 and at most 24h',
  })
  .superRefine(checkWork)
  .meta({ id: 'ScheduledTask' });

const addInput = z
  .strictObject({
    name: lineText(64).nullable().default(null),
    cron: lineText(200).optional().meta({
      description: 'Minute, hour, day of the month, month, day of the week: "0 9 * * 1-5".',
    }),
    timeZone: lineText(64).nullable().default(null).meta({
      description:
        'In which the expression is read, as in Europe/Berlin; default: that of the daemon.',
    }),
    every: durationField.optional(),
    at: z.iso.datetime({ offset: true }).optional().meta({ description: 'Once.' }),
    catchUp: z.enum(CATCH_UPS).default('once').meta({
      description:
        'Firings missed while the machine slept or no daemon ran: none, one for all, each.',
    }),
    overlap: z.enum(OVERLAPS).optional().meta({
      description:
        'While the task before has not ended: leave the firing out (default), queue behind it, or start beside it. The default with catchUp all is queue.',
    }),
    task: scheduledTask,
  })
  .refine(
    ({ cron, every, at }) => [cron, every, at].filter((one) => one !== undefined).length === 1,
    {
      message: 'needs exactly one of cron, every and at',
    },
  )
  .refine(({ cron, timeZone }) => cron !== undefined || timeZone === null, {
    path: ['timeZone'],
    message: 'is for cron expressions',
  })
  .meta({ id: 'NewSchedule' });

const workView = z.object({
  kind: z.enum(['command', 'agent']),
  title: z.string(),
  command: z.string().optional(),
  argv: z.array(z.string()).optional(),
  agent: z.object({ name: z.string(), prompt: z.string() }).optional(),
  cwd: z.string(),
  owner: z.string(),
  group: z.string().nullable(),
});

const scheduleView = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    cron: z.string().optional(),
    every: z.string().optional(),
    at: time.optional(),
    timeZone: z.string().nullable().meta({ description: 'Of a cron expression.' }),
    catchUp: z.enum(CATCH_UPS),
    overlap: z.enum(OVERLAPS),
    paused: z.boolean(),
    done: z.boolean().meta({ description: 'It will not fire any more.' }),
    next: z.array(time).meta({ description: 'The next five firings, or as many as there are.' }),
    createdAt: time,
    lastAt: time.nullable().meta({ description: 'The latest firing that became a task.' }),
    lastTask: z.string().nullable(),
    lastState: stateField.nullable().meta({ description: 'Of that task now; null = forgotten.' }),
    lastReason: z.string().nullable(),
    lastVerdict: z.enum(VERDICTS).nullable(),
    lastError: z.object({ at: time, message: z.string() }).nullable().meta({
      description: 'The firing since then that could not become a task.',
    }),
    lastSkip: z
      .object({ at: time, why: z.enum(['missed', 'overlap']) })
      .nullable()
      .meta({ description: 'The latest firing that its policies left out.' }),
    task: workView,
  })
  .meta({ id: 'Schedule' });

function whenView({ schedule: { when } }: ScheduleStatus) {
  switch (when.kind) {
    case 'cron':
      return { cron: when.cron, timeZone: when.timeZone };
    case 'every':
      return { every: written(when.every), timeZone: null };
    case 'at':
      return { at: iso(when.at), timeZone: null };
    default:
      return when satisfies never;
  }
}

function taskView({ spec }: ScheduledRequest): z.infer<typeof workView> {
  const { work, title, cwd, owner, group } = spec;
  const told = { title, cwd, owner, group };
  if (work.kind === 'ask')
    return { kind: 'agent', ...told, agent: { name: work.agent, prompt: work.prompt } };
  if (work.kind === 'agent')
    return { kind: 'agent', ...told, agent: { name: work.agent, prompt: work.brief } };
  return 'command' in work
    ? { kind: 'command', ...told, command: work.command }
    : { kind: 'command', ...told, argv: [...work.argv] };
}

function view(status: ScheduleStatus): z.infer<typeof scheduleView> {
  const { schedule, next, last } = status;
  const { id, name, catchUp, overlap, paused, lastError, lastSkip } = schedule;
  return {
    id,
    name,
    ...whenView(status),
    catchUp,
    overlap,
    paused,
    done: isDone(schedule),
    next: next.map(iso),
    createdAt: iso(schedule.createdAt),
    lastAt: isoOrNull(schedule.lastAt),
    lastTask: schedule.lastTask,
    lastState: last?.state ?? null,
    lastReason: last === null ? null : reasonOf(last),
    lastVerdict: last === null ? null : verdict(last.state, reasonOf(last), verificationOf(last)),
    lastError: lastError === null ? null : { ...lastError, at: iso(lastError.at) },
    lastSkip: lastSkip === null ? null : { ...lastSkip, at: iso(lastSkip.at) },
    task: taskView(schedule.request),
  };
}

function whenOf({ cron, every, at, timeZone }: z.output<typeof addInput>): NewSchedule['when'] {
  if (cron !== undefined) return { kind: 'cron', cron, timeZone };
  return every === undefined ? { kind: 'at', at: Date.parse(at ?? '') } : { kind: 'every', every };
}

export const addSchedule = operation({
  name: 'addSchedule',
  summary: 'Start a task again and again, or once at a time to come.',
  http: { method: 'POST', path: '/v1/schedules', success: 200 },
  input: addInput,
  output: scheduleView,
  run: async (engine, given) => {
    const { name, catchUp, task } = given;
    const submitted = {
      parent: null,
      after: [],
      contextFrom: [],
      runAt: null,
      retryOf: null,
      foreground: false,
    };
    const owner = task.owner ?? engine.info.owner;
    const { spec, environment } = request(
      { ...task, ...submitted },
      owner,
      engine.defaults(task.cwd),
    );
    const overlap = given.overlap ?? (catchUp === 'all' ? 'queue' : 'skip');
    const when = whenOf(given);
    return view(
      await engine.schedules.add({ name, when, catchUp, overlap, request: { spec }, environment }),
    );
  },
});

export const schedules = operation({
  name: 'schedules',
  summary: 'Every schedule, the oldest first.',
  http: { method: 'GET', path: '/v1/schedules', success: 200 },
  input: z.strictObject({}),
  output: z.object({ schedules: z.array(scheduleView) }),
  run: async (engine) => ({ schedules: (await engine.schedules.list()).map(view) }),
});

const named = z.strictObject({
  id: lineText(64).meta({ description: 'The id of a schedule, its beginning, or its name.' }),
});

export const schedule = operation({
  name: 'schedule',
  summary: 'One schedule, with the next times it fires.',
  http: { method: 'GET', path: '/v1/schedules/{id}', success: 200 },
  input: named,
  output: scheduleView,
  run: async (engine, { id }) => view(await engine.schedules.find(id)),
});

export const removeSchedule = operation({
  name: 'removeSchedule',
  summary: 'Forget a schedule; the tasks that it started go on.',
  http: { method: 'DELETE', path: '/v1/schedules/{id}', success: 200 },
  input: named,
  output: scheduleView,
  run: async (engine, { id }) => view(await engine.schedules.remove(id)),
});

export const pauseSchedule = operation({
  name: 'pauseSchedule',
  summary: 'A schedule does not fire until it is unpaused.',
  http: { method: 'POST', path: '/v1/schedules/{id}/pause', success: 200 },
  input: named,
  output: scheduleView,
  run: async (engine, { id }) => view(await engine.schedules.pause(id)),
});

export const unpauseSchedule = operation({
  name: 'unpauseSchedule',
  summary: 'A schedule goes on with its next time; those in the pause are left out.',
  http: { method: 'POST', path: '/v1/schedules/{id}/unpause', success: 200 },
  input: named,
  output: scheduleView,
  run: async (engine, { id }) => view(await engine.schedules.unpause(id)),
});
