// Loaded before each command: an error that says all by itself is shown without where in the code it came from.
process.on('uncaughtException', error => {
  console.error(error?.name === 'PlainError' ? error.message : error);
  process.exit(1);
});
