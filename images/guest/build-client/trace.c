/*
 * What the engine's BuildKit says while it builds: lines `moby.buildkit.trace` of the response, each a StatusResponse of
 * moby.buildkit.v1 (its control.proto: vertexes 1, statuses 2, logs 3, warnings 4) in protobuf and base64.
 */
#include "build.h"

struct vertex **vertexes, **listed;
int vertex_count, listed_count;

struct field {
  int number;
  uint64_t value;       /* a varint */
  const uint8_t *bytes; /* or bytes */
  size_t length;
};

static uint64_t varint(const uint8_t **at, const uint8_t *end) {
  uint64_t value = 0;
  for (int shift = 0; *at < end && shift < 64; shift += 7) {
    uint8_t byte = *(*at)++;
    value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) break;
  }
  return value;
}

static int next_field(const uint8_t **at, const uint8_t *end, struct field *field) {
  if (*at >= end) return 0;
  uint64_t key = varint(at, end);
  memset(field, 0, sizeof *field);
  field->number = key >> 3;
  switch (key & 7) {
    case 0: field->value = varint(at, end); return 1;
    case 1: *at += 8; return *at <= end;
    case 5: *at += 4; return *at <= end;
    case 2:
      field->length = varint(at, end);
      if (field->length > (size_t)(end - *at)) return 0;
      field->bytes = *at;
      *at += field->length;
      return 1;
  }
  return 0;
}

#define EACH_FIELD(of, count) \
  struct field field; \
  for (const uint8_t *at = of, *end = of + (count); next_field(&at, end, &field);)

static char *copied(const struct field *field) { return need(strndup((const char *)field->bytes, field->length)); }

static double stamp_of(const struct field *whole) {
  double time = 0;
  EACH_FIELD(whole->bytes, whole->length) {
    if (field.number == 1) time += field.value;
    if (field.number == 2) time += field.value / 1e9;
  }
  return time;
}

static struct vertex *vertex_of(const char *digest) {
  for (int i = 0; i < vertex_count; i++)
    if (!strcmp(vertexes[i]->digest, digest)) return vertexes[i];
  return NULL;
}

static struct vertex *new_vertex(const char *digest, const char *name) {
  struct vertex *made = need(calloc(1, sizeof *made));
  made->digest = need(strdup(digest));
  made->name = need(strdup(name));
  vertexes = need(realloc(vertexes, (vertex_count + 1) * sizeof *vertexes));
  return vertexes[vertex_count++] = made;
}

static void list(struct vertex *vertex) {
  if (vertex->listed || vertex->hidden) return;
  vertex->listed = 1;
  listed = need(realloc(listed, (listed_count + 1) * sizeof *listed));
  listed[listed_count++] = vertex;
}

/* An i686 computes with more digits than it stores: equal times differ by less than a microsecond. */
static int is_same_time(double one, double other) { return one - other < 1e-6 && other - one < 1e-6; }

static void set_interval(struct vertex *vertex, double start, double stop) {
  int i = 0;
  while (i < vertex->interval_count && !is_same_time(vertex->intervals[i].start, start)) i++;
  if (i == vertex->interval_count) {
    vertex->intervals = need(realloc(vertex->intervals, (i + 1) * sizeof *vertex->intervals));
    vertex->interval_count++;
  }
  vertex->intervals[i] = (struct interval){start, stop};
}

double vertex_stop(const struct vertex *vertex) {
  double stop = vertex->interval_count ? 1 : 0;
  for (int i = 0; i < vertex->interval_count && stop; i++) {
    if (!vertex->intervals[i].stop) return 0;
    if (vertex->intervals[i].stop > stop) stop = vertex->intervals[i].stop;
  }
  return stop;
}

double vertex_time(const struct vertex *vertex) {
  double sum = 0, upto = 0;
  for (int i = 0; i < vertex->interval_count; i++) {
    double start = vertex->intervals[i].start, stop = vertex->intervals[i].stop;
    if (!stop) stop = now();
    if (start < upto) start = upto;
    if (stop > start) sum += stop - start;
    if (stop > upto) upto = stop;
  }
  return sum;
}

struct vertex *own_vertex(const char *name, double start) {
  struct vertex *made = new_vertex(name, name);
  set_interval(made, start, 0);
  made->dirty = 1;
  list(made);
  return made;
}

void end_vertex(struct vertex *vertex, double stop) {
  vertex->intervals[0].stop = stop;
  vertex->dirty = 1;
}

static struct status *status_of(struct vertex *vertex, const char *id) {
  for (int i = 0; i < vertex->status_count; i++)
    if (!strcmp(vertex->statuses[i].id, id)) return &vertex->statuses[i];
  vertex->statuses = need(realloc(vertex->statuses, (vertex->status_count + 1) * sizeof *vertex->statuses));
  struct status *made = &vertex->statuses[vertex->status_count++];
  *made = (struct status){.id = need(strdup(id))};
  return made;
}

void own_status(struct vertex *vertex, const char *id, int64_t current, double start, double stop) {
  struct status *status = status_of(vertex, id);
  status->current = current;
  status->started = start;
  status->completed = status->stamp = stop;
  status->dirty = vertex->dirty = 1;
}

