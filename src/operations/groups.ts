import { z } from 'zod';
import {
  findingId,
  FINDING_KINDS,
  type GroupFinding,
  LONGEST_FINDING,
  LONGEST_GROUP_CONTEXT,
} from '../domain/group.ts';
import { STATES } from '../domain/lifecycle.ts';
import type { GroupDetails, GroupStatus } from '../engine/facade.ts';
import { flagField, idField, lineText, processText } from './fields.ts';
import { operation } from './operation.ts';
import { iso, isoOrNull } from './view.ts';

const time = z.iso.datetime().meta({ description: 'UTC' });
const nameField = lineText(200);
const titleField = lineText(200).nullable();
const contextField = processText(LONGEST_GROUP_CONTEXT).meta({
  description: 'Told to every task of the group that starts from now on.',
});

const findingView = z
  .object({
    id: z.string(),
    group: z.string(),
    kind: z.enum(FINDING_KINDS).meta({ description: 'A milestone is a finding with a date.' }),
    text: z.string(),
    important: z.boolean(),
    taskId: z.string().nullable().meta({ description: 'Who found it; null = a person did.' }),
    by: z.string().meta({ description: 'Whose it is: an owner.' }),
    at: time.meta({ description: 'When it was told; of a milestone, its date.' }),
  })
  .meta({ id: 'Finding' });

const fields = {
  name: z.string(),
  title: z.string().nullable(),
  context: z.string().meta({ description: 'What its tasks are told; empty = nothing.' }),
  kept: z.boolean().meta({ description: 'False = it is only a name that tasks have.' }),
  createdAt: time.nullable(),
  updatedAt: time.nullable(),
  findings: z.int().meta({ description: 'How many there are, milestones among them.' }),
};

const groupView = z.object(fields).meta({ id: 'Group' });

const detailsView = z
  .object({
    ...fields,
    told: z.array(findingView).meta({ description: 'The most important first, then the newest.' }),
    tasks: z.partialRecord(z.enum(STATES), z.int()).meta({
      description: 'How many of its newest 200 tasks are in which state.',
    }),
  })
  .meta({ id: 'GroupDetails' });

const view = ({ group, name, findings }: GroupStatus): z.infer<typeof groupView> => ({
  name,
  title: group?.title ?? null,
  context: group?.context ?? '',
  kept: group !== null,
  createdAt: isoOrNull(group?.createdAt ?? null),
  updatedAt: isoOrNull(group?.updatedAt ?? null),
  findings,
});

const toldView = ({ seq, at, ...finding }: GroupFinding): z.infer<typeof findingView> => ({
  id: findingId(seq),
  ...finding,
  at: iso(at),
});

const detailed = (details: GroupDetails): z.infer<typeof detailsView> => ({
  ...view(details),
  told: details.told.map(toldView),
  tasks: details.tasks,
});

const named = z.strictObject({
  name: nameField.meta({ description: 'The name of a group, or the beginning of its id.' }),
});

export const groups = operation({
  name: 'groups',
  summary: 'Every group that shares something or has findings, by name.',
  http: { method: 'GET', path: '/v1/groups', success: 200 },
  input: z.strictObject({}),
  output: z.object({ groups: z.array(groupView) }),
  run: async (engine) => ({ groups: (await engine.groups.list()).map(view) }),
});

export const createGroup = operation({
  name: 'createGroup',
  summary: 'Make a group whose tasks share a text and their findings.',
  http: { method: 'POST', path: '/v1/groups', success: 200 },
  input: z
    .strictObject({
      name: nameField.nullable().default(null).meta({ description: 'Default: an id.' }),
      title: titleField.default(null),
      context: contextField.default(''),
    })
    .meta({ id: 'NewGroup' }),
  output: groupView,
  run: async (engine, { name, title, context }) =>
    view(await engine.groups.create(name, { title, context })),
});

export const group = operation({
  name: 'group',
  summary: 'One group: what it shares, what was found, how its tasks stand.',
  http: { method: 'GET', path: '/v1/groups/{name}', success: 200 },
  input: named,
  output: detailsView,
  run: async (engine, { name }) => detailed(await engine.groups.find(name)),
});

export const editGroup = operation({
  name: 'editGroup',
  summary: 'Change what a group shares; tasks that have started are told nothing of it.',
  http: { method: 'POST', path: '/v1/groups/{name}', success: 200 },
  input: named.extend({ title: titleField.optional(), context: contextField.optional() }),
  output: groupView,
  run: async (engine, { name, title, context }) =>
    view(
      await engine.groups.edit(name, {
        ...(title !== undefined && { title }),
        ...(context !== undefined && { context }),
      }),
    ),
});

export const removeGroup = operation({
  name: 'removeGroup',
  summary: 'Forget what a group shares and its findings; its tasks keep its name.',
  http: { method: 'DELETE', path: '/v1/groups/{name}', success: 200 },
  input: named,
  output: groupView,
  run: async (engine, { name }) => view(await engine.groups.remove(name)),
});

export const postFinding = operation({
  name: 'postFinding',
  summary: 'Tell the later tasks of a group something; told again, it is one.',
  http: { method: 'POST', path: '/v1/groups/{name}/findings', success: 200 },
  input: named.extend({
    text: processText(LONGEST_FINDING).min(1),
    kind: z.enum(FINDING_KINDS).default('finding'),
    important: flagField.default(false).meta({ description: 'Told before the others.' }),
    at: z.iso.datetime({ offset: true }).optional().meta({
      description: 'The date of a milestone; default: now.',
    }),
    owner: lineText(200).optional(),
    task: idField.optional().meta({ description: 'The task that tells it.' }),
  }),
  output: z.object({
    finding: findingView,
    repeated: z.boolean().meta({ description: 'It was told before: this is the earlier one.' }),
  }),
  run: async (engine, { name, text, kind, important, at, owner, task }) => {
    const { finding, repeated } = await engine.groups.post({
      group: name,
      text,
      kind,
      important,
      at: at === undefined ? null : Date.parse(at),
      by: owner ?? engine.info.owner,
      taskId: task === undefined ? null : (await engine.find(task)).id,
    });
    return { finding: toldView(finding), repeated };
  },
});

export const removeFinding = operation({
  name: 'removeFinding',
  summary: 'Tell later tasks no more of a finding.',
  http: { method: 'DELETE', path: '/v1/groups/{name}/findings/{id}', success: 200 },
  input: named.extend({ id: lineText(20) }),
  output: findingView,
  run: async (engine, { name, id }) => toldView(await engine.groups.removeFinding(name, id)),
});
