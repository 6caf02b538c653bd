/** `tend completion`: the script that makes a shell complete tend's words. */
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { oneOf } from './options.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
type Shell = (typeof SHELLS)[number];

const EXAMPLES = `
Examples:
  source <(tend completion bash)             in ~/.bashrc
  source <(tend completion zsh)              in ~/.zshrc
  tend completion fish > ~/.config/fish/completions/tend.fish
  tend completion powershell | Out-String | Invoke-Expression`;

export function define(command: Command, context: Context): void {
  command
    .description('Print a completion script for your shell.')
    .argument('<shell>', SHELLS.join(', '), oneOf('shell', SHELLS))
    .option('--json', 'the script as a JSON value')
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell, { json }: { json?: boolean }) => print(context, shell, json === true));
}

async function print({ out }: Context, shell: Shell, json: boolean): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab');
  const script = shell === 'bash' ? BASH : captured(() => tab.setup('tend', 'tend', shell));
  await (json ? out.json({ shell, script }) : out.write(script));
}

/**
 * The library's script for bash evaluates the words as they are typed, so that pressing tab would already run
 * a `$(…)` or truncate the file behind a `>`; it also needs the bash-completion package. This one does neither.
 */
const BASH = `# bash completion for tend
_tend() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(tend complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _tend tend
`;

/** What `act` prints: the completion library knows console.log only. */
export function captured(act: () => void): string {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    act();
  } finally {
    console.log = log;
  }
  return `${lines.join('\n')}\n`;
}
