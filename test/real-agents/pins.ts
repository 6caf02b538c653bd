/** The programs that are run, each at one version: what they print changes with it. */
export interface Pin {
  name: string;
  package: string;
  version: string;
  /** What the program is, below the installed `node_modules`; for Linux on x64 or arm64. */
  program: (arch: string) => string;
}

/**
 * Installed without scripts. Claude Code and opencode are one native binary each, which their packages put in
 * place of a stub by such a script; here it is called where it lies.
 */
export const PINS: readonly Pin[] = [
  {
    name: 'claude',
    package: '@anthropic-ai/claude-code',
    version: '2.1.329',
    program: (arch) => `@anthropic-ai/claude-code-linux-${arch}/claude`,
  },
  {
    name: 'codex',
    package: '@openai/codex',
    version: '0.169.0',
    program: () => '.bin/codex',
  },
  {
    name: 'gemini',
    package: '@google/gemini-cli',
    version: '0.61.0',
    program: () => '.bin/gemini',
  },
  {
    name: 'opencode',
    package: 'opencode-ai',
    version: '1.18.33',
    program: (arch) => `opencode-linux-${arch}/bin/opencode`,
  },
  {
    name: 'qwen',
    package: '@qwen-code/qwen-code',
    version: '0.24.4',
    program: () => '.bin/qwen',
  },
  {
    name: 'copilot',
    package: '@github/copilot',
    version: '1.0.102',
    program: () => '.bin/copilot',
  },
];
