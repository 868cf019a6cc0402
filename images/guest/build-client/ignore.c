/*
 * .dockerignore: one pattern a line, the last one that fits decides, `!` lets in again. A pattern that fits a folder fits all that is below it.
 * `*` and `?` do not cross a slash, `**` does. (Facts: Docker's documentation, "dockerignore file".)
 */
#include "build.h"

struct ignore {
  char **patterns; /* the first character of a pattern that lets in is '!' */
  int count, readmits;
};

/* Takes out empty parts, `.` and `..`, as filepath.Clean does; gives a new string. */
static char *clean(const char *path) {
  char *made = need(calloc(strlen(path) + 2, 1)), *copy = need(strdup(path)), *save = NULL;
  for (char *part = strtok_r(copy, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
    if (!strcmp(part, ".")) continue;
    if (!strcmp(part, "..")) {
      char *slash = strrchr(made, '/');
      *(slash ? slash : made) = 0;
      continue;
    }
    if (*made) strcat(made, "/");
    strcat(made, part);
  }
  free(copy);
  return made;
}

struct ignore *parse_ignore(const char *text) {
  struct ignore *made = need(calloc(1, sizeof *made));
  char *copy = need(strdup(text)), *save = NULL;
  if (!strncmp(copy, "\xef\xbb\xbf", 3)) memmove(copy, copy + 3, strlen(copy) - 2);
  for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
    if (*line == '#') continue;
    while (*line == ' ' || *line == '\t') line++;
    size_t length = strlen(line);
    while (length && strchr(" \t\r", line[length - 1])) line[--length] = 0;
    int not = *line == '!';
    if (not) {
      line++;
      while (*line == ' ' || *line == '\t') line++;
    }
    if (!*line) continue;
    char *path = clean(line), *pattern = NULL;
    if (!*path && !(pattern = strdup(not ? "!." : "."))) die("out of memory");
    if (!pattern && asprintf(&pattern, "%s%s", not ? "!" : "", path) < 0) die("out of memory");
    free(path);
    made->patterns = need(realloc(made->patterns, (made->count + 1) * sizeof *made->patterns));
    made->patterns[made->count++] = pattern;
    made->readmits |= not;
  }
  free(copy);
  return made;
}

/* Whether one character fits `[...]` at *pattern; moves *pattern behind it. */
static int in_class(const char **pattern, char c) {
  const char *at = *pattern + 1;
  int not = *at == '^', found = 0;
  if (not) at++;
  while (*at && *at != ']') {
    if (*at == '\\' && at[1]) at++;
    char low = *at++, high = low;
    if (*at == '-' && at[1] && at[1] != ']') {
      high = at[1];
      at += 2;
    }
    if (c >= low && c <= high) found = 1;
  }
  *pattern = *at ? at + 1 : at;
  return found != not && c != '/';
}

static int fits(const char *pattern, const char *path) {
  while (*pattern) {
    if (pattern[0] == '*' && pattern[1] == '*') {
      pattern += 2;
      if (*pattern == '/') pattern++;
      if (!*pattern) return 1;
      for (const char *at = path;; at++) {
        if ((at == path || at[-1] == '/' || pattern[-1] == '*') && fits(pattern, at)) return 1;
        if (!*at) return 0;
      }
    }
    if (*pattern == '*') {
      pattern++;
      for (;; path++) {
        if (fits(pattern, path)) return 1;
        if (!*path || *path == '/') return 0;
      }
    }
    if (!*path) return 0;
    if (*pattern == '?') {
      if (*path == '/') return 0;
      pattern++;
    } else if (*pattern == '[') {
      if (!in_class(&pattern, *path)) return 0;
    } else {
      if (*pattern == '\\' && pattern[1]) pattern++;
      if (*pattern != *path) return 0;
      pattern++;
    }
    path++;
  }
  return !*path;
}

/* A pattern fits a path when it fits it or a folder above it. */
static int fits_somewhere(const char *pattern, const char *path) {
  if (!strcmp(pattern, ".") || fits(pattern, path)) return 1;
  char *copy = need(strdup(path)), *slash;
  int found = 0;
  while (!found && (slash = strrchr(copy, '/'))) {
    *slash = 0;
    found = fits(pattern, copy);
  }
  free(copy);
  return found;
}

int is_ignored(const struct ignore *ignore, const char *path) {
  int ignored = 0;
  for (int i = 0; ignore && i < ignore->count; i++) {
    const char *pattern = ignore->patterns[i];
    int not = *pattern == '!';
    if (not == ignored && fits_somewhere(pattern + not, path)) ignored = !not;
  }
  return ignored;
}

int may_readmit(const struct ignore *ignore) { return ignore && ignore->readmits; }
