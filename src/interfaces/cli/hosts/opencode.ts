/** opencode (checked with 1.18.33): a plugin of ours in its process. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type HostKind, isObject, type Place } from './host.ts';
import { pluginText } from './opencode-plugin.ts';
import { isOurServer, skillFile } from './server-and-skill.ts';

/** It reads all of them; the one that is there is written to. */
const NAMES = ['opencode.jsonc', 'opencode.json'];

const configIn = (folder: string): string =>
  NAMES.map((name) => join(folder, name)).find((path) => existsSync(path)) ??
  join(folder, 'opencode.json');

const userFolder = ({ home, env }: Place): string =>
  join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'opencode');

export const opencode: HostKind = {
  name: 'opencode',
  title: 'opencode',
  voice: {
    session: (given) => given['session_id'],
    context: (_, text) => ({ text }),
    stop: (text) => ({ text }),
    isStopping: () => false,
    tool: () => null,
    tells: true,
    wake: { idle: () => true, answer: (text) => ({ json: { text }, exitCode: 0 }) },
  },
  wishes: (place) => {
    const { project, command } = place;
    const folder = project === null ? userFolder(place) : join(project, '.opencode');
    return [
      {
        kind: 'json',
        path: configIn(project ?? folder),
        entries: [
          {
            kind: 'property',
            at: ['mcp', 'tend'],
            value: { type: 'local', command: [...command, 'mcp'], enabled: true },
            isOurs: (value) =>
              isObject(value) && Array.isArray(value['command']) && isOurServer(value['command']),
          },
        ],
      },
      {
        kind: 'own',
        path: join(folder, 'plugins', 'tend.js'),
        text: pluginText(command),
        comment: (line) => `// ${line}`,
      },
      skillFile(place, 'opencode', join(folder, 'skills')),
    ];
  },
  notes: () => ['Sessions that are open now take it up when opencode is started anew.'],
};
