/* What the client must know of a Dockerfile's text: which lines an error is about, and what its syntax line asks for. */
#include "build.h"
#include <ctype.h>

/* One instruction: `word` and what follows on its first line. */
struct instruction {
  char word[16], *rest;
  int first, last;
};

/* A reader of instructions; knows continued lines, comments and heredocs. */
struct reader {
  const char *at;
  int line;
  char escape;
  struct instruction now;
};

static char *next_line(struct reader *reader) {
  if (!*reader->at) return NULL;
  size_t length = strcspn(reader->at, "\n");
  char *line = need(strndup(reader->at, length));
  reader->at += length + (reader->at[length] == '\n');
  reader->line++;
  while (length && (line[length - 1] == '\r' || line[length - 1] == ' ' || line[length - 1] == '\t')) line[--length] = 0;
  return line;
}

static char *skip_blanks(char *at) { return at + strspn(at, " \t"); }

/* Reads on to the end of each heredoc that `line` starts. */
static void skip_heredocs(struct reader *reader, const char *line) {
  for (const char *at = line; (at = strstr(at, "<<"));) {
    at += 2;
    if (*at == '<') {
      at += strspn(at, "<");
      continue;
    }
    int strips = *at == '-';
    at += strips;
    char quote = *at == '"' || *at == '\'' ? *at++ : 0;
    size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    if (!length || isdigit((unsigned char)*at) || (quote && at[length] != quote)) continue;
    char *end = need(strndup(at, length)), *text;
    while ((text = next_line(reader))) {
      int ends = !strcmp(strips ? text + strspn(text, "\t") : text, end);
      free(text);
      if (ends) break;
    }
    free(end);
  }
}

static int next_instruction(struct reader *reader) {
  char *line;
  while ((line = next_line(reader))) {
    char *at = skip_blanks(line);
    if (*at && *at != '#') break;
    char *value = *at == '#' ? strcasestr(at, "escape") : NULL;
    if (value && (value = strchr(value, '=')) && value[1 + strspn(value + 1, " \t")] == '`') reader->escape = '`';
    free(line);
  }
  if (!line) return 0;
  struct instruction *now = &reader->now;
  char *at = skip_blanks(line);
  size_t length = strcspn(at, " \t");
  snprintf(now->word, sizeof now->word, "%.*s", (int)length, at);
  free(now->rest);
  now->rest = need(strdup(skip_blanks(at + length)));
  now->first = now->last = reader->line;
  int heredocs = !strcasecmp(now->word, "RUN") || !strcasecmp(now->word, "COPY") || !strcasecmp(now->word, "ADD");
  while (*line && line[strlen(line) - 1] == reader->escape) {
    char *more = next_line(reader), *start = more ? skip_blanks(more) : NULL;
    if (!more) break;
    now->last = reader->line;
    int goes_on = !*start || *start == '#';
    if (goes_on) free(more);
    else {
      char *both;
      line[strlen(line) - 1] = 0;
      if (asprintf(&both, "%s%s", line, more) < 0) die("out of memory");
      free(line);
      free(more);
      line = both;
    }
  }
  if (heredocs) skip_heredocs(reader, line);
  now->last = reader->line;
  free(line);
  return 1;
}

static int is_step(const char *word) {
  return !strcasecmp(word, "RUN") || !strcasecmp(word, "COPY") || !strcasecmp(word, "ADD") || !strcasecmp(word, "WORKDIR");
}

/* The image of a FROM, and the stage's name or "". */
static void read_from(const char *rest, char *image, char *name, size_t room) {
  char *copy = need(strdup(rest)), *save = NULL, *word = strtok_r(copy, " \t", &save);
  while (word && !strncmp(word, "--", 2)) word = strtok_r(NULL, " \t", &save);
  snprintf(image, room, "%s", word ? word : "");
  word = strtok_r(NULL, " \t", &save);
  if (word && !strcasecmp(word, "as")) word = strtok_r(NULL, " \t", &save);
  else word = NULL;
  snprintf(name, room, "%s", word ? word : "");
  for (char *at = name; *at; at++) *at = tolower((unsigned char)*at);
  free(copy);
}

