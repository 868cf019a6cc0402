/* What a build is made from: the Dockerfile, the ignore file, and the folder as a tar. */
#include "build.h"
#include <dirent.h>
#include <sys/stat.h>
#include <limits.h>

/* The name under which a Dockerfile is sent that is not in the context, or that the ignore file leaves out. */
#define ADDED_NAME ".dockerfile.of-this-build"
#define BLOCK 512

static int read_whole(int fd, struct text *to) {
  char bytes[65536];
  ssize_t n;
  while ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0) add_bytes(to, bytes, n);
  if (n == 0) add_bytes(to, "", 0);
  return n == 0;
}

static int read_path(const char *path, struct text *to) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  int whole = fd >= 0 && read_whole(fd, to);
  int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
  return whole;
}

static int is_archive(const struct text *input) {
  const char *at = input->at;
  if (input->length > 2 && (!memcmp(at, "\x1f\x8b\x08", 3) || !memcmp(at, "BZh", 3))) return 1;
  if (input->length > 5 && !memcmp(at, "\xfd" "7zXZ", 5)) return 1;
  return input->length >= BLOCK && !memcmp(at + 257, "ustar", 5);
}

static char *joined(const char *folder, const char *name) {
  char *made;
  if (asprintf(&made, "%s/%s", folder, name) < 0) die("out of memory");
  return made;
}

/* The Dockerfile's path below the folder; NULL when it is elsewhere. */
static const char *below(const char *folder, const char *file) {
  static char folder_path[PATH_MAX], file_path[PATH_MAX];
  if (!realpath(folder, folder_path) || !realpath(file, file_path)) return NULL;
  size_t length = strlen(folder_path);
  if (length == 1) return file_path + 1;
  return !strncmp(file_path, folder_path, length) && file_path[length] == '/' ? file_path + length + 1 : NULL;
}

static void read_ignore_file(struct context *context, const char *file) {
  char *own = NULL;
  if (file && asprintf(&own, "%s.dockerignore", file) < 0) die("out of memory");
  const char *slash = own ? strrchr(own, '/') : NULL;
  context->ignore_name = ".dockerignore";
  if (own && read_path(own, &context->ignore)) {
    context->has_ignore = 1;
    context->ignore_name = slash ? slash + 1 : own;
    return;
  }
  char *common = joined(context->folder, ".dockerignore");
  context->has_ignore = read_path(common, &context->ignore);
  if (!context->has_ignore && errno != ENOENT) die("failed to read %s: %s", common, strerror(errno));
  free(common);
}

static void read_input(struct context *context, const struct options *options) {
  if (!read_whole(0, &context->input)) die("failed to read standard input: %s", strerror(errno));
  context->shown_name = context->sent_name = (char *)(options->file ? options->file : "Dockerfile");
  if (is_archive(&context->input)) return;
  if (!context->input.length) die("failed to solve: the Dockerfile on standard input cannot be empty");
  if (options->file && strcmp(options->file, "-")) die("ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles");
  context->dockerfile = context->input;
  context->shown_name = context->sent_name = "Dockerfile";
  context->added = 1;
}

void read_context(struct context *context, const struct options *options) {
  struct stat facts;
  if (!strcmp(options->context, "-")) {
    if (options->file && !strcmp(options->file, "-")) die("invalid argument: can't use stdin for both build context and dockerfile");
    read_input(context, options);
    return;
  }
  context->folder = options->context;
  if (stat(options->context, &facts)) die("unable to prepare context: path \"%s\" not found", options->context);
  if (!S_ISDIR(facts.st_mode)) die("unable to prepare context: path \"%s\" is no folder: give the folder, and the Dockerfile with -f", options->context);
  char *file = options->file ? need(strdup(options->file)) : joined(options->context, "Dockerfile");
  if (options->file && !strcmp(options->file, "-")) {
    if (!read_whole(0, &context->dockerfile)) die("failed to read the Dockerfile from standard input: %s", strerror(errno));
    context->shown_name = "Dockerfile";
    context->sent_name = ADDED_NAME;
    context->added = 1;
    read_ignore_file(context, NULL);
  } else {
    context->shown_name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    if (!read_path(file, &context->dockerfile)) {
      char *lower = joined(options->context, "dockerfile");
      if (options->file || errno != ENOENT || !read_path(lower, &context->dockerfile)) {
        die("failed to solve: failed to read dockerfile: open %s: %s", context->shown_name,
            errno == ENOENT ? "no such file or directory" : strerror(errno));
      }
      file = lower;
    }
    const char *inside = below(options->context, file);
    read_ignore_file(context, file);
    struct ignore *ignore = context->has_ignore ? parse_ignore(context->ignore.at) : NULL;
    context->added = !inside || is_ignored(ignore, inside);
    context->sent_name = context->added ? ADDED_NAME : need(strdup(inside));
  }
  if (!context->dockerfile.length) die("failed to solve: the Dockerfile (%s) cannot be empty", context->shown_name);
}

