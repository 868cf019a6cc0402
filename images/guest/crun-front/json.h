/* Just enough of JSON: what Go's encoder writes, without white space. A quote inside a string is always escaped there, so that `"name":` is never text. */

#define PATH_SIZE 4096

/* Reads a whole file and a zero behind it; NULL when that does not work. */
static char *read_file(const char *path, size_t *length) {
  struct stat facts;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  char *text = fstat(fd, &facts) ? NULL : calloc(facts.st_size + 1, 1);
  int whole = text && read(fd, text, facts.st_size) == facts.st_size;
  close(fd);
  if (!whole) return NULL;
  *length = facts.st_size;
  return text;
}

/* Reads the string that begins behind its quote at `at`; gives where it ends, or NULL where it is too long or has an escape that stands for no ASCII character. */
static char *read_string(char *at, char *to, size_t size) {
  size_t used = 0;
  while (at && *at && *at != '"') {
    char read = *at++;
    if (read == '\\') {
      char kind = *at++;
      unsigned code = 0;
      if (kind == 'u') {
        if (sscanf(at, "%4x", &code) != 1 || code == 0 || code > 127) return NULL;
        at += 4;
        read = (char)code;
      } else read = kind == 'n' ? '\n' : kind == 't' ? '\t' : kind == 'r' ? '\r' : kind == 'b' ? '\b' : kind == 'f' ? '\f' : kind;
    }
    if (used + 1 >= size) return NULL;
    to[used++] = read;
  }
  if (!at || !*at) return NULL;
  to[used] = 0;
  return at + 1;
}

/* Where the list or object ends that `at` is in: its `closing`, outside of strings. What is in it must have no such part itself. */
static char *end_of(char *at, char closing) {
  int in_string = 0;
  for (; at && *at; at++) {
    if (in_string && *at == '\\' && at[1]) at++;
    else if (*at == '"') in_string = !in_string;
    else if (!in_string && *at == closing) return at;
  }
  return NULL;
}

/* The string that follows `name` in `text`. */
static int string_after(char *text, const char *name, char *to, size_t size) {
  char *at = text ? strstr(text, name) : NULL;
  return at && read_string(at + strlen(name), to, size) != NULL;
}
