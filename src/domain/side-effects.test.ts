import { describe, expect, test } from 'vitest';
import type { AgentEvent } from './agent-event.ts';
import { EMPTY_REPORT, fold } from './agent-report.ts';
import { outsideOf } from './side-effects.ts';

const ran = (command: string): AgentEvent => ({
  kind: 'command_run',
  command,
  exitCode: 0,
  output: '',
});
const called = (tool: string, summary = ''): AgentEvent => ({
  kind: 'tool_started',
  tool,
  callId: null,
  summary,
});

describe('a command that acts on the world', () => {
  test.each([
    'git push',
    'git push --tags origin main',
    'git -C sub -c user.name=me push',
    'cd web && git push',
    "/bin/bash -lc 'git push origin HEAD'",
    'bash -c "npm ci; npm publish"',
    'GIT_SSH=x sudo git push',
    'npm publish --access public',
    'yarn npm publish',
    'cargo publish',
    'uv publish',
    'gem push a.gem',
    'docker push me/image:1',
    'docker buildx build --push -t me/image .',
    'twine upload dist/*',
    'gh pr create --fill',
    'gh issue comment 4 --body no',
    'gh api -X POST repos/a/b/issues',
    'curl -X POST https://api.example/v1/things',
    'curl -sS https://hooks.example/x -d "{}"',
    'wget --post-data=a https://api.example',
    'ssh host uptime',
    'scp a.txt me@host:',
    'rsync -a dist/ host:www',
    'kubectl -n prod apply -f x.yaml',
    'helm upgrade web ./chart',
    'terraform apply -auto-approve',
    'pulumi up --yes',
    'ansible-playbook site.yml',
    'vercel deploy --prod',
    'fly deploy',
    'aws s3 cp a s3://b/c',
    'gcloud run services delete web',
    'mail -s hi me@example.org < a',
    'make deploy',
    'npm run release',
    'pnpm publish:all',
    'git add . && git commit -m x && git push',
  ])('%s', (command) => {
    expect(outsideOf(ran(command))).toBe(command);
    expect(outsideOf(called('Bash', command))).toBe(command);
    expect(outsideOf(called('shell', command))).toBe(command);
  });
});

describe('a command that does not', () => {
  test.each([
    'git status',
    'git commit -m "push it"',
    'git push --dry-run',
    'grep -r "git push" .',
    'git stash push',
    'git log origin/main',
    'npm test',
    'npm run build',
    'npm publish --dry-run',
    'cargo build --release',
    'docker build .',
    'gh pr list',
    'gh api repos/a/b',
    'curl https://example.org/data.json',
    'curl -X POST http://localhost:3000/x -d a',
    'curl -d a 127.0.0.1:80',
    'wget https://example.org/a.tgz',
    'scp a b',
    'rsync -a a/ b/',
    'kubectl get pods',
    'terraform plan',
    'aws s3 ls',
    'make',
    'make released-notes.txt',
    'cat ssh.md',
    'ls mail',
    './run.sh',
  ])('%s', (command) => {
    expect(outsideOf(ran(command))).toBeNull();
    expect(outsideOf(called('Bash', command))).toBeNull();
  });
});

test.each([
  ['mcp__slack__send_message', 'hello', 'mcp__slack__send_message hello'],
  ['mcp__github__createIssue', '', 'mcp__github__createIssue'],
  ['linear.create_issue', 'x', 'linear.create_issue x'],
  ['mcp__github__get_issue', '', null],
  ['linear.list_issues', '', null],
  ['mcp__filesystem__create_directory', 'a', null],
  ['memory.delete_entities', 'a', null],
  ['Write', 'a.txt', null],
  ['Edit', 'git push', null],
  ['WebFetch', 'https://example.org', null],
  ['web_search', 'how to deploy', null],
])('a tool of a server: %s %s', (tool, told, expected) => {
  expect(outsideOf(called(tool, told))).toBe(expected);
});

test('what a subagent does counts, as far as it is told', () => {
  const working = (summary: string, status: 'working' | 'started' = 'working'): AgentEvent => ({
    kind: 'subagent',
    id: 'a',
    status,
    summary,
  });
  expect(outsideOf(working('Bash git push'))).toBe('git push');
  expect(outsideOf(working('mcp__slack__send_message hi'))).toBe('mcp__slack__send_message hi');
  expect(outsideOf(working('Read a.txt'))).toBeNull();
  expect(outsideOf(working('thinking'))).toBeNull();
  expect(outsideOf(working('Bash git push', 'started'))).toBeNull();
});

test('words and files show nothing', () => {
  const quiet: AgentEvent[] = [
    { kind: 'text', text: 'git push' },
    { kind: 'file_changed', path: 'a', change: 'add' },
    { kind: 'tool_finished', tool: 'Bash', callId: null, ok: true, summary: 'git push' },
  ];
  for (const event of quiet) expect(outsideOf(event)).toBeNull();
});

test('a long line is looked at from its beginning, and told short', () => {
  const long = `git push ${'a'.repeat(900)}`;
  expect(outsideOf(ran(long))).toHaveLength(200);
  expect(outsideOf(ran(long))).toMatch(/^git push a+…$/);
  expect(outsideOf(ran(`cat <<E\n${'a'.repeat(5_000)}\nE\ngit push`))).toBeNull();
});

test('many options take no time', () => {
  expect(outsideOf(ran(`git ${'--a '.repeat(900)}`))).toBeNull();
  expect(outsideOf(ran(`${'A=1 '.repeat(900)}x`))).toBeNull();
  expect(outsideOf(ran('curl '.repeat(800)))).toBeNull();
  expect(outsideOf(ran('; git -c a'.repeat(400)))).toBeNull();
});

test('a report keeps the first act, and nothing where there was none', () => {
  const report = { ...EMPTY_REPORT };
  fold(report, ran('ls'), null);
  expect(report.outside).toBeUndefined();
  for (const command of ['git push', 'npm publish']) fold(report, ran(command), null);
  expect(report.outside).toBe('git push');
});
