/*
 * /usr/lib/drydock/crun: what dockerd calls as its runtime, and BuildKit as /usr/bin/runc. It runs Debian's /usr/bin/crun with the same arguments; before a container
 * is created it points one hook of the container's config.json to a program that does the same with a thousandth of the
 * instructions: see set-key.c. A config.json that does not look as expected stays as it is, and so does the hook then.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CRUN "/usr/bin/crun"
#define CONFIG "/config.json"

static const char hook_start[] = "\"path\":\"/proc/", hook_end[] = "/exe\",\"args\":[\"libnetwork-setkey\"";
static const char our_hook[] = "\"path\":\"/usr/lib/drydock/set-key\",\"args\":[\"libnetwork-setkey\"";

/* Reads a whole file and a zero behind it; NULL when that does not work. */
static char *read_file(const char *path, size_t *length) {
  struct stat facts;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &facts)) return NULL;
  char *text = calloc(facts.st_size + 1, 1);
  int whole = text && read(fd, text, facts.st_size) == facts.st_size;
  close(fd);
  *length = facts.st_size;
  return whole ? text : NULL;
}

/* Puts a whole new file in the place of another: who reads it sees the one or the other. */
static void write_file(const char *path, const char *const *parts, const size_t *lengths, int count) {
  char temporary[4096];
  if (strlen(path) + 5 > sizeof temporary) return;
  strcat(strcpy(temporary, path), ".new");
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), whole = fd >= 0;
  for (int i = 0; i < count && whole; i++) whole = write(fd, parts[i], lengths[i]) == (ssize_t)lengths[i];
  if (fd >= 0) close(fd);
  if (!whole || rename(temporary, path)) unlink(temporary);
}

static void mend_hook(const char *bundle) {
  char path[4096];
  size_t length;
  if (strlen(bundle) + sizeof CONFIG > sizeof path) return;
  strcat(strcpy(path, bundle), CONFIG);
  char *text = read_file(path, &length);
  char *start = text ? strstr(text, hook_start) : NULL;
  char *end = start ? start + sizeof hook_start - 1 : NULL;
  while (end && *end >= '0' && *end <= '9') end++;
  if (!end || strncmp(end, hook_end, sizeof hook_end - 1)) return;
  end += sizeof hook_end - 1;
  const char *parts[] = {text, our_hook, end};
  size_t lengths[] = {start - text, sizeof our_hook - 1, text + length - end};
  write_file(path, parts, lengths, 3);
}

int main(int argc, char **argv) {
  /* BuildKit's containers are made by `run`, dockerd's by `create`. */
  int creates = 0;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "create") || !strcmp(argv[i], "run")) creates = 1;
    if (creates && !strcmp(argv[i], "--bundle") && i + 1 < argc) mend_hook(argv[i + 1]);
  }
  argv[0] = CRUN;
  execv(CRUN, argv);
  return 127;
}
