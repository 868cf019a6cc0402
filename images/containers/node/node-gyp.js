#!/usr/bin/env node
// Stands where npm has node-gyp, which compiles the parts of packages that are not in JavaScript.
const name = process.env.npm_package_name ?? 'This package';
console.error(`${name} has a part that would have to be compiled, and there is no compiler in this sandbox.`);
console.error('sqlite3 is here already compiled; in the place of bcrypt, bcryptjs does the same in JavaScript.');
process.exit(1);
