/** `tend completion`: the script that makes a shell complete tend's words. */
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { usage } from './failure.ts';
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
  const script = await captured(shell);
  if (json) return out.json({ shell, script });
  await out.write(script);
}

/** The library prints by console.log only. */
async function captured(shell: Shell): Promise<string> {
  const { default: tab } = await import('@bomb.sh/tab');
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    tab.setup('tend', 'tend', shell);
  } catch (error) {
    throw usage(`there is no completion for ${shell}: ${(error as Error).message}`);
  } finally {
    console.log = log;
  }
  return `${lines.join('\n')}\n`;
}
