/** The files by which an init system keeps the daemon running. */
import { join } from 'node:path';

export interface Service {
  /** Where the file belongs. */
  path: string;
  content: string;
  /** The exact commands that switch it on. */
  enable: string[];
}

/** What the text depends on. */
export interface ServiceFacts {
  platform: NodeJS.Platform;
  home: string;
  configHome: string | undefined;
  node: string;
  entry: string;
  /** TEND_HOME, when it is set. */
  stateHome: string | undefined;
  path: string;
  uid: number | undefined;
}

/** The unit or property list for this system; null where tend knows no init system. */
export function service(facts: ServiceFacts): Service | null {
  if (facts.platform === 'linux') return systemd(facts);
  return facts.platform === 'darwin' ? launchd(facts) : null;
}

/** A word of a unit file: specifiers, variables and quotes taken literally. */
const unitWord = (word: string): string =>
  `"${word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;

/** An assignment in a unit file, where `$` needs no doubling. */
const unitAssignment = (name: string, value: string): string =>
  `Environment="${name}=${value.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;

function systemd({ home, configHome, node, entry, stateHome, path }: ServiceFacts): Service {
  const environment = [unitAssignment('PATH', path)];
  if (stateHome !== undefined) environment.push(unitAssignment('TEND_HOME', stateHome));
  const content = `[Unit]
Description=Tend, background tasks that are not lost

[Service]
Type=notify
ExecStart=${unitWord(node)} ${unitWord(entry)}
${environment.join('\n')}
# Tasks outlive the daemon: only its own process is ended, and the next daemon adopts them.
KillMode=process
Restart=on-failure
RestartSec=1

[Install]
WantedBy=default.target
`;
  return {
    path: join(configHome ?? join(home, '.config'), 'systemd', 'user', 'tend.service'),
    content,
    enable: ['systemctl --user daemon-reload', 'systemctl --user enable --now tend.service'],
  };
}

const LABEL = 'dev.tend.daemon';

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function launchd({ home, node, entry, stateHome, path, uid }: ServiceFacts): Service {
  const variables: [string, string][] = [['PATH', path]];
  if (stateHome !== undefined) variables.push(['TEND_HOME', stateHome]);
  const environment = variables
    .map(([name, value]) => `    <key>${name}</key><string>${xml(value)}</string>`)
    .join('\n');
  const file = join(home, 'Library', 'LaunchAgents', `${LABEL}.plist`);
  const content = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
    <string>${xml(node)}</string>
    <string>${xml(entry)}</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${environment}
  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key>
  <dict><key>SuccessfulExit</key><false/></dict>
  <!-- Tasks outlive the daemon: the next one adopts them. -->
  <key>AbandonProcessGroup</key><true/>
</dict>
</plist>
`;
  const target = uid === undefined ? 'user' : `gui/${uid}`;
  return { path: file, content, enable: [`launchctl bootstrap ${target} ${file}`] };
}