static void take_vertex(const struct field *whole) {
  char *digest = NULL, *name = NULL, *error = NULL, *group = NULL, *group_name = NULL;
  double started = 0, completed = 0;
  int cached = 0;
  EACH_FIELD(whole->bytes, whole->length) {
    if (field.number == 1) digest = copied(&field);
    if (field.number == 3) name = copied(&field);
    if (field.number == 4) cached = field.value != 0;
    if (field.number == 5) started = stamp_of(&field);
    if (field.number == 6) completed = stamp_of(&field);
    if (field.number == 7 && field.length) error = copied(&field);
    if (field.number == 8) {
      const struct field progress = field;
      EACH_FIELD(progress.bytes, progress.length) {
        if (field.number == 1) group = copied(&field);
        if (field.number == 2) group_name = copied(&field);
      }
    }
  }
  if (!digest || !name) return;
  struct vertex *vertex = vertex_of(group ? group : digest);
  if (!vertex) vertex = new_vertex(group ? group : digest, group_name ? group_name : name);
  if (group && !vertex_of(digest)) {
    struct vertex *part = new_vertex(digest, name);
    part->group = group;
    part->hidden = 1;
  }
  /* How the engine takes in what we send: the client shows that as its own step, as Docker's does. */
  if (!error && (!strcmp(vertex->name, "[internal] load remote build context") || !strcmp(vertex->name, "copy /context /"))) vertex->hidden = 1;
  else if (error) {
    vertex->error = error;
    vertex->hidden = 0;
  }
  if (started) {
    /* A group is cached when all its parts are. */
    vertex->cached = group && vertex->interval_count ? vertex->cached && cached : cached;
    set_interval(vertex, started, completed);
    vertex->dirty = 1;
    list(vertex);
  }
}

static struct vertex *shown_vertex(const struct field *field) {
  char *digest = copied(field);
  struct vertex *vertex = vertex_of(digest);
  free(digest);
  return vertex && vertex->group ? vertex_of(vertex->group) : vertex;
}

static void take_status(const struct field *whole) {
  struct vertex *vertex = NULL;
  struct status given = {0};
  EACH_FIELD(whole->bytes, whole->length) {
    if (field.number == 1) given.id = copied(&field);
    if (field.number == 2) vertex = shown_vertex(&field);
    if (field.number == 4) given.current = field.value;
    if (field.number == 5) given.total = field.value;
    if (field.number == 6) given.stamp = stamp_of(&field);
    if (field.number == 7) given.started = stamp_of(&field);
    if (field.number == 8) given.completed = stamp_of(&field);
  }
  if (!vertex || !given.id) return;
  struct status *status = status_of(vertex, given.id);
  given.printed = status->printed;
  given.printed_at = status->printed_at;
  given.was_printed = status->was_printed;
  given.dirty = 1;
  *status = given;
  vertex->dirty = 1;
}

static void add_log(struct vertex *vertex, const char *bytes, size_t length, double stamp) {
  if (vertex->screen.length > 16384) {
    size_t half = vertex->screen.length - 8192;
    memmove(vertex->screen.at, vertex->screen.at + half, 8193);
    vertex->screen.length = 8192;
  }
  add_bytes(&vertex->screen, bytes, length);
  while (length) {
    const char *end = memchr(bytes, '\n', length);
    size_t part = end ? (size_t)(end - bytes) : length;
    if (vertex->log_partial && vertex->log_count) {
      char **last = &vertex->logs[vertex->log_count - 1];
      if (asprintf(last, "%s%.*s", *last, (int)part, bytes) < 0) die("out of memory");
    } else {
      double time = vertex->interval_count ? stamp - vertex->intervals[vertex->interval_count - 1].start : 0;
      vertex->logs = need(realloc(vertex->logs, (vertex->log_count + 1) * sizeof *vertex->logs));
      if (asprintf(&vertex->logs[vertex->log_count++], "%.*f %.*s", time < 10 ? 3 : time < 100 ? 2 : 1, time, (int)part, bytes) < 0)
        die("out of memory");
    }
    vertex->log_partial = !end;
    bytes += part + (end != NULL);
    length -= part + (end != NULL);
  }
  vertex->dirty = 1;
}

static void take_log(const struct field *whole) {
  struct vertex *vertex = NULL;
  struct field message = {0};
  double stamp = 0;
  EACH_FIELD(whole->bytes, whole->length) {
    if (field.number == 1) vertex = shown_vertex(&field);
    if (field.number == 2) stamp = stamp_of(&field);
    if (field.number == 4) message = field;
  }
  if (vertex && message.length) add_log(vertex, (const char *)message.bytes, message.length, stamp);
}

static void take_warning(const struct field *whole) {
  struct vertex *vertex = NULL;
  char *words = NULL;
  EACH_FIELD(whole->bytes, whole->length) {
    if (field.number == 1) vertex = shown_vertex(&field);
    if (field.number == 3) words = copied(&field);
  }
  if (!vertex || !words) return;
  vertex->warnings = need(realloc(vertex->warnings, (vertex->warning_count + 1) * sizeof *vertex->warnings));
  vertex->warnings[vertex->warning_count++] = words;
  vertex->dirty = 1;
}

static size_t decode(const char *base64, uint8_t *to) {
  size_t count = 0;
  unsigned bits = 0, have = 0;
  for (; *base64; base64++) {
    char c = *base64;
    int value = c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
    if (value < 0) break;
    bits = bits << 6 | value;
    have += 6;
    if (have >= 8) to[count++] = bits >> (have -= 8);
  }
  return count;
}

void take_trace(const char *base64) {
  uint8_t *bytes = need(malloc(strlen(base64) + 1));
  size_t count = decode(base64, bytes);
  EACH_FIELD(bytes, count) {
    const struct field part = field;
    if (part.number == 1) take_vertex(&part);
    if (part.number == 2) take_status(&part);
    if (part.number == 3) take_log(&part);
    if (part.number == 4) take_warning(&part);
  }
  free(bytes);
}
