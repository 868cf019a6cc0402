/*
 * /usr/lib/drydock/crun: what dockerd calls as its runtime, and BuildKit as /usr/bin/runc. It runs Debian's /usr/bin/crun with the same arguments, and does two things more.
 *
 * Before a container is created it points one hook of the container's config.json to a program that does the same with a thousandth of the
 * instructions: see set-key.c. A config.json that does not look as expected stays as it is, and so does the hook then.
 *
 * And it tells a command that cannot be started in the words of runc: those are what learners find elsewhere, and what Docker makes its
 * exit codes 126 and 127 of. What crun writes into its log, from where the shim takes it, is put in these words: see words.h. And a
 * command that is there but cannot run, a script whose interpreter is missing above all, gets as far as with runc: the container starts,
 * and then says so: see command.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json.h"

#include "command.h"
#include "words.h"

#define CRUN "/usr/bin/crun"
#define CONFIG "/config.json"
/* What runc puts before the errors of an exec. */
#define EXEC_FAILED "exec failed: "
#define CANNOT_RUN "/usr/lib/drydock/cannot-run"
/* In the container: /dev is a file system of its own there, so nothing of this is left in the image. */
#define CANNOT_RUN_INSIDE "/dev/cannot-run"

static const char hook_start[] = "\"path\":\"/proc/", hook_end[] = "/exe\",\"args\":[\"libnetwork-setkey\"";
static const char our_hook[] = "\"path\":\"/usr/lib/drydock/set-key\",\"args\":[\"libnetwork-setkey\"";
static const char devices[] = "{\"destination\":\"/dev\",\"type\":\"tmpfs\"";
static const char our_mount[] = ",{\"destination\":\"" CANNOT_RUN_INSIDE "\",\"type\":\"bind\",\"source\":\"" CANNOT_RUN "\",\"options\":[\"bind\",\"ro\"]}";

/* Where a piece of a text is replaced. */
struct edit {
  char *start, *end;
  const char *text;
};

/* Puts a whole new file in the place of another: who reads it sees the one or the other. */
static void write_file(const char *path, char *text, size_t length, const struct edit *edits, int count) {
  char temporary[4096], *at = text;
  if (strlen(path) + 5 > sizeof temporary) return;
  strcat(strcpy(temporary, path), ".new");
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), whole = fd >= 0;
  for (int i = 0; i <= count && whole; i++) {
    size_t before = (i < count ? edits[i].start : text + length) - at, inserted = i < count ? strlen(edits[i].text) : 0;
    whole = write(fd, at, before) == (ssize_t)before && (inserted == 0 || write(fd, edits[i].text, inserted) == (ssize_t)inserted);
    if (i < count) at = edits[i].end;
  }
  if (fd >= 0) close(fd);
  if (!whole || rename(temporary, path)) unlink(temporary);
}

/* The hook that dockerd wants to do itself, started anew. */
static int find_hook(char *text, struct edit *edit) {
  char *start = strstr(text, hook_start), *end = start ? start + sizeof hook_start - 1 : NULL;
  while (end && *end >= '0' && *end <= '9') end++;
  if (!end || strncmp(end, hook_end, sizeof hook_end - 1)) return 0;
  *edit = (struct edit){start, end + sizeof hook_end - 1, our_hook};
  return 1;
}

/* Has the container run a program that says what is the matter with its command, where something is. */
static int find_fault(char *text, struct edit edits[2], char *arguments, size_t size) {
  char command[PATH_SIZE], *args = strstr(text, "\"args\":[");
  /* Our program is mounted right after the folder that it lies in. */
  char *end = args ? end_of(args, ']') : NULL, *mounted = end ? end_of(strstr(end, devices), '}') : NULL;
  const char *fault = mounted ? fault_of_command(text, command) : NULL;
  if (!fault || strpbrk(command, "\"\\")) return 0;
  if (snprintf(arguments, size, "\"args\":[\"" CANNOT_RUN_INSIDE "\",\"%s\",\"%s\"", command, fault) >= (int)size) return 0;
  edits[0] = (struct edit){args, end, arguments};
  edits[1] = (struct edit){mounted + 1, mounted + 1, our_mount};
  return 2;
}

static void mend_config(const char *bundle) {
  char path[PATH_SIZE], arguments[PATH_SIZE + 200];
  struct edit edits[3];
  size_t length;
  int count = 0;
  if (strlen(bundle) + sizeof CONFIG > sizeof path) return;
  strcat(strcpy(path, bundle), CONFIG);
  char *text = read_file(path, &length);
  if (!text) return;
  count += find_fault(text, edits, arguments, sizeof arguments);
  /* Edits stand in the order of the text: hooks come last. */
  if (find_hook(text, &edits[count])) count++;
  if (count > 0) write_file(path, text, length, edits, count);
}

/* Looks at the command of a `docker exec` before it is started; says what is the matter with it, where something is. The container's process
   is named in a file beside the log. */
static int is_refused(const char *process, const char *log) {
  char path[PATH_SIZE], root[64], command[PATH_SIZE], words[PATH_SIZE + 64];
  size_t length;
  const char *slash = strrchr(log, '/');
  if (!slash || snprintf(path, sizeof path, "%.*s/init.pid", (int)(slash - log), log) >= (int)sizeof path) return 0;
  char *pid = read_file(path, &length), *text = read_file(process, &length);
  if (!pid || !text || snprintf(root, sizeof root, "/proc/%d/root", atoi(pid)) >= (int)sizeof root) return 0;
  running_root = root;
  const char *fault = fault_of_command(text, command);
  if (!fault || snprintf(words, sizeof words, "exec %s: %s", command, fault) >= (int)sizeof words) return 0;
  add_error(log, EXEC_FAILED, words);
  return 1;
}

/* Runs crun to its end; gives how it ended. */
static int run_crun(char **argv) {
  int status = 0;
  pid_t parent = getpid(), child = vfork();
  if (child == 0) {
    /* Who gives up on us shall not leave it behind. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) execv(CRUN, argv);
    _exit(127);
  }
  if (child < 0) return 1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv) {
  int creates = 0, runs = 0;
  const char *log = NULL;
  for (int i = 1; i < argc; i++) {
    if (!runs && !strcmp(argv[i], "--log") && i + 1 < argc) log = argv[++i];
    else if (!runs && !strcmp(argv[i], "create")) creates = runs = 1;
    /* BuildKit's containers are made by `run`, and it reads what crun itself says. */
    else if (!runs && !strcmp(argv[i], "run")) creates = 1;
    else if (!runs && !strcmp(argv[i], "exec")) runs = 1;
    else if (creates && !strcmp(argv[i], "--bundle") && i + 1 < argc) mend_config(argv[i + 1]);
    else if (runs && !creates && log && !strcmp(argv[i], "--process") && i + 1 < argc && is_refused(argv[i + 1], log)) return 1;
  }
  argv[0] = CRUN;
  if (!runs || !log) {
    execv(CRUN, argv);
    return 127;
  }
  int code = run_crun(argv);
  if (code != 0) put_into_words(log, creates ? "" : EXEC_FAILED);
  return code;
}
