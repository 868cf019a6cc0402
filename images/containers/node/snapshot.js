// What the start-up snapshot of node holds beside node itself: the built-in modules that most programs need and that may be in one (http may not).
const { startupSnapshot } = require('v8');

const common = ['assert', 'buffer', 'crypto', 'dns', 'events', 'fs', 'fs/promises', 'os', 'path', 'querystring', 'stream'];
common.push('stream/promises', 'string_decoder', 'timers', 'timers/promises', 'url', 'util');
// Node 18 does not start rightly with these: with zlib in it npm ends with a segmentation fault, of the others it says that they may not be there.
const later = ['diagnostics_channel', 'net', 'zlib'];
const names = process.version.startsWith('v18.') ? common : [...common, ...later];
for (const name of names) require(name);

// Programs see only the options that they were started with (see node.c).
startupSnapshot.addDeserializeCallback(() => {
  process.execArgv = process.execArgv.filter(option => option !== '--snapshot-blob=/usr/local/lib/node/start.blob');
});
