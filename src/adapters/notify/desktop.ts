import type { Notice } from '../../domain/notice.ts';
import { fitted } from './formats.ts';
import { findProgram, type Running, runProgram } from './program.ts';

/** A notification on the screen of who runs the daemon. */
export interface Desktop {
  kind: 'desktop';
}

const LONGEST_TITLE = 150;
const LONGEST_BODY = 500;

/** The ways to show one, the first that is installed; texts are arguments or input, never part of a program. */
const WAYS: readonly Way[] = [
  {
    programs: ['notify-send'],
    args: ({ title, body, urgency }) => [
      '--app-name=Tend',
      `--urgency=${urgency}`,
      '--',
      title,
      // Many servers read it as markup.
      body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    ],
    input: () => '',
  },
  {
    programs: ['osascript'],
    args: ({ title, body }) => [
      '-e',
      'on run argv',
      '-e',
      'display notification (item 2 of argv) with title (item 1 of argv)',
      '-e',
      'end run',
      '--',
      title,
      body,
    ],
    input: () => '',
  },
  {
    programs: ['powershell.exe', 'powershell', 'pwsh'],
    args: () => ['-NoProfile', '-NonInteractive', '-EncodedCommand', TOAST],
    input: ({ title, body }) => JSON.stringify({ title, body }),
  },
];

interface Way {
  programs: readonly string[];
  args: (shown: Shown) => string[];
  input: (shown: Shown) => string;
}

interface Shown {
  title: string;
  body: string;
  urgency: 'normal' | 'critical';
}

/** Reads title and body as JSON from its stdin; PowerShell takes a program in base 64 of UTF-16. */
const TOAST = Buffer.from(
  [
    '$shown = [Console]::In.ReadToEnd() | ConvertFrom-Json',
    'Add-Type -AssemblyName System.Windows.Forms, System.Drawing',
    '$icon = New-Object System.Windows.Forms.NotifyIcon',
    '$icon.Icon = [System.Drawing.SystemIcons]::Information',
    '$icon.Visible = $true',
    "$icon.ShowBalloonTip(8000, [string]$shown.title, [string]$shown.body, 'Info')",
    'Start-Sleep -Seconds 4',
    '$icon.Dispose()',
  ].join('\n'),
  'utf16le',
).toString('base64');

/** Answers the program that showed it. */
export async function showOnDesktop(notice: Notice, running: Running): Promise<string> {
  const path = running.environment['PATH'];
  for (const way of WAYS) {
    const file = way.programs.map((name) => findProgram(name, path)).find((one) => one !== null);
    if (file === undefined || file === null) continue;
    const shown: Shown = {
      title: fitted(notice.title, LONGEST_TITLE),
      body: fitted(notice.lines.join('\n'), LONGEST_BODY),
      urgency: notice.tone === 'ask' ? 'critical' : 'normal',
    };
    const { failure, output } = await runProgram(
      [file, ...way.args(shown)],
      way.input(shown),
      running,
    );
    if (failure === null) return `${file} showed it`;
    throw new Error(`${file} ${failure}${output === '' ? '' : `: ${output.slice(-200)}`}`);
  }
  throw new Error(
    'there is no program that shows notifications (notify-send, osascript or PowerShell)',
  );
}
