/** What an agent that works on a task may do besides its work; known by the token of its attempt. */
import { z } from 'zod';
import {
  LONGEST_OPTION,
  LONGEST_QUESTION,
  LONGEST_QUESTION_CONTEXT,
  LONGEST_REPLY,
  MOST_OPTIONS,
} from '../../domain/question.ts';
import {
  LONGEST_PROGRESS,
  LONGEST_REQUIREMENT,
  LONGEST_RESULT,
  LONGEST_SIGNIFICANCE,
  LONGEST_SUMMARY,
  MOST_FINISH_CHECKS,
} from '../../domain/worker.ts';
import { isTendError } from '../../domain/errors.ts';
import { checked, type Place, type Tool } from './tool.ts';
import { quoted } from './words.ts';

/** Tells a model to end its turn: nothing that it does after this counts. */
const STOP =
  'Stop now: end your turn without doing anything else. You will be run again with the answer.';

const filled = (max: number) => z.string().trim().min(1).max(max);

interface Given<I extends z.core.$ZodLooseShape> {
  name: string;
  title: string;
  description: string;
  readOnly?: boolean;
  input: I;
  run(input: z.output<z.ZodObject<I>>, place: Place): Promise<string>;
}

function worker<I extends z.core.$ZodLooseShape>(given: Given<I>): Tool {
  const input = z.strictObject(given.input);
  const { name, title, description, readOnly = false } = given;
  return {
    name,
    title,
    description,
    hints: { readOnly, idempotent: true },
    long: false,
    input,
    output: null,
    run: async (raw, place) => {
      const fields = checked(input, raw) as z.output<z.ZodObject<I>>;
      return { structured: {}, text: await given.run(fields, place) };
    },
  };
}

/** Who works, and which tools its program can use. */
export interface Worker {
  token: string;
  /** What the tool that asks a person is called: some programs have a tool of the usual name themselves. */
  ask: string;
  /** It asks for permissions with a tool. */
  permits: boolean;
}

export const workerTools = ({ token, ask, permits }: Worker): readonly Tool[] => [
  askUser(token, ask),
  finish(token),
  reportProgress(token),
  readMemory(token),
  postFinding(token),
  ...(permits ? [permit(token)] : []),
];

const askUser = (token: string, name: string): Tool =>
  worker({
    name,
    title: 'Ask a person',
    description: [
      'Ask the person who gave you this task, when you cannot go on without their word.',
      'Ask once, everything at once, with what they need to know to answer; guess small things yourself.',
      'After it, stop: end your turn. You are run again with the answer.',
    ].join(' '),
    input: {
      question: filled(LONGEST_QUESTION),
      options: z.array(filled(LONGEST_OPTION)).max(MOST_OPTIONS).optional().meta({
        description: 'Likely answers, the one you would take first.',
      }),
      context: z.string().max(LONGEST_QUESTION_CONTEXT).optional().meta({
        description: 'What helps to answer it: the person sees nothing else of your work.',
      }),
      default: filled(LONGEST_REPLY).optional().meta({
        description: 'What you do when nobody answers in time; without it the task fails then.',
      }),
    },
    run: async ({ question: text, options, context, default: fallback }, { calls, signal }) => {
      const { question } = await calls.call(
        'workerAsk',
        {
          token,
          question: text,
          ...(options !== undefined && { options }),
          ...(context !== undefined && { context }),
          ...(fallback !== undefined && { default: fallback }),
        },
        signal,
      );
      const { id, deadlineAt, answer } = question;
      if (answer !== null) return quoted(`${id} is answered already`, answer.text);
      const until = deadlineAt === null ? '' : `, and may answer until ${deadlineAt}`;
      return `A person is asked (${id})${until}. ${STOP}`;
    },
  });

const finish = (token: string): Tool =>
  worker({
    name: 'finish',
    title: 'Hand in the result',
    description: [
      'Tell the result of the whole task, once, when all of it is done; then end your turn.',
      'Name each requirement of the task in checks, and say honestly which are not met: they are shown, not held against you.',
    ].join(' '),
    input: {
      result: filled(LONGEST_RESULT).meta({ description: 'The result, for whoever asked.' }),
      summary: z.string().max(LONGEST_SUMMARY).optional().meta({
        description: 'The same in a sentence or two.',
      }),
      checks: z
        .array(
          z.strictObject({
            requirement: filled(LONGEST_REQUIREMENT),
            met: z.boolean(),
            evidence: z.string().max(LONGEST_REQUIREMENT).optional().meta({
              description: 'How you know: a command and what it said, a file.',
            }),
          }),
        )
        .max(MOST_FINISH_CHECKS)
        .optional(),
      significance: z.string().max(LONGEST_SIGNIFICANCE).optional().meta({
        description: 'Why a person should be told of it, if there is a reason.',
      }),
      notify: z.boolean().optional().meta({ description: 'A person should be told.' }),
    },
    run: async ({ result, summary, checks = [], significance, notify }, { calls, signal }) => {
      await calls.call(
        'workerFinish',
        {
          token,
          result,
          checks: checks.map(({ evidence = '', ...rest }) => ({ ...rest, evidence })),
          ...(summary !== undefined && { summary }),
          ...(significance !== undefined && { significance }),
          ...(notify !== undefined && { notify }),
        },
        signal,
      );
      const unmet = checks.filter(({ met }) => !met).length;
      const gaps =
        unmet === 0 ? '' : ` ${unmet} of ${checks.length} requirements are shown as not met.`;
      return `The result is handed in.${gaps} End your turn now.`;
    },
  });

