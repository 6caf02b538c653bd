import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SoloCommand } from './launcher.ts';
import { words } from './run.ts';
import { readSpec } from './spec.ts';
import type { TaskSpec } from '../../domain/task.ts';

/** One PowerShell string that stands for exactly `text`. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** One argument of a Windows command line, by the rules of CommandLineToArgvW. */
export function windowsArgument(text: string): string {
  if (text !== '' && !/[\s"]/.test(text)) return text;
  return `"${text.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

/**
 * The wrapper of one attempt as a PowerShell file: claims exclusively, runs, records. It is a file and no
 * command line, so that no quoting of another shell comes between.
 */
export function windowsWrapper(spec: TaskSpec, folder: string): string {
  const { work, cwd, streams } = spec;
  const [program = '', ...args] =
    'command' in work ? [work.shell, '/d', '/s', '/c', work.command] : words(work);
  const [stdout, stderr] = streams === 'split' ? ['stdout', 'stderr'] : ['output', 'output.stderr'];
  const path = (name: string): string => literal(`${folder}\\${name}`);
  const line = args.map(windowsArgument).join(' ');
  return [
    "$ErrorActionPreference = 'Stop'",
    'try {',
    `  $claim = [IO.File]::Open(${path('claim')}, 'CreateNew', 'Write', 'Read')`,
    '} catch { exit 125 }',
    '$text = [Text.Encoding]::ASCII.GetBytes("$PID unknown windows`n")',
    '$claim.Write($text, 0, $text.Length)',
    '$claim.Dispose()',
    'try {',
    '  $start = @{',
    `    FilePath = ${literal(program)}`,
    ...(line === '' ? [] : [`    ArgumentList = ${literal(line)}`]),
    `    WorkingDirectory = ${literal(cwd)}`,
    `    RedirectStandardOutput = ${path(stdout)}`,
    `    RedirectStandardError = ${path(stderr)}`,
    '  }',
    '  $child = Start-Process @start -WindowStyle Hidden -PassThru',
    '  $null = $child.Handle',
    '  $child.WaitForExit()',
    '  $code = $child.ExitCode -band 255',
    '} catch {',
    `  [IO.File]::WriteAllText(${path('refused')}, "$_".Replace("\`n", ' ') + "\`n")`,
    '  $code = 126',
    '}',
    `[IO.File]::WriteAllText(${path('exit')}, "$code\`n")`,
    '',
  ].join('\r\n');
}

/** How the wrapper's file is run. */
export const windowsArguments = (file: string): string[] => [
  '-NoLogo',
  '-NoProfile',
  '-NonInteractive',
  '-ExecutionPolicy',
  'Bypass',
  '-WindowStyle',
  'Hidden',
  '-File',
  file,
];

/** The wrapper of one attempt under PowerShell. */
export const windowsCommand =
  (tasks: string): SoloCommand =>
  (attempt) => {
    const folder = join(tasks, attempt);
    const read = readSpec(folder);
    if (read.kind === 'unreadable') throw new Error(`${folder} cannot be launched: ${read.why}`);
    const file = join(folder, 'wrapper.ps1');
    writeFileSync(file, windowsWrapper(read.file.spec, folder));
    return { program: 'powershell.exe', args: windowsArguments(file) };
  };
