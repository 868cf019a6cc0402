/*
 * /usr/local/bin/docker: Debian's docker command, without one notice.
 * Docker 26's command line prints a paragraph about the classic builder's future before every `docker build` that is not
 * done by BuildKit. Drydock builds with the classic builder on purpose (README, "What differs"), so that paragraph would
 * only confuse a beginner. Every command but a build is exec'd as it is; for a build, standard error passes through here
 * and the paragraph, if it comes first, is dropped. Nothing else is touched.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answers.h"

#define DOCKER "/usr/bin/docker"
static const char notice[] = "DEPRECATED: The legacy builder is deprecated";

static int is_build(int argc, char **argv) {
  return (argc > 1 && !strcmp(argv[1], "build")) ||
         (argc > 2 && (!strcmp(argv[1], "image") || !strcmp(argv[1], "builder")) && !strcmp(argv[2], "build"));
}

static void pass(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = write(2, bytes, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    bytes += n;
    length -= n;
  }
}

/* Copies what comes from `from` to standard error, less the notice: it ends with an empty line. */
static void filter(int from) {
  static char start[4096];
  size_t have = 0, known = sizeof notice - 1;
  int decided = 0;
  ssize_t n;
  while ((n = read(from, start + have, sizeof start - have)) > 0 || (n < 0 && errno == EINTR)) {
    if (n < 0) continue;
    have += n;
    if (!decided) {
      if (memcmp(start, notice, have < known ? have : known) == 0) {
        char *end = memmem(start, have, "\n\n", 2);
        if (!end && have < sizeof start) continue;
        size_t cut = end ? (size_t)(end + 2 - start) : 0;
        memmove(start, start + cut, have - cut);
        have -= cut;
      }
      decided = 1;
    }
    pass(start, have);
    have = 0;
  }
  pass(start, have);
}

int main(int argc, char **argv) {
  int pipes[2];
  if (answer(argc, argv)) return 1;
  /* The client is a short-lived Go program: it need not collect garbage before it has used 96 MiB. */
  setenv("GOGC", "off", 0);
  setenv("GOMEMLIMIT", "96MiB", 0);
  if (!is_build(argc, argv) || pipe2(pipes, O_CLOEXEC)) {
    execv(DOCKER, argv);
    return 127;
  }
  pid_t child = fork();
  if (child == 0) {
    setenv("DOCKER_BUILDKIT", "0", 1);
    dup2(pipes[1], 2);
    execv(DOCKER, argv);
    _exit(127);
  }
  close(pipes[1]);
  /* Ctrl+C reaches docker too, as part of the terminal's group: wait for what it makes of it. */
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  filter(pipes[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
