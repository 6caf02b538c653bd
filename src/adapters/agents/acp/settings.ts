import { asObject, child, type Json, list, text } from '../json.ts';

/** A request that sets what a session offers to set. */
export interface Choice {
  method: string;
  params: object;
}

/** How a session's mode is set; null = the agent does not offer it. */
export function modeChoice(sessionId: string, session: Json, mode: string): Choice | null {
  const offered = list(child(session, 'modes'), 'availableModes').map(asObject);
  if (offered.some((one) => one !== null && text(one, 'id') === mode))
    return { method: 'session/set_mode', params: { sessionId, modeId: mode } };
  const option = optionOf(session, 'mode');
  return option !== null && valueOf(option, mode) !== null
    ? optionChoice(sessionId, option, mode)
    : null;
}

/**
 * How a session's model is set; null = the agent does not offer it. A name that is not among those it lists is
 * for the agent to refuse.
 */
export function modelChoice(sessionId: string, session: Json, model: string): Choice | null {
  const option = optionOf(session, 'model');
  if (option !== null) return optionChoice(sessionId, option, valueOf(option, model) ?? model);
  // Not in the protocol any more, but still the only way of some agents.
  const models = asObject(session['models']);
  if (models === null) return null;
  const offered = list(models, 'availableModels').map(asObject);
  const named = offered.find((one) => one !== null && text(one, 'name') === model) ?? {};
  const modelId = text(named, 'modelId') ?? model;
  return { method: 'session/set_model', params: { sessionId, modelId } };
}

/** The model that a session begins with; null = not told. */
export function modelOf(session: Json): string | null {
  const option = optionOf(session, 'model');
  return option === null
    ? text(child(session, 'models'), 'currentModelId')
    : text(option, 'currentValue');
}

const optionChoice = (sessionId: string, option: Json, value: string): Choice => ({
  method: 'session/set_config_option',
  params: { sessionId, configId: text(option, 'id') ?? '', value },
});

/** The session's option for `category`. */
function optionOf(session: Json, category: string): Json | null {
  const options = list(session, 'configOptions').map(asObject);
  return options.find((option) => option !== null && text(option, 'category') === category) ?? null;
}

/** The value of `option` that has this value or name; options may stand in groups. */
function valueOf(option: Json, wanted: string): string | null {
  const flat = list(option, 'options')
    .map(asObject)
    .filter((one) => one !== null)
    .flatMap((one) => (Array.isArray(one['options']) ? list(one, 'options').map(asObject) : [one]))
    .filter((one) => one !== null);
  const found =
    flat.find((one) => text(one, 'value') === wanted) ??
    flat.find((one) => text(one, 'name') === wanted);
  return found === undefined ? null : text(found, 'value');
}