int copies_everything(const struct context *context) {
  char *copy = need(strdup(context->dockerfile.at)), *save = NULL;
  int found = 0;
  for (char *line = strtok_r(copy, "\n", &save); line && !found; line = strtok_r(NULL, "\n", &save)) {
    char *rest = NULL;
    char *word = strtok_r(line, " \t\r[\",", &rest);
    if (word && !strcasecmp(word, "ONBUILD")) word = strtok_r(NULL, " \t\r[\",", &rest);
    if (!word || (strcasecmp(word, "COPY") && strcasecmp(word, "ADD"))) {
      found |= word && strstr(rest ? rest : "", "type=bind") && !strstr(rest, "source=") && !strstr(rest, "src=");
      continue;
    }
    while ((word = strtok_r(NULL, " \t\r[\",", &rest))) {
      if (!strncmp(word, "--from", 6)) break;
      if (!strcmp(word, "\\")) found = 1;
      if (*word == '-' && word[1] == '-') continue;
      /* The last word is where to: taking it too is only ever too careful. */
      if (strpbrk(word, "*?[$")) found = 1;
      while (*word == '.' || *word == '/') word++;
      const char *next = rest;
      while (next && *next && strchr(" \t\r],\"", *next)) next++;
      if (!*word && next && *next) found = 1;
    }
  }
  free(copy);
  return found;
}

static int (*sink)(const void *, size_t);
static const struct ignore *ignoring;
static int stopped;

static void put(const void *bytes, size_t count) {
  if (!stopped && !sink(bytes, count)) stopped = 1;
}

static void pad(uint64_t size) {
  static const char zeros[BLOCK];
  if (size % BLOCK) put(zeros, BLOCK - size % BLOCK);
}

static void put_header(const char *name, char type, const struct stat *facts, uint64_t size, const char *link) {
  char header[BLOCK] = {0};
  size_t length = strlen(name), link_length = strlen(link);
  if (length > 100) {
    put_header("././@LongLink", 'L', facts, length + 1, "");
    put(name, length + 1);
    pad(length + 1);
  }
  if (link_length > 100) {
    put_header("././@LongLink", 'K', facts, link_length + 1, "");
    put(link, link_length + 1);
    pad(link_length + 1);
  }
  memcpy(header, name, length > 100 ? 100 : length);
  sprintf(header + 100, "%07o", (unsigned)facts->st_mode & 07777);
  sprintf(header + 108, "%07o", 0);
  sprintf(header + 116, "%07o", 0);
  sprintf(header + 124, "%011llo", (unsigned long long)size);
  sprintf(header + 136, "%011llo", (unsigned long long)(facts->st_mtime > 0 ? facts->st_mtime : 0));
  header[156] = type;
  memcpy(header + 157, link, link_length > 100 ? 100 : link_length);
  memcpy(header + 257, "ustar  ", 8);
  memset(header + 148, ' ', 8);
  unsigned sum = 0;
  for (int i = 0; i < BLOCK; i++) sum += (unsigned char)header[i];
  sprintf(header + 148, "%06o", sum);
  header[155] = ' ';
  put(header, BLOCK);
}

static void put_file(const char *path, const char *name, const struct stat *facts) {
  static char bytes[65536];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die("failed to read %s: %s", path, strerror(errno));
  put_header(name, '0', facts, facts->st_size, "");
  for (uint64_t left = facts->st_size; left && !stopped;) {
    ssize_t n = read(fd, bytes, left < sizeof bytes ? left : sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) die("%s became shorter while it was read", path);
    put(bytes, n);
    left -= n;
  }
  close(fd);
  pad(facts->st_size);
}

static int no_dots(const struct dirent *entry) { return strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."); }

static int by_bytes(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void put_folder(const char *folder, const char *prefix) {
  struct dirent **entries;
  int count = scandir(folder, &entries, no_dots, by_bytes);
  if (count < 0) die("failed to read %s: %s", folder, strerror(errno));
  for (int i = 0; i < count && !stopped; i++) {
    struct stat facts;
    char *path = joined(folder, entries[i]->d_name), *name = *prefix ? joined(prefix, entries[i]->d_name) : need(strdup(entries[i]->d_name));
    if (lstat(path, &facts)) die("failed to read %s: %s", path, strerror(errno));
    int ignored = is_ignored(ignoring, name);
    if (S_ISDIR(facts.st_mode)) {
      char *with_slash;
      if (asprintf(&with_slash, "%s/", name) < 0) die("out of memory");
      if (!ignored) put_header(with_slash, '5', &facts, 0, "");
      if (!ignored || may_readmit(ignoring)) put_folder(path, name);
      free(with_slash);
    } else if (!ignored && S_ISREG(facts.st_mode)) {
      put_file(path, name, &facts);
    } else if (!ignored && S_ISFIFO(facts.st_mode)) {
      put_header(name, '6', &facts, 0, "");
    } else if (!ignored && S_ISLNK(facts.st_mode)) {
      char target[PATH_MAX];
      ssize_t n = readlink(path, target, sizeof target - 1);
      if (n < 0) die("failed to read %s: %s", path, strerror(errno));
      target[n] = 0;
      put_header(name, '2', &facts, 0, target);
    }
    free(path);
    free(name);
    free(entries[i]);
  }
  free(entries);
}

void send_context(const struct context *context, int (*send)(const void *, size_t)) {
  static const char end[BLOCK * 2];
  sink = send;
  if (!context->folder && !context->added) {
    put(context->input.at, context->input.length);
    return;
  }
  if (context->added) {
    struct stat facts = {.st_mode = 0644};
    put_header(context->sent_name, '0', &facts, context->dockerfile.length, "");
    put(context->dockerfile.at, context->dockerfile.length);
    pad(context->dockerfile.length);
  }
  if (context->folder) {
    ignoring = context->has_ignore ? parse_ignore(context->ignore.at) : NULL;
    put_folder(context->folder, "");
  }
  put(end, sizeof end);
}
