import { type AgentEvent, summary } from './agent-event.ts';

/**
 * What an agent did outside the folder of its task, as far as one of its events shows it: the command or the tool, in
 * a line; null = the event shows nothing of the kind.
 *
 * Only what plainly pushes, publishes, deploys or sends counts. A command counts from its start on, whatever it came to:
 * half of it may have happened. Commands that a script hides are not seen, and servers on this machine do not count.
 */
export function outsideOf(event: AgentEvent): string | null {
  switch (event.kind) {
    case 'command_run':
      return commandOutside(event.command);
    case 'tool_started':
      return SHELLS.test(event.tool)
        ? commandOutside(event.summary)
        : toolOutside(event.tool, event.summary);
    case 'subagent': {
      // Of what a subagent does some agents tell the name of the tool and what it was asked.
      const [, tool = '', told = ''] = /^(\S+) (.*)$/.exec(event.summary) ?? [];
      if (event.status !== 'working') return null;
      return SHELLS.test(tool) ? commandOutside(told) : toolOutside(tool, told);
    }
    default:
      return null;
  }
}

const LONGEST_ACT = 200;
const inALine = (text: string): string => {
  const line = summary(text);
  return line.length <= LONGEST_ACT ? line : `${line.slice(0, LONGEST_ACT - 1)}…`;
};

/** Tools that run a command line, as agents call them. */
const SHELLS =
  /^(?:bash|sh|shell|powershell|terminal|execute|run_shell_command|run_terminal_cmd|exec_command)$/i;

/** Tools of a server: `mcp__server__tool`, or `server.tool`. */
const OF_SERVER = /^(?:mcp__(.+?)__(.+)|([\w-]+)\.([\w-]+))$/;
/** Servers that work on this machine alone. */
const LOCAL = /^(?:filesystem|fs|files|memory|git|sequential-?thinking|time|ide)$/i;
/** Words in the name of a tool that changes what others see. */
const ACTS = new Set(
  (
    'send post publish push deploy create update delete remove merge comment reply upload ' +
    'submit invite assign close reopen approve book order pay buy transfer trigger dispatch'
  ).split(' '),
);

function toolOutside(tool: string, told: string): string | null {
  const [, server = '', name = '', owner = '', called = ''] = OF_SERVER.exec(tool) ?? [];
  if (LOCAL.test(server || owner)) return null;
  const words = (name || called)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_-]+/);
  return words.some((word) => ACTS.has(word)) ? inALine(`${tool} ${told}`) : null;
}

/** The start of a command: of the line, after an operator, after `sh -c '`, behind variables and sudo. */
const START = String.raw`(?:^|[;&|(\n\x60]|\s-\w*c\s+['"])\s*(?:(?:\w+=\S*|sudo|env|exec|time|nohup|command)\s+)*`;
const OPTIONS = String.raw`(?:\s+-[\w-]+(?:[= ][^\s-]\S*)?)*\s+`;

const command = (program: string, rest: string): RegExp =>
  new RegExp(`${START}(?:${program})${rest}`, 'i');

const COMMANDS: readonly RegExp[] = [
  command('git', String.raw`${OPTIONS}(?:push|send-email)\b(?![^;&|\n]*\s(?:--dry-run|-n)\b)`),
  command(
    'npm|pnpm|yarn|bun|cargo|poetry|uv|flit|hatch|lerna|wrangler|vsce|dart|flutter|jsr',
    String.raw`(?:\s+(?:npm|pub))?\s+(?:publish|unpublish)\b(?![^;&|\n]*\s--dry-run\b)`,
  ),
  command(
    'gem|docker|podman|helm|nuget|dotnet nuget',
    String.raw`(?:\s+(?:image|buildx))?\s+push\b`,
  ),
  command('docker|podman', String.raw`\s+[^;&|\n]*\s--push\b`),
  command('twine', String.raw`\s+upload\b`),
  command(
    'gh|glab',
    String.raw`\s+(?:pr|mr|issue|release|repo|gist|workflow|run|label|secret|variable)\s+(?:create|new|merge|close|reopen|comment|note|review|edit|update|delete|run|rerun|cancel|upload|ready|approve|set|fork|archive|rename|sync)\b`,
  ),
  command(
    'gh|glab',
    String.raw`\s+api\b[^;&|\n]*\s(?:-X\s*|--method[ =])(?:POST|PUT|PATCH|DELETE)\b`,
  ),
  command(
    'curl',
    String.raw`\b(?![^;&|\n]*(?:localhost|127\.0\.0\.1|\[::1\]))[^;&|\n]*\s(?:(?:-X\s*|--request[ =])(?:POST|PUT|PATCH|DELETE)\b|-[dFT]\b|--data|--form|--json|--upload-file)`,
  ),
  command(
    'wget',
    String.raw`\b(?![^;&|\n]*(?:localhost|127\.0\.0\.1|\[::1\]))[^;&|\n]*\s--(?:post-|method[ =](?:POST|PUT|PATCH|DELETE)|body-)`,
  ),
  command('ssh|sftp|mosh|ftp', String.raw`\s+\S`),
  command(
    'scp|rsync',
    String.raw`\s[^;&|\n]*\s(?:\w[\w.-]*@)?\w[\w.-]+:[^\s/]*\S*\s*(?:$|[;&|\n'"])`,
  ),
  command(
    'kubectl|oc',
    String.raw`${OPTIONS}(?:apply|create|delete|patch|replace|scale|set|rollout|edit|run|exec)\b`,
  ),
  command('helm', String.raw`\s+(?:install|upgrade|uninstall|rollback)\b`),
  command(
    'terraform|tofu|terragrunt|pulumi|cdk|sls|serverless',
    String.raw`${OPTIONS}(?:apply|destroy|up|deploy|remove)\b`,
  ),
  command('ansible-playbook', String.raw`\s+\S`),
  command(
    'vercel|netlify|fly|flyctl|firebase|wrangler|railway|heroku|gcloud|eb',
    String.raw`\s+[^;&|\n]*\b(?:deploy|publish|up|promote)\b`,
  ),
  command(
    'aws|gcloud|az',
    String.raw`\s+[^;&|\n]*\b(?:(?:create|delete|update|put|send|publish|run|start|stop|terminate|invoke)(?:-[\w-]+)?|cp|mv|rm|sync)\b`,
  ),
  command('mail|mailx|mutt|sendmail|msmtp|swaks', String.raw`\s+\S`),
  command(
    'make|just|task|(?:npm|pnpm|yarn|bun)(?:\\s+run)?',
    String.raw`\s+(?:deploy|publish|release|push)(?:[:-]\S+)?(?=$|[\s;&|'"])(?![^;&|\n]*\s--dry-run\b)`,
  ),
];

/** A longer line is a script with its data: so much of its beginning is looked at, in characters. */
const LONGEST_LINE = 4_000;

function commandOutside(line: string): string | null {
  const begins = line.slice(0, LONGEST_LINE);
  return COMMANDS.some((pattern) => pattern.test(begins)) ? inALine(line) : null;
}
