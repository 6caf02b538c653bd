import { z } from 'zod';
import { type Input, INPUT_STATES, inputId } from '../domain/input.ts';
import { iso, isoOrNull } from './time-view.ts';

const time = z.iso.datetime().meta({ description: 'UTC' });

/** What was sent to a task; never the text itself. */
export const inputView = z
  .object({
    id: z.string(),
    at: time.meta({ description: 'When it was accepted.' }),
    bytes: z.int(),
    end: z.boolean().meta({ description: 'The stdin of the command ends after it.' }),
    state: z.enum(INPUT_STATES).meta({
      description:
        'accepted: stored, it will be written once; written: all of it is in the stdin of the command, which need not have read it; dropped: the command closed its stdin or ended before that was known.',
    }),
    writtenAt: time.nullable(),
  })
  .meta({ id: 'Input' });

export const viewOfInput = (
  taskId: string,
  attempt: number,
  input: Input,
): z.infer<typeof inputView> => ({
  id: inputId(taskId, attempt, input),
  at: iso(input.at),
  bytes: input.bytes,
  end: input.end,
  state: input.state,
  writtenAt: isoOrNull(input.writtenAt),
});
