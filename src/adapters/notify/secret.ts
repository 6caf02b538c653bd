import { readFile } from 'node:fs/promises';

/** Where a secret is kept; it is read at each use, so that it can be changed without a restart. */
export type SecretSource =
  | { kind: 'value'; value: string }
  | { kind: 'file'; path: string }
  | { kind: 'env'; name: string };

/** The secret itself. Throws an Error that names the place and never the content. */
export async function secretOf(source: SecretSource): Promise<string> {
  switch (source.kind) {
    case 'value':
      return source.value;
    case 'file':
      return fileSecret(source.path);
    case 'env':
      return present(process.env[source.name], `the environment variable ${source.name}`);
    default:
      return source satisfies never;
  }
}

async function fileSecret(path: string): Promise<string> {
  const place = `the secret file ${path}`;
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${place} cannot be read (${error.code})`);
  });
  return present(text.trimEnd(), place);
}

/** An empty key would sign, and anybody could sign the same. */
function present(secret: string | undefined, place: string): string {
  if (secret === undefined || secret === '') throw new Error(`${place} holds no secret`);
  return secret;
}
