/*
 * Says again, in runc's words, why a command could not be started. crun writes its errors into a log, a line of JSON each, and the shim takes
 * the last of them: so a line is added. What is not about the command stays in crun's words.
 */

/* The name between the backquotes of crun's message. */
static int quoted(const char *message, char *name, size_t size) {
  const char *start = strchr(message, '`'), *end = start ? strchr(start + 1, '`') : NULL;
  if (!end || (size_t)(end - start) > size) return 0;
  memcpy(name, start + 1, end - start - 1);
  name[end - start - 1] = 0;
  /* Of `./run.sh` crun says `/app/./run.sh`. */
  char *typed = strstr(name, "/./");
  if (typed) memmove(name, typed + 1, strlen(typed));
  return 1;
}

static int in_runcs_words(const char *message, char *to, size_t size) {
  char name[PATH_SIZE];
  if (!quoted(message, name, sizeof name)) return 0;
  if (!strncmp(message, "executable file `", 17))
    return strchr(name, '/') ? snprintf(to, size, "exec: \"%s\": stat %s: no such file or directory", name, name)
                             : snprintf(to, size, "exec: \"%s\": executable file not found in $PATH", name);
  if (strstr(message, "exists but it is not executable")) return snprintf(to, size, "exec: \"%s\": permission denied", name);
  if (strstr(message, "is not a regular file")) return snprintf(to, size, "exec: \"%s\": is a directory", name);
  if (!strncmp(message, "cannot open `", 13) && strstr(message, "Permission denied")) return snprintf(to, size, "exec: \"%s\": permission denied", name);
  if (!strncmp(message, "exec ", 5) && strstr(message, "No such file or directory")) return snprintf(to, size, "exec %s: no such file or directory", name);
  if (!strncmp(message, "exec ", 5) && strstr(message, "Exec format error")) return snprintf(to, size, "exec %s: exec format error", name);
  return 0;
}

/* The last error in the log, as text. */
static int last_error(char *log, char *message, size_t size) {
  char *last = NULL;
  for (char *at = log; (at = strstr(at, "\"msg\":")); at++) last = at;
  char *start = last ? last + sizeof "\"msg\":" - 1 : NULL;
  while (start && *start == ' ') start++;
  return start && *start == '"' && read_string(start + 1, message, size) != NULL;
}

static void add_error(const char *log, const char *before, const char *words) {
  FILE *file = fopen(log, "ae");
  if (!file) return;
  fprintf(file, "{\"level\":\"error\",\"msg\":\"%sunable to start container process: ", before);
  for (const char *at = words; *at; at++) {
    if (*at == '"' || *at == '\\') fprintf(file, "\\%c", *at);
    else if ((unsigned char)*at < 32) fprintf(file, "\\u%04x", *at);
    else fputc(*at, file);
  }
  fprintf(file, "\",\"time\":\"2026-01-01T00:00:00Z\"}\n");
  fclose(file);
}

/* Adds what crun wrote last, said as runc says it; `before` stands before it. */
static void put_into_words(const char *log, const char *before) {
  char message[2 * PATH_SIZE], words[3 * PATH_SIZE];
  size_t length;
  char *text = read_file(log, &length);
  if (text && last_error(text, message, sizeof message) && in_runcs_words(message, words, sizeof words) > 0) add_error(log, before, words);
}
