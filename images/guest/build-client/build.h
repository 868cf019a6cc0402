/* /usr/lib/drydock/build-client: what `docker build` is here. See main.c. */
#ifndef BUILD_H
#define BUILD_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes that grow; always with a zero behind them. */
struct text {
  char *at;
  size_t length, room;
};
void add_bytes(struct text *to, const void *bytes, size_t count);
void add(struct text *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A string as JSON, with its quotes. */
void add_json(struct text *to, const char *value);
/* A part of a URL's query. */
void add_escaped(struct text *to, const char *value);
/* Says `ERROR: ...` and ends with 1. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void *need(void *pointer);
double now(void);

struct options {
  struct text query;      /* of POST /build, less `dockerfile` */
  const char *file, *context, *platform, *progress, *iidfile, *target;
  const char *tag;        /* the first */
  int tags, quiet;
};

/* What is sent: made by read_context. */
struct context {
  const char *folder;     /* NULL: standard input's bytes */
  struct text input;      /* a tar from standard input, or its first bytes */
  struct text dockerfile; /* its bytes */
  char *shown_name;       /* as messages name it */
  char *sent_name;        /* its path in the tar */
  int added;              /* the Dockerfile is put into the tar by us: it is outside the context, or ignored */
  struct text ignore;     /* the ignore file's bytes */
  int has_ignore;
  const char *ignore_name;
};
void read_context(struct context *context, const struct options *options);
/* Whether a COPY or ADD might see a Dockerfile that is no part of the context. */
int copies_everything(const struct context *context);
/* Gives the tar piece by piece to `send`, until that says no. */
void send_context(const struct context *context, int (*send)(const void *bytes, size_t count));

/* .dockerignore */
struct ignore;
struct ignore *parse_ignore(const char *text);
int is_ignored(const struct ignore *ignore, const char *path);
/* Whether a path below an ignored folder might be let in again. */
int may_readmit(const struct ignore *ignore);

/* The Dockerfile, as far as a client must know it. */
/* The lines of step `index` of the stage that BuildKit calls `stage` ("" when there is one only). */
int find_step(const char *dockerfile, const char *stage, int index, int *first, int *last);
/* The instruction that names `image`: a FROM, or a COPY from it. */
int find_from(const char *dockerfile, const char *image, int *first, int *last);
char *syntax_of(const char *dockerfile);
char *foreign_platform(const char *dockerfile);
void print_excerpt(const char *dockerfile, const char *name, int first, int last);

/* HTTP over the engine's socket. */
int connect_engine(void);
void start_request(int fd, const char *method, const char *target, int chunked);
int send_chunk(const void *bytes, size_t count);
/* Reads the response; gives each line to `line`. `idle` is called now and then; gives the status, 0 when the connection broke. */
int read_response(int fd, void (*line)(char *line), void (*idle)(void), struct text *error_body);

/* The state of the build. */
struct interval {
  double start, stop; /* 0: not yet */
};
struct status {
  char *id;
  int64_t current, total;
  double stamp, started, completed, printed_at;
  int64_t printed;
  int dirty, was_printed;
};
struct vertex {
  char *digest, *name, *error, *group;
  int cached, hidden, listed, dirty, index;
  struct interval *intervals;
  int interval_count;
  struct status *statuses;
  int status_count;
  char **warnings;
  int warning_count, warnings_printed;
  char **logs; /* lines with their time */
  int log_count, logs_printed, log_partial, log_open;
  struct text screen;   /* the last bytes of the log, for the tty */
  double last_update;
};
extern struct vertex **vertexes; /* all, in the order they became known */
extern int vertex_count;
extern struct vertex **listed; /* those that have started, in that order */
extern int listed_count;
struct vertex *own_vertex(const char *name, double start);
void own_status(struct vertex *vertex, const char *id, int64_t current, double start, double stop);
void end_vertex(struct vertex *vertex, double stop);
void take_trace(const char *base64);
double vertex_stop(const struct vertex *vertex);
double vertex_time(const struct vertex *vertex);

int is_canceled(const struct vertex *vertex);

/* What is shown. */
enum display { QUIET, PLAIN, TTY };
void start_display(enum display mode);
void update_display(int final);
void format_bytes(char *to, size_t room, int64_t count);
#endif
