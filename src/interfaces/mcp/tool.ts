import { z } from 'zod';
import { TendError } from '../../domain/errors.ts';
import type { Calls } from './calls.ts';
import { faultsOf } from './faults.ts';
import { newsItem } from './words.ts';

/** Where tasks that are submitted here come from. */
export interface Origin {
  /** Folder of tasks that name none; null = they must name one. */
  cwd: string | null;
  /** What the shell of a command line is. */
  shell: string;
  environment: Readonly<Record<string, string>>;
  umask: number | null;
  group: string | undefined;
  /** The task in which the host itself runs. */
  parent: string | undefined;
}

/** What a tool may use. */
export interface Place {
  calls: Calls;
  /** Whose tasks and news the call is about. */
  owner: string;
  origin: Origin;
  signal: AbortSignal;
  /** Tells the host that a long call goes on. */
  progress: (message: string) => void;
}

/** What a tool answers. */
export interface Answer<O> {
  structured: O;
  text: string;
  /** Ended tasks whose end it tells. */
  shown?: readonly string[];
  /** Deliveries that it tells. */
  handed?: readonly string[];
}

interface Hints {
  readOnly: boolean;
  destructive?: boolean;
  idempotent?: boolean;
  openWorld?: boolean;
}

type Shape = z.core.$ZodLooseShape;

export interface Tool {
  name: string;
  title: string;
  description: string;
  hints: Hints;
  /** It may answer with the handle of a task that goes on. */
  long: boolean;
  input: z.ZodObject;
  output: z.ZodObject | null;
  /** Throws TendError only. */
  run(given: unknown, place: Place): Promise<Answer<Record<string, unknown>>>;
}

const ownerField = z.string().max(200).optional().meta({
  description: 'Filled in by the host; leave it out.',
});

/** Rides on every answer. */
const common = {
  next: z.string().optional().meta({ description: 'What to do now.' }),
  news: z.array(newsItem).optional().meta({ description: 'What ended meanwhile; told once.' }),
};

/** A tool whose input is checked before it runs; every one takes the owner, and any answer may carry news. */
export function tool<I extends Shape, O extends Shape>(given: {
  name: string;
  title: string;
  description: string;
  hints: Hints;
  long?: boolean;
  input: I;
  output: O;
  run: (
    input: z.output<z.ZodObject<I>>,
    place: Place,
  ) => Promise<Answer<z.input<z.ZodObject<O>> & { next?: string | undefined }>>;
}): Tool {
  const { long = false, output, run, ...rest } = given;
  const input = z.strictObject({ ...given.input, owner: ownerField });
  return {
    ...rest,
    long,
    input,
    output: z.object({ ...output, ...common }),
    run: async (raw, place) => run(checked(input, raw) as z.output<z.ZodObject<I>>, place),
  };
}

/** The input as it is meant; throws `invalid_input`. */
export function checked(input: z.ZodObject, raw: unknown): Record<string, unknown> {
  const result = input.safeParse(raw ?? {});
  if (result.success) return result.data;
  const names = Object.keys(input.shape);
  throw new TendError(
    'invalid_input',
    faultsOf(result.error, names),
    `Call it again with these alone: ${names.filter((name) => name !== 'owner').join(', ')}.`,
  );
}

/** A schema as hosts read it, without what says nothing to them. */
export function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema: json }) => {
      if (json.type === 'integer' && json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
      if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
    },
  });
  return rest;
}
