/*
 * The node command: Debian's libnode, started from a snapshot.
 *
 * Debian builds node without the start-up snapshot that it has elsewhere, so each start sets up every part of it anew: half of what a small program costs.
 * This program does what Debian's own does, calls node::Start, and names there a snapshot that was made when the image was built. It does so only for the
 * options below, of which it was seen that they do the same with it; any other option, and NODE_OPTIONS, starts node without. snapshot.js takes the name out
 * of process.execArgv again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* node::Start(int, char**) */
int node_start(int, char **) __asm__("_ZN4node5StartEiPPc");

#define SNAPSHOT "/usr/local/lib/node/start.blob"
#define OPTION "--snapshot-blob=" SNAPSHOT

/* Options that are one word; those of `with_value` take the next one too. */
static const char *const alone[] = {"-i", "--interactive", "--no-warnings", "--trace-warnings", "--trace-uncaught", "--enable-source-maps",
                                    "--no-deprecation", "--trace-deprecation", "--throw-deprecation", "--preserve-symlinks", NULL};
static const char *const with_value[] = {"-e", "--eval", "-p", "--print", "-pe", "-r", "--require", NULL};
static const char *const with_equals[] = {"--require=", "--input-type=", "--env-file=", "--unhandled-rejections=", NULL};

static int is_one_of(const char *const *words, const char *word) {
  for (; *words != NULL; words++)
    if (strcmp(*words, word) == 0) return 1;
  return 0;
}

static int begins_as_one_of(const char *const *words, const char *word) {
  for (; *words != NULL; words++)
    if (strncmp(*words, word, strlen(*words)) == 0) return 1;
  return 0;
}

/* Whether all that stands before the script is known. */
static int is_usual(int count, char **words) {
  const char *options = getenv("NODE_OPTIONS");
  if (options != NULL && *options != '\0') return 0;
  for (int i = 1; i < count; i++) {
    if (words[i][0] != '-' || strcmp(words[i], "-") == 0 || strcmp(words[i], "--") == 0) return 1;
    if (is_one_of(with_value, words[i])) i++;
    else if (!is_one_of(alone, words[i]) && !begins_as_one_of(with_equals, words[i])) return 0;
  }
  return 1;
}

int main(int count, char **words) {
  /* As Debian's: what is printed appears at once. */
  setvbuf(stdout, NULL, _IONBF, 0);
  setvbuf(stderr, NULL, _IONBF, 0);
  if (count < 1 || !is_usual(count, words) || access(SNAPSHOT, R_OK) != 0) return node_start(count, words);
  char **more = malloc((count + 2) * sizeof *more);
  if (more == NULL) return node_start(count, words);
  more[0] = words[0];
  more[1] = OPTION;
  memcpy(more + 2, words + 1, count * sizeof *more);
  if (count == 1) {
    /* libuv finds the room for process.title between the first word and the end of the last: they lie in one piece, as the kernel puts them. */
    size_t length = strlen(words[0]) + 1;
    char *together = malloc(length + sizeof OPTION);
    if (together == NULL) return node_start(count, words);
    memcpy(together, words[0], length);
    memcpy(together + length, OPTION, sizeof OPTION);
    more[0] = together;
    more[1] = together + length;
  }
  return node_start(count + 1, more);
}
