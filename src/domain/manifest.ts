/** What was found to be the verification of a repository, and where. */
export interface FoundVerify {
  command: string;
  /** The file that says so, and why. */
  found: string;
}

/** Contents by name, at the root of where the task works; null or left out = there is no such file. */
type Files = Readonly<Record<string, string | null>>;

/** Whose lock file lies beside `package.json`. */
const LOCKS = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
} as const;

/** Names of all files that `verifyIn` looks at. */
export const MANIFESTS = [
  'package.json',
  ...(Object.keys(LOCKS) as (keyof typeof LOCKS)[]),
  'deno.json',
  'deno.jsonc',
  'Cargo.toml',
  'go.mod',
  'pyproject.toml',
  'pytest.ini',
  'tox.ini',
  'setup.cfg',
  'mix.exs',
  'composer.json',
  'Gemfile',
  'Rakefile',
  '.rspec',
  'pom.xml',
  'mvnw',
  'build.gradle',
  'build.gradle.kts',
  'gradlew',
  'GNUmakefile',
  'makefile',
  'Makefile',
] as const;
type Manifest = (typeof MANIFESTS)[number];

type Rule = (read: (name: Manifest) => string | null) => FoundVerify | null;

/** In this order: the first that says something counts. */
const RULES: readonly Rule[] = [
  node,
  (read) => {
    const file = first(read, 'deno.json', 'deno.jsonc');
    if (file === null) return null;
    return /"test"\s*:/.test(file.text)
      ? { command: 'deno task test', found: `${file.name} has a task "test"` }
      : { command: 'deno test', found: `${file.name} is there` };
  },
  (read) => there(read, 'Cargo.toml', 'cargo test'),
  (read) => there(read, 'go.mod', 'go test ./...'),
  python,
  (read) => there(read, 'mix.exs', 'mix test'),
  (read) =>
    scripts(read('composer.json'))['test'] === undefined
      ? null
      : { command: 'composer test', found: 'composer.json has a script "test"' },
  ruby,
  (read) => there(read, 'pom.xml', read('mvnw') === null ? 'mvn -q -B test' : './mvnw -q -B test'),
  (read) => {
    const file = first(read, 'build.gradle', 'build.gradle.kts');
    const program = read('gradlew') === null ? 'gradle' : './gradlew';
    return file === null ? null : there(read, file.name, `${program} test`);
  },
  // make looks for them in this order.
  (read) => {
    const file = first(read, 'GNUmakefile', 'makefile', 'Makefile');
    return file !== null && /^test\s*:(?!=)/m.test(file.text)
      ? { command: 'make test', found: `${file.name} has a target "test"` }
      : null;
  },
];

/** The verification that the manifests of a repository name; null = none does, and nothing is guessed. */
export function verifyIn(files: Files): FoundVerify | null {
  const read = (name: Manifest): string | null => files[name] ?? null;
  for (const rule of RULES) {
    const found = rule(read);
    if (found !== null) return found;
  }
  return null;
}

type Read = Parameters<Rule>[0];

function first<N extends Manifest>(
  read: Read,
  ...names: readonly N[]
): { name: N; text: string } | null {
  for (const name of names) {
    const text = read(name);
    if (text !== null) return { name, text };
  }
  return null;
}

const there = (read: Read, name: Manifest, command: string): FoundVerify | null =>
  read(name) === null ? null : { command, found: `${name} is there` };

/** What `npm init` writes. */
const PLACEHOLDER = /no test specified/i;

function node(read: Read): FoundVerify | null {
  const manifest = read('package.json');
  const test = scripts(manifest)['test'];
  if (typeof test !== 'string' || test.trim() === '' || PLACEHOLDER.test(test)) return null;
  const named = /^(npm|pnpm|yarn|bun)@/.exec(String(fields(manifest)['packageManager']))?.[1];
  const lock = first(read, ...(Object.keys(LOCKS) as (keyof typeof LOCKS)[]))?.name ?? null;
  const by = named ?? (lock === null ? 'npm' : LOCKS[lock]);
  const why =
    named === undefined ? (lock === null ? '' : `, and ${lock} is there`) : `, and names ${by}`;
  return {
    // `bun test` is bun's own runner, whatever the script says.
    command: by === 'bun' ? 'bun run test' : `${by} test`,
    found: `package.json has a script "test"${why}`,
  };
}

function python(read: Read): FoundVerify | null {
  const command = 'python -m pytest';
  if (read('pytest.ini') !== null) return { command, found: 'pytest.ini is there' };
  for (const [name, sign] of [
    ['pyproject.toml', /^\[tool\.pytest\b|\bpytest\b/m],
    ['tox.ini', /^\[pytest\]|\bpytest\b/m],
    ['setup.cfg', /^\[tool:pytest\]|\bpytest\b/m],
  ] as const)
    if (sign.test(read(name) ?? '')) return { command, found: `${name} names pytest` };
  return null;
}

function ruby(read: Read): FoundVerify | null {
  if (read('Gemfile') === null) return null;
  if (read('.rspec') !== null)
    return { command: 'bundle exec rspec', found: 'Gemfile and .rspec are there' };
  return /\btest\b/i.test(read('Rakefile') ?? '')
    ? { command: 'bundle exec rake test', found: 'Rakefile names a task "test"' }
    : null;
}

const scripts = (manifest: string | null): Readonly<Record<string, unknown>> => {
  const found = fields(manifest)['scripts'];
  return typeof found === 'object' && found !== null ? { ...found } : {};
};

function fields(manifest: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(manifest ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
