import { z } from 'zod';
import { TendError } from '../../domain/errors.ts';
import { PERMISSIONS } from '../../domain/envelope.ts';
import { idField, lineText } from '../../operations/fields.ts';
import { submitInput } from '../../operations/submit.ts';
import type { Input, Task } from '../client/index.ts';
import { LONGEST_WAIT, settled, waitField } from './waiting.ts';
import { type Place, tool } from './tool.ts';
import { briefOf, hasEnded, needsWord, taskBrief, told } from './words.ts';

const { shape } = submitInput;

const input = {
  command: shape.command.meta({
    description: 'A shell command line. Either this, or agent and prompt.',
  }),
  agent: lineText(64).optional().meta({
    description: 'A coding agent (claude, codex, gemini, opencode …), or auto for whoever is free.',
  }),
  prompt: z.string().min(1).max(1_000_000).optional().meta({
    description:
      'What the agent shall do: all it needs to know, it sees nothing of this conversation.',
  }),
  model: lineText(200).optional(),
  permissions: z
    .enum(PERMISSIONS)
    .optional()
    .meta({ description: 'Of the agent; default workspace.' }),
  cwd: z.string().max(4_096).optional().meta({
    description: 'Absolute path of the folder to work in; default: that of this session.',
  }),
  askPermissions: z.boolean().optional().meta({
    description:
      'Where the agent may not do something, a person is asked; it waits for the answer.',
  }),
  input: z.boolean().optional().meta({
    description: 'Keep the stdin of the command open for task_send.',
  }),
  worktree: z.boolean().optional().meta({
    description:
      'Work in a git work tree and on a branch of its own: the files here stay as they are.',
  }),
  verify: shape.verify.meta({
    description: 'A command line that proves the work by exit code 0, or auto.',
  }),
  title: shape.title.meta({ description: 'A few words for people.' }),
  group: lineText(200).optional(),
  labels: z.record(lineText(64), z.string().max(256)).optional(),
  after: z.array(idField).max(100).optional().meta({
    description: 'Ids of tasks that must have completed before.',
  }),
  contextFrom: z.array(idField).max(100).optional().meta({
    description: 'Ids of tasks whose results the agent is told; they are waited for, too.',
  }),
  timeout: z.string().max(20).optional().meta({
    description: 'Longest run, such as 10m or 2h; default 30m.',
  }),
  notify: shape.notify.meta({ description: 'When people are told; default always.' }),
  key: shape.key.meta({
    description: 'The same key and content give the same task: call again with it when unsure.',
  }),
  wait: waitField(0).meta({
    description: `Seconds to wait for the end here, at most ${LONGEST_WAIT}; default 0: answer at once.`,
  }),
};

const DESCRIPTION = [
  'Start a shell command or a coding agent in the background and get its task id.',
  'Use it for anything that takes longer than a minute, for work to be done beside yours, and for what must go on when this session ends.',
  'You are told when it ends: go on with other work, or end your turn. Do not poll.',
  'With wait you get the result of a short task at once; a task that takes longer goes on.',
].join(' ');

export const taskRun = tool({
  name: 'task_run',
  title: 'Start a background task',
  description: DESCRIPTION,
  hints: { readOnly: false, destructive: true, openWorld: true },
  long: true,
  input,
  output: { task: taskBrief },
  run: async (given, place) => {
    const task = await submitted(given, place);
    const { tasks } =
      given.wait === 0 || hasEnded(task)
        ? { tasks: [task] }
        : await settled(place, [task.id], { any: false, seconds: given.wait });
    return started(tasks[0] ?? task);
  },
});

type Given = z.output<z.ZodObject<typeof input>>;

/** Submits what the arguments of `task_run` say. */
export function submitted(given: Given, { calls, origin, owner, signal }: Place): Promise<Task> {
  return calls.call('submit', submission(given, origin, owner), signal);
}

export const runInput = z.object(input);

/** The answer about a task that has just been started, or has ended meanwhile. */
export function started(task: Task) {
  const next = nextFor(task);
  return {
    structured: { task: briefOf(task), next },
    text: `${told(task)}\n${next}`,
    shown: hasEnded(task) ? [task.id] : [],
  };
}

/** What a model does best about a task as it is. */
export function nextFor(task: Task): string {
  if (hasEnded(task)) return 'It has ended; nothing more will come of it.';
  if (task.state === 'awaiting_review')
    return 'Look at it with task_diff; then task_accept or task_reject, if your user leaves that to you.';
  if (needsWord(task))
    return 'Ask your user, unless you know the answer for certain; then call question_answer.';
  return 'It goes on by itself. Do not call again at once: go on with other work or end your turn, you will be told.';
}

function submission(given: Given, origin: Place['origin'], owner: string) {
  const cwd = given.cwd ?? origin.cwd;
  if (cwd === null)
    throw new TendError(
      'invalid_input',
      'cwd is missing: this server has no folder of its own',
      'Name the absolute path of the folder that the task shall work in.',
    );
  const group = given.group ?? origin.group;
  const request = {
    ...work(given, origin.shell),
    cwd,
    env: { ...origin.environment },
    ...(origin.umask !== null && { umask: origin.umask }),
    ...(origin.parent !== undefined && { parent: origin.parent }),
    owner,
    ...(group !== undefined && { group }),
    ...(given.worktree === true && { workspace: { kind: 'worktree' } }),
    ...kept(given, [
      'input',
      'title',
      'labels',
      'verify',
      'after',
      'contextFrom',
      'timeout',
      'notify',
      'key',
    ]),
  };
  return request as Input<'submit'>;
}

function work(given: Given, shell: string) {
  const { command, agent, prompt, model, permissions, askPermissions } = given;
  if (command !== undefined && agent === undefined && prompt === undefined)
    return { command, shell };
  if (command !== undefined || agent === undefined || prompt === undefined)
    throw new TendError(
      'invalid_input',
      'a task is either a command, or an agent with a prompt',
      'Give command alone, or agent and prompt.',
    );
  return {
    agent: {
      name: agent,
      prompt,
      ...(model !== undefined && { model }),
      ...(permissions !== undefined && { permissions }),
      ...(askPermissions === true && { askPermissions }),
    },
  };
}

const kept = <T extends object, K extends keyof T>(from: T, names: readonly K[]): Partial<T> =>
  Object.fromEntries(
    names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])),
  ) as Partial<T>;
