/*
 * The entrypoint of the image registry: a configuration file or an option alone is for the registry, anything else is a command of its own.
 * No shell script as in the official image: Debian's busybox and dash drop the variables whose names no shell can have, such as
 * REGISTRY_HTTP_HEADERS_Access-Control-Allow-Origin, and the registry is configured by those.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int ends_with(const char *text, const char *end) {
  size_t length = strlen(text), wanted = strlen(end);
  return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* Is it for the registry, and not a command? */
static int is_for_registry(const char *first) {
  return first[0] == '-' || strcmp(first, "serve") == 0 || strcmp(first, "garbage-collect") == 0 || strcmp(first, "help") == 0;
}

int main(int count, char **arguments) {
  char *command[count + 3];
  int length = 0;
  const char *first = count > 1 ? arguments[1] : "";
  if (count < 2 || is_for_registry(first) || ends_with(first, ".yml") || ends_with(first, ".yaml")) command[length++] = "registry";
  if (ends_with(first, ".yml") || ends_with(first, ".yaml")) command[length++] = "serve";
  for (int index = 1; index < count; index++) command[length++] = arguments[index];
  command[length] = NULL;
  execvp(command[0], command);
  fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
  return errno == ENOENT ? 127 : 126;
}