const reportProgress = (token: string): Tool =>
  worker({
    name: 'report_progress',
    title: 'Say how far you are',
    description:
      'Say in a line how far you are; at most once every few minutes. Only the last one is shown.',
    input: {
      text: filled(LONGEST_PROGRESS),
      percent: z.number().min(0).max(100).optional(),
    },
    run: async ({ text, percent = null }, { calls, signal }) => {
      await calls.call('workerProgress', { token, text, percent }, signal);
      return 'Noted.';
    },
  });

const readMemory = (token: string): Tool =>
  worker({
    name: 'read_memory',
    title: 'Read what is remembered of this project',
    description:
      'Facts that people or earlier tasks wrote down about this project: by kind, by words, or all of them.',
    readOnly: true,
    input: {
      query: z
        .string()
        .max(500)
        .optional()
        .meta({ description: 'A kind, or words; default: all.' }),
    },
    run: async ({ query = '' }, { calls, signal }) => {
      const { text } = await calls.call('workerMemory', { token, query }, signal);
      return text === '' ? 'Nothing is remembered about that.' : quoted('Remembered', text);
    },
  });

const postFinding = (token: string): Tool =>
  worker({
    name: 'post_finding',
    title: 'Tell the other tasks of the group',
    description:
      'Tell later tasks of the same group something that they would otherwise find out again. Facts only, in a few sentences.',
    input: { text: filled(2_000) },
    run: async ({ text }, { calls, signal }) => {
      const { repeated } = await calls.call('workerFinding', { token, text }, signal);
      return repeated ? 'They know it already.' : 'They will be told.';
    },
  });

const permitInput = z.looseObject({
  tool_name: z.string().min(1),
  input: z.record(z.string(), z.unknown()).optional(),
  tool_use_id: z.string().optional(),
});

/** Claude's protocol of a permission-prompt tool: the answer is JSON in a text, whatever happens. */
const permit = (token: string): Tool => ({
  name: 'permit',
  title: 'May this tool be used?',
  description: 'Called by the agent program itself before it uses a tool. Not for you to call.',
  hints: { readOnly: false, idempotent: true },
  long: false,
  input: permitInput,
  output: null,
  run: async (raw, place) => {
    const behavior = await ruled(raw, token, place).catch((error: unknown) =>
      deny(`tend could not decide: ${isTendError(error) ? error.message : String(error)}`, false),
    );
    return { structured: {}, text: JSON.stringify(behavior) };
  },
});

const deny = (message: string, interrupt: boolean) =>
  ({ behavior: 'deny', message, interrupt }) as const;

async function ruled(raw: unknown, token: string, { calls, signal }: Place) {
  const { tool_name: name, input = {} } = checked(permitInput, raw) as z.output<typeof permitInput>;
  const { ruling, reason, question } = await calls.call(
    'workerPermit',
    { token, tool: name, subject: '', input: argumentsOf(name, input) },
    signal,
  );
  if (ruling === 'allow') return { behavior: 'allow', updatedInput: input } as const;
  if (ruling === 'deny') return deny(reason, false);
  const asked = question === null ? '' : ` (${question.id})`;
  return deny(`A person is asked whether you may${asked}. ${STOP}`, true);
}

const LONGEST_INPUT = 100_000;
/** Tools that are ruled on by their path alone, and the arguments that name it: what they write may be left out. */
const WRITERS = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);
const PATHS = ['file_path', 'notebook_path'];

/** All arguments as JSON: rules and people must not be asked about a part of what is done. */
function argumentsOf(tool: string, input: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(input);
  if (text.length <= LONGEST_INPUT || !WRITERS.has(tool)) return text;
  const paths = Object.entries(input).filter(([name]) => PATHS.includes(name));
  return JSON.stringify(Object.fromEntries(paths));
}

export const workerInstructions = ({ ask }: Worker): string =>
  [
    'You work on one task in the background; nobody watches. These tools speak to the people and tasks around it.',
    `When you cannot go on without a word of the person, call ${ask} once and end your turn.`,
    'When all is done, hand in the result with finish and end your turn: that, and nothing you say besides, is taken as your result.',
  ].join(' ');
