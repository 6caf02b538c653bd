// Apart from tend.cjs because an old Node cannot even parse the import() below.
'use strict';

const { enableCompileCache } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

/** Compiled code is kept in the user's own cache folder, never in a shared temporary one. */
function cacheFolder() {
  const { XDG_CACHE_HOME, HOME } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'tend', 'compiled');
  return HOME ? join(HOME, '.cache', 'tend', 'compiled') : undefined;
}

module.exports = function start(main) {
  const folder = process.env.NODE_COMPILE_CACHE ?? cacheFolder();
  if (folder !== undefined) enableCompileCache(folder);
  import(pathToFileURL(main).href).catch((error) => {
    console.error(error);
    process.exit(125);
  });
};
