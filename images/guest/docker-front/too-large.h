/*
 * `docker save` and `docker export` into /workspace: that folder is the page's, where one file may have MAX_FILE_BYTES (the builder says how many).
 * What is larger fails only when that much was written, after a minute or more. So the engine is asked for the size first, and a learner hears
 * at once where to write instead. Where anything is not as expected docker does what was typed.
 */
#include <libgen.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/vfs.h>

#define ENGINE "/var/run/docker.sock"
#define ENGINE_SECONDS 20
/* What the page's file system says it is (statfs). */
#define WORKSPACE_MAGIC 0x01021997
#define MEGABYTE (1024 * 1024)

/* The value of a number field that JSON in `file` has first; 0: there is none. A text in JSON cannot hold the field's quotes and colon as they are. */
static unsigned long long number_in(FILE *file, const char *field) {
  size_t length = strlen(field), matched = 0;
  int sign;
  while ((sign = getc(file)) != EOF) {
    if (matched == length) {
      unsigned long long value = 0;
      if (sign < '0' || sign > '9') {
        matched = sign == field[0];
        continue;
      }
      for (; sign >= '0' && sign <= '9'; sign = getc(file)) value = value * 10 + (sign - '0');
      return value;
    }
    matched = sign == field[matched] ? matched + 1 : sign == field[0];
  }
  return 0;
}

/* Asks the engine at `path`, in HTTP/1.0: the answer then comes whole, up to the connection's end. */
static unsigned long long ask_engine(const char *path, const char *field) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = ENGINE};
  struct timeval patience = {.tv_sec = ENGINE_SECONDS};
  unsigned long long value = 0;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  FILE *answer = fdopen(fd, "r");
  if (answer && !connect(fd, (struct sockaddr *)&address, sizeof address) && dprintf(fd, "GET %s HTTP/1.0\r\n\r\n", path) > 0)
    value = number_in(answer, field);
  if (answer) fclose(answer);
  else close(fd);
  return value;
}

/* How many bytes there are at the least: those of the largest, since images may share layers. */
static unsigned long long size_of(char **names, int count, int is_export) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@";
  unsigned long long largest = 0;
  for (int i = 0; i < count; i++) {
    char path[600];
    if (names[i][strspn(names[i], plain)] != 0) continue;
    const char *format = is_export ? "/containers/%s/json?size=1" : "/images/%s/json";
    if (snprintf(path, sizeof path, format, names[i]) >= (int)sizeof path) continue;
    unsigned long long size = ask_engine(path, is_export ? "\"SizeRootFs\":" : "\"Size\":");
    if (size > largest) largest = size;
  }
  return largest;
}

/* Finds the file that is written: `target` (standard output where it is NULL). Gives its name without folders where it lies in the page's file system. */
static const char *workspace_file(const char *target) {
  static char path[PATH_MAX], folder[PATH_MAX];
  struct statfs system;
  struct stat status;
  if (!target) {
    ssize_t length = readlink("/proc/self/fd/1", path, sizeof path - 1);
    if (length <= 0 || fstat(1, &status) || !S_ISREG(status.st_mode) || fstatfs(1, &system)) return NULL;
    path[length] = 0;
  } else {
    if (strlen(target) >= sizeof path) return NULL;
    strcpy(path, target);
    strcpy(folder, target);
    if (statfs(path, &system) && statfs(dirname(folder), &system)) return NULL;
  }
  return system.f_type == WORKSPACE_MAGIC ? basename(path) : NULL;
}

static void say_names(char **names, int count) {
  for (int i = 0; i < count; i++) fprintf(stderr, " %s", names[i]);
}

/* /root is on the disk, /tmp in memory. */
static void say_too_large(const char *name, unsigned long long bytes, const char *command, char **names, int count) {
  unsigned long long megabytes = (bytes + MEGABYTE - 1) / MEGABYTE;
  fprintf(stderr, "%s would have at least %llu MB, and a file in /workspace can have %d MB at most. Write it elsewhere in this machine:\n  docker %s -o /root/%s", name,
          megabytes, MAX_FILE_BYTES / MEGABYTE, command, name);
  say_names(names, count);
  if (bytes < MAX_WORKSPACE_BYTES) {
    fprintf(stderr, "\nTo take it to your own computer, write it in parts, download them, and join them there (cat %s.* > %s):\n  docker %s", name, name, command);
    say_names(names, count);
    fprintf(stderr, " | split -b %dm - /workspace/%s.\n", MAX_FILE_BYTES / MEGABYTE - 2, name);
  } else fprintf(stderr, "\nIt is larger than all of /workspace, too (%d MB): its parts do not fit there together either.\n", MAX_WORKSPACE_BYTES / MEGABYTE);
}

/* Whether the command writes to /workspace what is too large for it; that is then told. */
static int is_too_large(int argc, char **argv) {
  int at = 1;
  if (argc > 2 && (!strcmp(argv[1], "image") || !strcmp(argv[1], "container"))) at = 2;
  int is_save = !strcmp(argv[at], "save") && strcmp(argv[1], "container");
  int is_export = !strcmp(argv[at], "export") && strcmp(argv[1], "image");
  if (!(is_save || is_export) || getenv("DOCKER_HOST") || getenv("DOCKER_CONTEXT")) return 0;
  const char *target = NULL, *name;
  char **names = malloc(argc * sizeof *names);
  int count = 0;
  if (!names) return 0;
  for (int i = at + 1; i < argc; i++) {
    if (!strcmp(argv[i], "-o") || !strcmp(argv[i], "--output")) target = i + 1 < argc ? argv[++i] : NULL;
    else if (!strncmp(argv[i], "--output=", 9)) target = argv[i] + 9;
    else if (!strncmp(argv[i], "-o", 2)) target = argv[i] + (argv[i][2] == '=' ? 3 : 2);
    else if (argv[i][0] != '-') names[count++] = argv[i];
  }
  name = count ? workspace_file(target) : NULL;
  unsigned long long bytes = name ? size_of(names, count, is_export) : 0;
  if (bytes <= MAX_FILE_BYTES) return 0;
  say_too_large(name, bytes, is_save ? "save" : "export", names, count);
  return 1;
}
