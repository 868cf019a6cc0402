/* Text that grows, and how an error is said. */
#include "build.h"
#include <time.h>

void *need(void *pointer) {
  if (!pointer) die("out of memory");
  return pointer;
}

void add_bytes(struct text *to, const void *bytes, size_t count) {
  if (to->length + count + 1 > to->room) {
    to->room = (to->length + count + 1) * 2;
    to->at = need(realloc(to->at, to->room));
  }
  memcpy(to->at + to->length, bytes, count);
  to->length += count;
  to->at[to->length] = 0;
}

void add(struct text *to, const char *format, ...) {
  va_list list;
  char *made;
  va_start(list, format);
  int length = vasprintf(&made, format, list);
  va_end(list);
  if (length < 0) die("out of memory");
  add_bytes(to, made, length);
  free(made);
}

void add_json(struct text *to, const char *value) {
  add_bytes(to, "\"", 1);
  for (const char *at = value; *at; at++) {
    if (*at == '"' || *at == '\\') add(to, "\\%c", *at);
    else if ((unsigned char)*at < 32) add(to, "\\u%04x", *at);
    else add_bytes(to, at, 1);
  }
  add_bytes(to, "\"", 1);
}

void add_escaped(struct text *to, const char *value) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  for (; *value; value++) {
    if (strchr(plain, *value)) add_bytes(to, value, 1);
    else add(to, "%%%02X", (unsigned char)*value);
  }
}

void die(const char *format, ...) {
  va_list list;
  va_start(list, format);
  fputs("ERROR: ", stderr);
  vfprintf(stderr, format, list);
  fputc('\n', stderr);
  va_end(list);
  exit(1);
}

double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}
