import { namedIn, readBy } from './command-words.ts';
import { selection } from './globs.ts';

/** A changed path: added, modified, deleted (a renamed one too), or of another type. */
export interface Changed {
  path: string;
  kind: 'A' | 'M' | 'D' | 'T';
}

/** Tests, what they compare with, and what helps them: suspect when they were there before. */
export const isTest = selection([
  '*.{test,tests,spec,specs,e2e,cy,bats}.*',
  '*.bats',
  '*_{test,tests,spec}.*',
  '{test,tests,spec}_*.*',
  '*{Test,Tests,TestCase,Spec,IT}.{java,kt,kts,groovy,scala,cs,fs,vb,php,swift,m,mm}',
  '{test,tests,spec,specs,e2e,cypress,testing,testdata,testutil,testutils,test-utils,test_utils}',
  '{__tests__,__snapshots__,__mocks__,__fixtures__,fixtures,golden,goldens,Tests,Test,Specs}',
  '*.{snap,snapshot,golden,approved,expected}',
  '{test,tests,spec,specs}.{js,mjs,cjs,ts,mts,cts,jsx,tsx,py,rb,sh,php,lua,pl}',
]);

/** What says how a build or a test runner works, and what such a program would load without being told. */
const isConfiguration = selection([
  // JavaScript
  'package.json',
  '{vitest,vite,jest,playwright,cypress,mocha,karma,ava,wdio,nightwatch,jasmine,tsup,rollup,webpack}.{config,conf,workspace,setup}.*',
  '{jest,vitest,mocha,ava,test,tests}-{setup,config,preset}.*',
  '{globalSetup,global-setup,globalTeardown,global-teardown}.*',
  'setupTests.*',
  'setup-tests.*',
  '{.mocharc,.nycrc,.c8rc,.taprc,.jestrc,.babelrc,.swcrc,.eslintrc,.oxlintrc,.stylelintrc,.prettierrc}*',
  '{babel,eslint,oxlint,biome,prettier,stylelint,commitlint}.config.*',
  'biome.json*',
  'tsconfig*.json',
  'jsconfig.json',
  '.npmrc',
  '.yarnrc*',
  '.pnpmfile.*',
  'pnpm-workspace.yaml',
  'bunfig.toml',
  'deno.json*',
  '{nx,turbo,lerna,rush,wireit}.json',
  'node_modules',
  '.env.test*',
  // Python
  'conftest.py',
  '{pytest,.pytest}.ini',
  '{tox,nox,noxfile,mypy,.coveragerc,setup,ruff,.ruff}.{ini,cfg,py,toml}',
  '.coveragerc',
  '.flake8',
  'pyproject.toml',
  '{sitecustomize,usercustomize,pytest,unittest,_pytest}.py',
  '{_pytest,pytest,unittest}/',
  '*.pth',
  // Rust, Go
  'Cargo.toml',
  '.cargo/',
  'rust-toolchain*',
  'build.rs',
  '{clippy,.clippy,nextest,.nextest}.toml',
  '.config/nextest.toml',
  'go.work',
  // make and its like
  '{GNUmakefile,makefile,Makefile,Justfile,justfile,.justfile}',
  '*.mk',
  '{Taskfile,taskfile}*.{yml,yaml}',
  '{CMakeLists.txt,CTestConfig.cmake,CTestCustom.cmake,meson.build,BUILD,BUILD.bazel,WORKSPACE,MODULE.bazel}',
  'build.ninja',
  // JVM, PHP, Ruby, Elixir, .NET
  '{pom.xml,mvnw,mvnw.cmd,gradlew,gradlew.bat,gradle.properties,testng.xml}',
  '*.{gradle,gradle.kts,sbt,csproj,fsproj,vbproj,sln,runsettings}',
  'Directory.Build.*',
  '{phpunit,phpcs,phpstan,psalm,pest}*.{xml,neon,dist,php}',
  'phpunit.xml.dist',
  'composer.json',
  '{Gemfile,Rakefile,rakefile,.rspec,.rubocop.yml,Guardfile}',
  '{mix.exs,.formatter.exs,.credo.exs}',
  // What sets the machine up
  '{Dockerfile,docker-compose,compose,tilt}*',
  '{.tool-versions,.mise.toml,mise.toml,.nvmrc,.node-version,.python-version}',
  '.pre-commit-config.yaml',
  '{lefthook,.lefthook}.{yml,yaml}',
  '.husky/',
  '.githooks/',
]);

