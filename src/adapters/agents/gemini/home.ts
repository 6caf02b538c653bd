import * as fs from 'node:fs';
import { join } from 'node:path';
import { TendError } from '../../../domain/errors.ts';
import type { Launch, LaunchRequest, WorkerTools } from '../../../ports/agent.ts';
import { asObject, child, type Json } from '../json.ts';
import { ASK_PERSON, SERVER, SERVER_CALL } from '../worker-server.ts';

/** A home of Gemini in the attempt's folder. */
export const HOME = 'gemini-home';
export const SETTINGS = `${HOME}/.gemini/settings.json`;

/** Folders that Gemini makes by itself and has to find again: sessions, checkpoints. */
const KEPT = ['tmp', 'history'];

/** The settings with the server of the worker's tools. */
export const withServer = (settings: Json, { command, args, env }: WorkerTools): Json => ({
  ...settings,
  mcpServers: {
    ...child(settings, 'mcpServers'),
    // Without a terminal, a tool that is called like Gemini's own `ask_user` is taken away, whosever it is.
    [SERVER]: { command, args, env: { ...env, ...ASK_PERSON }, trust: true, timeout: SERVER_CALL },
  },
});

/**
 * The person's own home of Gemini but for its settings, which the server of the worker's tools is added to: no flag
 * names a server, and files of the machine's defaults count only where they are root's.
 */
export function homeWithServer(
  tools: WorkerTools,
  environment: LaunchRequest['environment'],
): Pick<Launch, 'files' | 'links'> {
  const home = [environment['GEMINI_CLI_HOME'], environment['HOME']].find((one) => one);
  if (home === undefined)
    throw new TendError('unsupported', 'Gemini has no home folder', 'Set HOME or GEMINI_CLI_HOME.');
  const own = join(home, '.gemini');
  const linked = namesIn(own).filter((name) => name !== 'settings.json' && !KEPT.includes(name));
  const beside = namesIn(home).filter((name) => name === '.env' || name === '.agents');
  const settings = settingsAt(join(own, 'settings.json'));
  return {
    files: { [SETTINGS]: `${JSON.stringify(withServer(settings, tools))}\n` },
    links: {
      ...linksTo(HOME, home, beside),
      ...linksTo(`${HOME}/.gemini`, own, linked),
      ...linksTo(`${HOME}/.gemini`, own, KEPT, '/'),
    },
  };
}

const linksTo = (
  place: string,
  folder: string,
  names: readonly string[],
  end = '',
): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${place}/${name}`, join(folder, name) + end]));

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** What the file says; there may be none. */
function settingsAt(path: string): Json {
  let text: string;
  try {
    text = fs.readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  try {
    const given = asObject(JSON.parse(uncommented(text)));
    if (given !== null) return given;
  } catch {
    // Told below.
  }
  throw new TendError(
    'unsupported',
    `Gemini's settings in ${path} are no JSON`,
    'Correct that file: the tools of the task are added to a copy of it.',
  );
}

/** Gemini allows comments in its settings. */
const uncommented = (text: string): string =>
  text.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1');
