import { describe, expect, test } from 'vitest';
import { MANIFESTS, verifyIn } from './manifest.ts';

const script = (test: unknown, more: object = {}): string =>
  JSON.stringify({ scripts: { test }, ...more });
const NPM = 'package.json has a script "test"';

describe('the verification that a repository names', () => {
  test.each<[files: Record<string, string | null>, command: string, found: string]>([
    [{ 'package.json': script('vitest') }, 'npm test', NPM],
    [
      { 'package.json': script('vitest'), 'package-lock.json': '' },
      'npm test',
      `${NPM}, and package-lock.json is there`,
    ],
    [
      { 'package.json': script('vitest'), 'pnpm-lock.yaml': '' },
      'pnpm test',
      `${NPM}, and pnpm-lock.yaml is there`,
    ],
    [
      { 'package.json': script('vitest'), 'yarn.lock': '' },
      'yarn test',
      `${NPM}, and yarn.lock is there`,
    ],
    [
      { 'package.json': script('vitest'), 'bun.lockb': '' },
      'bun run test',
      `${NPM}, and bun.lockb is there`,
    ],
    [
      { 'package.json': script('vitest', { packageManager: 'pnpm@9.1.0' }), 'yarn.lock': '' },
      'pnpm test',
      `${NPM}, and names pnpm`,
    ],
    [{ 'package.json': script('vitest', { packageManager: 7 }) }, 'npm test', NPM],
    [
      { 'deno.json': '{"tasks":{"test":"deno test -A"}}' },
      'deno task test',
      'deno.json has a task "test"',
    ],
    [{ 'deno.jsonc': '{}' }, 'deno test', 'deno.jsonc is there'],
    [{ 'Cargo.toml': '[package]' }, 'cargo test', 'Cargo.toml is there'],
    [{ 'go.mod': 'module x' }, 'go test ./...', 'go.mod is there'],
    [{ 'pytest.ini': '' }, 'python -m pytest', 'pytest.ini is there'],
    [
      { 'pyproject.toml': '[tool.pytest.ini_options]' },
      'python -m pytest',
      'pyproject.toml names pytest',
    ],
    [
      { 'pyproject.toml': 'dev = ["pytest>=8"]' },
      'python -m pytest',
      'pyproject.toml names pytest',
    ],
    [
      { 'pyproject.toml': '[project]', 'tox.ini': '[pytest]' },
      'python -m pytest',
      'tox.ini names pytest',
    ],
    [{ 'setup.cfg': '[tool:pytest]' }, 'python -m pytest', 'setup.cfg names pytest'],
    [{ 'mix.exs': '' }, 'mix test', 'mix.exs is there'],
    [{ 'composer.json': script('phpunit') }, 'composer test', 'composer.json has a script "test"'],
    [{ Gemfile: '', '.rspec': '' }, 'bundle exec rspec', 'Gemfile and .rspec are there'],
    [
      { Gemfile: '', Rakefile: 'Rake::TestTask.new(:test)' },
      'bundle exec rake test',
      'Rakefile names a task "test"',
    ],
    [{ 'pom.xml': '' }, 'mvn -q -B test', 'pom.xml is there'],
    [{ 'pom.xml': '', mvnw: '' }, './mvnw -q -B test', 'pom.xml is there'],
    [{ 'build.gradle': '' }, 'gradle test', 'build.gradle is there'],
    [{ 'build.gradle.kts': '', gradlew: '' }, './gradlew test', 'build.gradle.kts is there'],
    [{ Makefile: 'all: x\n\ntest: all\n\techo' }, 'make test', 'Makefile has a target "test"'],
    [{ makefile: 'test:\n', Makefile: 'all:\n' }, 'make test', 'makefile has a target "test"'],
    // The first in order.
    [{ 'package.json': script('vitest'), 'Cargo.toml': '', Makefile: 'test:\n' }, 'npm test', NPM],
    [{ 'package.json': '{}', 'Cargo.toml': '' }, 'cargo test', 'Cargo.toml is there'],
  ])('%j', (files, command, found) => {
    expect(verifyIn(files)).toEqual({ command, found });
    for (const name of Object.keys(files)) expect(MANIFESTS).toContain(name);
  });

  test.each<Record<string, string | null>>([
    {},
    { 'package.json': null },
    { 'package.json': '{}' },
    { 'package.json': '{' },
    { 'package.json': 'null' },
    { 'package.json': '{"scripts":null}' },
    { 'package.json': script('echo "Error: no test specified" && exit 1') },
    { 'package.json': script(' ') },
    { 'package.json': script(7) },
    { 'pyproject.toml': '[project]\nname = "x"' },
    { 'composer.json': '{}' },
    { Gemfile: '' },
    { Gemfile: '', Rakefile: 'task :build' },
    { Rakefile: 'task :test' },
    { Makefile: 'all:\n\techo test:\n' },
    { Makefile: 'test := 1\ntests:\n' },
    { GNUmakefile: 'all:\n', Makefile: 'test:\n' },
    { 'README.md': 'run make test' },
  ])('%j names none', (files) => {
    expect(verifyIn(files)).toBeNull();
  });
});
