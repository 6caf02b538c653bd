/**
 * Writes the JSON Schemas of the configuration files into docs, for editors to check and complete them.
 * `--check` writes nothing and fails when one is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema, personSchema, projectSchema } from '../src/daemon/config-schema.ts';
import { batchJsonSchema } from '../src/interfaces/cli/batch-schema.ts';

const DOCS = join(import.meta.dirname, '../docs');
const SCHEMAS = {
  'config.schema.json': jsonSchema(personSchema, 'config.toml of tend'),
  'batch.schema.json': batchJsonSchema(),
  'project-config.schema.json': jsonSchema(projectSchema, '.tend.toml, a project of tend'),
};

for (const [name, schema] of Object.entries(SCHEMAS)) {
  const path = join(DOCS, name);
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
  } else if (text !== readFileSync(path, 'utf8')) {
    console.error(`docs/${name} is out of date; run: node scripts/config-schema.ts`);
    process.exitCode = 1;
  }
}
