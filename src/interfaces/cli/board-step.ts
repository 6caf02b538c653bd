/** What follows from a message: another model, and what is to be done. */
import type { Act, Model, Note } from './board-model.ts';

export type Effect =
  | { readonly do: 'leave' }
  | { readonly do: 'suspend' }
  | { readonly do: 'redraw' }
  | { readonly do: 'mouse'; readonly on: boolean }
  /** The task that is looked at, whose history is wanted; null = none. */
  | { readonly do: 'look'; readonly id: string | null }
  | { readonly do: 'logs'; readonly id: string | null }
  | { readonly do: 'act'; readonly act: Act; readonly id: string; readonly text?: string }
  | { readonly do: 'answer'; readonly id: string; readonly text: string };

export type Step = readonly [Model, readonly Effect[]];

/** How long a note stays, in ms; what went wrong stays longer. */
const NOTE = { good: 4_000, plain: 6_000, bad: 12_000 } as const;

export const noted = (model: Model, text: string, kind: Note['kind'] = 'plain'): Model => ({
  ...model,
  note: { text, kind, since: model.now, until: model.now + NOTE[kind] },
});