int find_step(const char *dockerfile, const char *stage, int index, int *first, int *last) {
  struct reader reader = {.at = dockerfile, .escape = '\\'};
  int number = -1, steps = 0, ours = 0, total = 0;
  char image[256], name[256], stages[64][256];
  while (next_instruction(&reader)) {
    if (!strcasecmp(reader.now.word, "FROM")) {
      number++;
      read_from(reader.now.rest, image, name, sizeof image);
      if (!*name) snprintf(name, sizeof name, "stage-%d", number);
      ours = !*stage || !strcmp(stage, name);
      /* A stage that starts at another one, or at nothing, has no step for its FROM. */
      steps = strcmp(image, "scratch") != 0;
      for (int i = 0; i < total; i++)
        if (!strcasecmp(stages[i], image)) steps = 0;
      if (total < 64) strcpy(stages[total++], name);
      if (ours && steps && index == 1) {
        *first = reader.now.first;
        *last = reader.now.last;
        return 1;
      }
    } else if (ours && is_step(reader.now.word) && ++steps == index) {
      *first = reader.now.first;
      *last = reader.now.last;
      return 1;
    }
  }
  return 0;
}

/* Whether `image`, in full, may be what `name` says in short. */
static int may_be(const char *image, const char *name) {
  size_t length = strcspn(name, " \t,");
  char *given = need(strndup(name, length));
  const char *at = strstr(image, given);
  int found = length && at && (!at[length] || at[length] == ':' || at[length] == '@');
  free(given);
  return found;
}

int find_from(const char *dockerfile, const char *image, int *first, int *last) {
  struct reader reader = {.at = dockerfile, .escape = '\\'};
  char here[256], name[256];
  while (next_instruction(&reader)) {
    int is_from = !strcasecmp(reader.now.word, "FROM");
    const char *copied = is_from ? NULL : strstr(reader.now.rest, "from=");
    if (is_from) read_from(reader.now.rest, here, name, sizeof here);
    /* A name made of arguments may be any. */
    if (is_from ? strchr(here, '$') || may_be(image, here) : copied && may_be(image, copied + 5)) {
      *first = reader.now.first;
      *last = reader.now.last;
      return 1;
    }
  }
  return 0;
}

/* Directives are comments `# key=value` before anything else; a new string or NULL. */
char *syntax_of(const char *dockerfile) {
  const char *at = strncmp(dockerfile, "\xef\xbb\xbf", 3) ? dockerfile : dockerfile + 3;
  while (*at == '#') {
    const char *key = at + 1 + strspn(at + 1, " \t"), *equals = key + strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    const char *value = equals + strspn(equals, " \t");
    if (*value != '=') return NULL;
    value += 1 + strspn(value + 1, " \t");
    if (equals - key == 6 && !strncasecmp(key, "syntax", 6)) return need(strndup(value, strcspn(value, " \t\r\n")));
    if (equals - key != 6 || strncasecmp(key, "escape", 6)) return NULL;
    at += strcspn(at, "\n");
    at += *at == '\n';
  }
  return NULL;
}

/* The platform that some FROM names and that this machine is not; NULL when there is none. */
char *foreign_platform(const char *dockerfile) {
  struct reader reader = {.at = dockerfile, .escape = '\\'};
  while (next_instruction(&reader)) {
    if (strcasecmp(reader.now.word, "FROM") || strncmp(reader.now.rest, "--platform=", 11)) continue;
    const char *value = reader.now.rest + 11;
    char *platform = need(strndup(value, strcspn(value, " \t")));
    if (!strchr(platform, '$') && !strstr(platform, "386")) return platform;
    free(platform);
  }
  return NULL;
}

void print_excerpt(const char *dockerfile, const char *name, int first, int last) {
  int total = 1, line = 1;
  for (const char *at = dockerfile; *at; at++) total += *at == '\n';
  int from = first, to = last < total ? last : total, room = first == last ? 4 : 2;
  if (first < 1 || first > total) return;
  for (int shown = 0; shown < room; shown++) {
    if (from > 1) from--, shown++;
    if (to < total) to++, shown++;
  }
  fprintf(stderr, "%s:%d\n--------------------\n", name, first);
  for (const char *at = dockerfile; line <= to; line++) {
    size_t length = strcspn(at, "\n");
    int shown = length && at[length - 1] == '\r' ? length - 1 : length;
    if (line >= from) fprintf(stderr, " %3d | %s %.*s\n", line, line >= first && line <= last ? ">>>" : "   ", shown, at);
    at += length + (at[length] == '\n');
  }
  fprintf(stderr, "--------------------\n");
}
