/*
 * /usr/local/bin/docker: Debian's docker command, with our client for builds.
 * `docker build` and its other names are BuildKit's: build-client does them at a tenth of what Docker's plugin costs. With DOCKER_BUILDKIT=0
 * they are the classic builder's. Docker 26's command line prints a paragraph about that builder's future before each of its builds, and
 * before `builder prune`: for those, standard error passes through here and the paragraph, if it comes first, is dropped.
 * Every other command is exec'd as it is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answers.h"
#include "too-large.h"

#define DOCKER "/usr/bin/docker"
#define BUILD_CLIENT "/usr/lib/drydock/build-client"
static const char notice[] = "DEPRECATED: The legacy builder is deprecated";

/* Whether arguments `at` and following are these words. */
static int says(char **at, const char *first, const char *second) {
  return at[0] && !strcmp(at[0], first) && (!second || (at[1] && !strcmp(at[1], second)));
}

/* How many words ask for a build; 0: it is something else. */
static int build_words(char **at) {
  if (says(at, "build", NULL)) return 1;
  int two = says(at, "image", "build") || says(at, "builder", "build") || says(at, "buildx", "build") || says(at, "buildx", "b");
  return two ? 2 : 0;
}

/* DOCKER_BUILDKIT as the docker command reads it: a word that is no boolean is that command's to refuse. */
static int wants_classic(void) {
  const char *value = getenv("DOCKER_BUILDKIT");
  return value && *value && !(!strcmp(value, "1") || !strcasecmp(value, "true") || !strcasecmp(value, "t"));
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
  int pipes[2], words = argc > 1 ? build_words(argv + 1) : 0, classic = wants_classic();
  if (answer(argc, argv) || (argc > 1 && is_too_large(argc, argv))) return 1;
  /* The client is a short-lived Go program: it need not collect garbage before it has used 96 MiB. */
  setenv("GOGC", "off", 0);
  setenv("GOMEMLIMIT", "96MiB", 0);
  if (words && (!classic || !strcmp(argv[1], "buildx"))) execv(BUILD_CLIENT, argv + words);
  int prunes = argc > 2 && says(argv + 1, "builder", "prune");
  if (!(words || prunes) || pipe2(pipes, O_CLOEXEC)) {
    execv(DOCKER, argv);
    return 127;
  }
  pid_t child = fork();
  if (child == 0) {
    /* The plugin's `prune` would cost ten times as much; a value that is no boolean is left for docker to refuse. */
    if (prunes) setenv("DOCKER_BUILDKIT", "0", 1);
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
