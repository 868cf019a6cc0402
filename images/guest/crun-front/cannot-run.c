/*
 * /usr/lib/drydock/cannot-run: what a container runs whose own command the kernel cannot run (see command.h). It says so as runc's words
 * have it, and ends with the code that Docker documents: 127 where something was not found, 126 where it could not be run.
 */
#include <string.h>
#include <unistd.h>

static void say(const char *text) {
  if (write(2, text, strlen(text)) < 0) { /* nowhere to say it */ }
}

int main(int argc, char **argv) {
  if (argc < 3) return 127;
  say("exec ");
  say(argv[1]);
  say(": ");
  say(argv[2]);
  say("\n");
  return strstr(argv[2], "no such file") ? 127 : 126;
}