const isPipeline = selection([
  '.github/workflows/',
  '.github/actions/',
  '.gitlab-ci.{yml,yaml}',
  '.gitlab/ci/',
  '.circleci/',
  '.buildkite/',
  '.drone.{yml,yaml}',
  '.woodpecker*',
  '.travis.yml',
  '{azure-pipelines,bitbucket-pipelines,appveyor,.appveyor,cloudbuild}.{yml,yaml}',
  'Jenkinsfile*',
]);

/** What of the repository, as it was in the base, a command reads: by its path. */
export type Contents = Readonly<Record<string, string | null>>;

/**
 * The changed paths by which the task itself is checked: tests that were there before, configuration and pipelines (new
 * ones too, for they may stand in the way of others), and what the command names, or what that names in `contents`.
 * `subfolder`: where below the root the command runs.
 */
export function suspectsIn(
  paths: readonly Changed[],
  command: string,
  contents: Contents = {},
  subfolder = '',
): string[] {
  const isNamed = namedIn(command, contents, subfolder);
  return paths
    .filter(
      ({ path, kind }) =>
        isConfiguration(path) ||
        isPipeline(path) ||
        (kind !== 'A' && isTest(path)) ||
        isNamed(path),
    )
    .map(({ path }) => path);
}

/** What is to be read of the base before `suspectsIn` knows all that the command runs; empty = `contents` has it all. */
export const unreadOf = (command: string, contents: Contents, subfolder = ''): string[] =>
  readBy(command, contents, subfolder).filter((path) => contents[path] === undefined);

/** Says what the package is, and what it needs, but not what is run. */
const HARMLESS = [
  'version',
  'description',
  'keywords',
  'author',
  'contributors',
  'maintainers',
  'license',
  'homepage',
  'repository',
  'bugs',
  'funding',
  'files',
  'sideEffects',
];
const DEPENDENCIES = [
  'dependencies',
  'devDependencies',
  'peerDependencies',
  'optionalDependencies',
];
/** A version of the registry. Anything else (a folder, an address, another package) may be anything. */
const VERSION = /^(?:workspace:)?[\w.\-+^~<>=|* ]*$/;

/**
 * Whether two versions of a manifest differ only in what cannot change a check: descriptions, and plain versions of what
 * is needed. Only `package.json` is understood.
 */
export function isHarmlessManifest(
  before: string | null,
  after: string | null,
  path: string,
): boolean {
  if (!/(?:^|\/)package\.json$/.test(path)) return false;
  const [old, now] = [fields(before), fields(after)];
  if (old === null || now === null) return false;
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].every(
    (key) =>
      HARMLESS.includes(key) ||
      same(old[key], now[key]) ||
      (DEPENDENCIES.includes(key) && isPlain(old[key], now[key])),
  );
}

type Fields = Readonly<Record<string, unknown>>;

function fields(text: string | null): Fields | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isPlain(before: unknown, after: unknown): boolean {
  if (after === undefined) return true;
  if (!isFields(after)) return false;
  const old = isFields(before) ? before : {};
  return Object.entries(after).every(
    ([name, version]) =>
      old[name] === version || (typeof version === 'string' && VERSION.test(version)),
  );
}

/** Whether two JSON values are the same, in whatever order their keys stand. */
function same(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  return (
    Array.isArray(one) === Array.isArray(other) &&
    keys.length === others.length &&
    keys.every((key) => same((one as Fields)[key], (other as Fields)[key]))
  );
}
