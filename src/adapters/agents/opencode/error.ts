import { type AgentEvent, summary } from '../../../domain/agent-event.ts';
import type { AgentFailure } from '../../../domain/agent-outcome.ts';
import { child, type Json, number, shown, text } from '../json.ts';
import {
  bodyIn,
  failureOfProvider,
  givenUp,
  lowerCased,
  type ProviderError,
  type Told,
} from '../provider-error.ts';

/** Errors that say by their name what they are; others tell it by status, headers and body. */
const NAMES: ReadonlyMap<string, AgentFailure> = new Map([
  ['ProviderAuthError', 'auth_failed'],
  ['ProviderModelNotFoundError', 'model_unavailable'],
  ['ModelNotFoundError', 'model_unavailable'],
  ['ContextOverflowError', 'agent_error'],
  ['ContentFilterError', 'agent_error'],
  ['MessageOutputLengthError', 'no_final_answer'],
  // Its message may quote what a model was just writing.
  ['UnknownError', 'agent_error'],
]);

const ABORTED = 'MessageAbortedError';

export const failureOfName = (name: string): AgentFailure | null => NAMES.get(name) ?? null;

/** What an `error` line tells. */
export function errorEvents(error: Json, told: Told): AgentEvent[] {
  const data = child(error, 'data');
  const name = text(error, 'name') ?? 'error';
  const message = text(data, 'message') ?? text(error, 'message') ?? name;
  // Whoever stopped it knows why.
  if (name === ABORTED) return [{ kind: 'error', message: summary(message), failure: null }];
  const provider: ProviderError = {
    message,
    status: number(data, 'statusCode'),
    headers: lowerCased(child(data, 'responseHeaders')),
    body: bodyIn(shown(data['responseBody'])),
  };
  return givenUp(failureOfName(name) ?? failureOfProvider(provider), provider, told);
}
