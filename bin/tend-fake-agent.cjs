#!/usr/bin/env node
'use strict';

const fs = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

// No compile cache, unlike tend itself: whoever this program poses as, it leaves nothing in their HOME.
const root = join(__dirname, '..');
const main = join(root, 'dist', 'interfaces', 'fake-agent', 'main.js');

function fail(message) {
  process.stderr.write('tend-fake-agent: ' + message + '\n');
  process.exit(125);
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  fail('needs Node.js 20 or newer, this is ' + process.version);
} else if (fs.existsSync(main)) {
  import(pathToFileURL(main).href).catch((error) => fail(String(error)));
} else {
  fail('this checkout is not built; in ' + root + ' run: npm ci && npm run build');
}
